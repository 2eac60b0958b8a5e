import type { ToldParty } from '../../../domain/deliveries/index.ts';
import type { Medium, MessageState } from '../../../domain/notices/index.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { AuthenticatorCard } from '../models.ts';
import type { PostForm } from '../page-parts.ts';
import type { Device } from './device.ts';

/** A session that is open somewhere. */
export interface SessionCard {
  /** Posted as `session`. */
  readonly reference: string;
  /** This browser's own. */
  readonly here: boolean;
  readonly device: Device;
  readonly startedAt: Date | null;
  readonly seenAt: Date | null;
  /** Where it is signed in to, by name. */
  readonly services: readonly string[];
}

/** The end of a session, and who was told of it. */
export interface SignOut {
  readonly at: Date;
  readonly told: readonly ToldParty[];
}

/** Sessions and devices. `endOne` posts `csrf` and `session`; `endAll` posts `csrf`. */
export interface Sessions {
  readonly sessions: readonly SessionCard[];
  readonly endOne: PostForm;
  readonly endAll: PostForm;
  /** The last ones, the newest first. */
  readonly signOuts: readonly SignOut[];
  readonly notice: Message | null;
}
export const sessionsPage = defineView<Sessions>('self-service/sessions', 'sessions.title');

/** Something that happened with the account, in plain words. */
export interface HistoryEntry {
  readonly at: Date;
  /** Key of the sentence. */
  readonly what: Message;
  /** Kinds of authenticator; their words are `way.<kind>`. */
  readonly ways: readonly string[];
  readonly device: Device | null;
  /** The service that it was about. */
  readonly service: string | null;
  /** Where "this was not me" is said; `null` where there is nothing to end. */
  readonly disownUrl: string | null;
  readonly disowned: boolean;
  readonly here: boolean;
}

/** What happened, the newest first. */
export interface History {
  readonly entries: readonly HistoryEntry[];
  readonly sentUrl: string;
  readonly olderUrl: string | null;
  readonly notice: Message | null;
}
export const historyPage = defineView<History>('self-service/history', 'history.title');

/** A message that was written to me. */
export interface SentRow {
  readonly at: Date;
  /** Key of the words of its subject. */
  readonly about: Message;
  readonly medium: Medium;
  /** Masked: enough to recognise one's own. */
  readonly to: string;
  readonly state: MessageState;
  readonly settledAt: Date | null;
  /** A code that was not sent any more, because its time was over. */
  readonly late: boolean;
}

/** What was written to me, the newest first. */
export interface Sent {
  readonly sent: readonly SentRow[];
  readonly olderUrl: string | null;
}
export const sentPage = defineView<Sent>('self-service/sent', 'sent.title');

/** "This was not me", asked once more. Button `continue` posts `csrf`. */
export interface Disown {
  /** `null` where it was reported before, and only a step-up adds anything. */
  readonly form: PostForm | null;
  readonly at: Date;
  readonly device: Device | null;
  readonly ways: readonly string[];
  /** What will be frozen; with `stepUpUrl`, what would be. */
  readonly freezes: readonly AuthenticatorCard[];
  /** What the sign-in was made with and what this session rests on too: it stays, and is better replaced. */
  readonly keeps: readonly AuthenticatorCard[];
  /** Where who reports proves enough to freeze; `null` where they have, or where there is nothing to freeze. */
  readonly stepUpUrl: string | null;
}
export const disownPage = defineView<Disown>('self-service/disown', 'disown.title');
