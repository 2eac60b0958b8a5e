/** What is delivered: the end of a session, or a security event (RFC 8417). */
export const DELIVERY_KINDS = ['logout', 'event'] as const;

/** One of `DELIVERY_KINDS`. */
export type DeliveryKind = (typeof DELIVERY_KINDS)[number];

/** The kinds under which they wait in the outbox. */
export const LOGOUT_MESSAGE = 'backchannel_logout';
export const EVENT_MESSAGE = 'security_event';

/** `waiting`: not tried yet. `retrying`: tried, and will be again. `dead`: given up until somebody replays it. */
export const DELIVERY_STATES = ['waiting', 'retrying', 'delivered', 'dead'] as const;

/** One of `DELIVERY_STATES`. */
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One thing that one relying party's client was to be told, as the ledger has it. */
export interface DeliveryEntry {
  /** Also the key of the message in the outbox. */
  readonly id: string;
  readonly kind: DeliveryKind;
  readonly clientId: string;
  readonly subscriberId: string;
  /** The same for all clients that were told of one sign-out. */
  readonly signOut: string;
  readonly state: DeliveryState;
  readonly queuedAt: Date;
  /** Since it was queued, or replayed. */
  readonly attempts: number;
  readonly lastAttemptAt?: Date;
  /** When it is tried again; while it is `retrying`. */
  readonly nextAttemptAt?: Date;
  /** A code, never a person's data: `status 503`, `egress.too_slow`, `client_disabled`. Stays beside a later arrival. */
  readonly lastFailure?: string;
  readonly deliveredAt?: Date;
  readonly deadAt?: Date;
  readonly replays: number;
}

/** What one relying party's client is to be told. The address is not part of it: it is looked up when the message leaves. */
export interface LogoutMessage {
  readonly clientId: string;
  readonly subscriberId: string;
  /** Under which name this client knows the person. */
  readonly sub: string;
  readonly sid?: string;
  /** The withdrawn consent that this client is told of. */
  readonly withdrawal?: string;
}

/** What has happened between a person and this client, and what a token about it says beside whom it is about. */
export interface EventMessage extends Omit<LogoutMessage, 'sid'> {
  readonly event: 'consent-withdrawn' | 'account-unlinked' | 'account-purged' | 'representation-ended';
  readonly detail: Readonly<Record<string, string | number>>;
}

/** Which entries to show: newest first. */
export interface DeliveryQuery {
  readonly clientId?: string;
  readonly state?: DeliveryState;
  /** `next` of the page before; one that is none of ours finds nothing. */
  readonly before?: string;
  /** 50, and at most 200. */
  readonly limit?: number;
}

/** One page of the ledger. Without `next` it is the last. */
export interface DeliveryPage {
  readonly entries: readonly DeliveryEntry[];
  readonly next?: string;
}

/** What became of a wish to send a dead letter once more. */
export type Replay =
  | { readonly replayed: true }
  | {
      readonly replayed: false;
      /** `message_gone`: what was to be said is not kept that long. */
      readonly reason: 'unknown' | 'not_dead' | 'client_gone' | 'client_disabled' | 'message_gone';
    };
