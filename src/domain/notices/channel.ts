/** How a message travels. */
export type Medium = 'sms' | 'mail';

/** A message as it leaves: plain text, in the words a person reads. */
export interface OutgoingMessage {
  readonly medium: Medium;
  /** E.164, or an e-mail address. */
  readonly to: string;
  /** For mail. */
  readonly subject?: string;
  readonly text: string;
  /** Names this message for good: a second attempt carries the same one, so that the other side can tell. */
  readonly reference: string;
}

/** What came of an attempt. `retry` says whether another one could do better. */
export type Delivery =
  | { readonly delivered: true; readonly receipt?: string }
  | {
      readonly delivered: false;
      readonly retry: boolean;
      readonly reason: 'malformed' | 'refused' | 'busy' | 'unreachable';
    };

/** A way to reach people: a port with a real implementation for each medium and a simulated one for both. */
export interface MessageChannel {
  readonly name: string;
  readonly media: readonly Medium[];
  /** One attempt, bounded in time. It answers; it does not throw because the other side is away. */
  send(message: OutgoingMessage): Promise<Delivery>;
  close?(): void;
}

const recipients: Record<Medium, RegExp> = {
  sms: /^\+[1-9]\d{6,14}$/,
  // One address and nothing else: no list, no display name, no line break that would begin a header.
  mail: /^[^\s@<>,;:"\\()[\]]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i,
};
const longest: Record<Medium, number> = { sms: 700, mail: 20_000 };

/** True when a message must not leave: whoever wrote it made a mistake, or somebody tries to smuggle headers. */
export const isMalformed = (message: OutgoingMessage): boolean =>
  !recipients[message.medium].test(message.to) ||
  message.text.length === 0 ||
  message.text.length > longest[message.medium] ||
  /[^\P{Cc}\n]/u.test(message.text) ||
  /\p{Cc}/u.test(message.subject ?? '') ||
  !/^[A-Za-z0-9-]{1,100}$/.test(message.reference);

/** The answer to a malformed message, the same from every channel. */
export const MALFORMED: Delivery = { delivered: false, retry: false, reason: 'malformed' };
