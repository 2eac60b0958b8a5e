import type { Clock } from '../../platform/clock.ts';
import type { Database, Queryable } from '../../platform/database.ts';
import type { HashingPool } from '../../platform/hashing-pool.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { UnitOfWork, Write } from '../../platform/unit-of-work.ts';
import type { AuthenticatorKind, Policy, Proof } from '../assurance/index.ts';
import type { Actor, Journal } from '../audit/index.ts';
import type { FaceVerifier } from '../biometrics/index.ts';
import type { ChipExaminer } from '../proofing/index.ts';
import type { BindRejection, OutgoingMessage, SubscriberToBind, Verdict } from './adapter.ts';
import type { ChipCardBinding } from './adapters/chip-card.ts';
import type { BindableKind } from './catalogue.ts';
import type { Limits } from './throttles/limits.ts';

/** An authenticator of a subscriber, as pages show it. */
export interface Authenticator {
  readonly id: string;
  readonly kind: AuthenticatorKind;
  readonly name: string;
  readonly status: 'active' | 'disabled';
  readonly createdAt: Date;
  readonly lastUsedAt?: Date;
  readonly passkey?: {
    readonly aaguid: string;
    readonly backedUp: boolean;
    /** Cannot leave the device it was made on (BE = 0). */
    readonly deviceOnly: boolean;
    readonly transports: readonly string[];
  };
  /** `alone`: long enough to be the only factor. Otherwise ask for a second one in every sign-in (SP 800-63B-4 §3.1.1.2). */
  readonly password?: { readonly alone: boolean };
  /** Masked telephone number, `•••• 678`. */
  readonly message?: { readonly to: string };
  /** The card: the end of its number, and its last day (ISO 8601). */
  readonly card?: { readonly ending: string; readonly expiresOn: string };
  /** Recovery codes that were not used yet. */
  readonly sheet?: { readonly left: number };
}

/** Who is being asked, in which session, for what. */
export interface Opening {
  readonly kind: BindableKind;
  /** Binds challenge and answer to this interaction or session: a challenge of another one is refused (case 48). */
  readonly sessionKey: string;
  /** The account, once it is known. */
  readonly subscriberId?: string;
  /** What was typed, when no account has it: everything goes on as though one had. Leave both out for a discoverable passkey. */
  readonly identifier?: string;
  /** Which one, where an account has several telephone numbers; otherwise the first. */
  readonly authenticatorId?: string;
  /** Client address, for the message budgets. */
  readonly address?: string;
  readonly locale?: 'vi' | 'en';
  /** The device has to verify its holder (WebAuthn Level 3 §5.8.6, `required`): where nothing less counts it must not be left out. */
  readonly holderVerified?: boolean;
}

/** A challenge for the page. `challengeId` comes back with the answer; it is missing where an answer stands by itself. */
export type Begun =
  | { readonly begun: true; readonly challengeId?: string; readonly request: unknown }
  | { readonly begun: false; readonly reason: BindRejection; readonly retryAfter?: number };

/** What came back from the page. */
export interface Answer {
  readonly kind: BindableKind;
  readonly sessionKey: string;
  readonly challengeId?: string;
  readonly subscriberId?: string;
  readonly identifier?: string;
  readonly response: unknown;
  /** Client address. */
  readonly address: string;
  /** When given, a verified answer's writes join this unit and are flushed with it; a replay then throws `authenticators.replayed` there. */
  readonly unit?: Pick<UnitOfWork, 'write'>;
}

/** On what strength authenticators are changed: proofs of this session (fresh step-up), or in presence at a counter, or a first enrolment. */
export type Authority =
  /** `beginning`: what they finish now was begun with it; only from what we have sealed. */
  | { readonly by: 'subscriber'; readonly proofs: readonly Proof[]; readonly beginning?: Beginning | undefined }
  | { readonly by: 'operator'; readonly operatorId: string }
  /** A recovery of the account that has come to its end (`domain/recovery`). */
  | { readonly by: 'recovery'; readonly recoveryId: string }
  | { readonly by: 'system' };

/** The fresh proofs with which a change was begun, and when (seconds since 1970). */
export interface Beginning {
  readonly at: number;
  readonly proofs: readonly Proof[];
}

/** A change that a page begins and finishes later: in this session, of this account, and of nothing else. */
export interface ChangeBegun {
  readonly subscriberId: string;
  readonly sessionKey: string;
  /** Names the change and what it is about. */
  readonly act: string;
}

/** What a change of authenticators asks for. */
export interface StepUp {
  readonly authenticationLevel: number;
  /** A strong proof: something strong is bound, in use or not. */
  readonly strong: boolean;
  /** Not where something that it took is frozen or disabled: a recovery or the counter goes on from there. */
  readonly withinReach: boolean;
}

/** What a change of factors ends with it: asked for only when it must, and written in the statement of the change (case 35). */
export type Ending = () => Promise<readonly Write[]>;

/** An answer that binds. Without a `name` an authenticator is named by its kind, and pages show their own word for it. */
export interface Binding {
  readonly kind: BindableKind;
  readonly sessionKey: string;
  readonly challengeId?: string;
  readonly subscriber: SubscriberToBind;
  readonly authority: Authority;
  readonly response: unknown;
  readonly name?: string;
  readonly ending?: Ending;
  readonly along?: TakenAlong;
}

/** What a binding takes along in its transaction, where it ends something larger: a recovery, or the activation of an account. */
export interface TakenAlong {
  /** Ids of what was lost in a recovery: unbound with it; `ending` is then always asked. */
  readonly lost?: readonly string[];
  /** A telephone that was proven just now, bound beside a password: one factor would not do. */
  readonly phone?: string;
  /** The card that was read at a counter just now: bound beside whatever else is. */
  readonly card?: ChipCardBinding;
  /** What the larger thing itself writes; what is lost there undoes the binding. */
  readonly writes: () => Promise<readonly Write[]>;
}

/** Why an authenticator stays. */
export type UnbindRejection =
  | 'unknown'
  | 'step_up_needed'
  | 'last_one'
  | 'last_strong'
  | 'password_needs_second_factor';

/** What a notice is sent about. */
export interface AuthenticatorChange {
  readonly change: 'bound' | 'changed' | 'unbound' | 'disabled' | 'reinstated' | 'verified_after_failures';
  readonly subscriberId: string;
  readonly kind: AuthenticatorKind;
  readonly name: string;
  readonly failures?: number;
}

/** What the part needs. */
export interface AuthenticatorsOptions {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
  /** Whether the account stands, unlocked, and goes on to until the transaction ends (`domain/subscribers`). */
  readonly holdingUnlocked: (transaction: Queryable, subscriberId: string) => Promise<boolean>;
  readonly hashing: HashingPool;
  /** Whether a genuine card was present (`domain/proofing`). */
  readonly examineCard: ChipExaminer['examine'];
  /** Whether, for all that the register has reported, the number and the card that names it are its holder's (`domain/register-events`). */
  readonly stands: (identityNumber: string, documentNumber: string) => Promise<boolean>;
  /** Whether the register has reported no other passport of whoever has the account than this one. */
  readonly holdsPassport: (subscriberId: string, documentNumber: string) => Promise<boolean>;
  /** Whether it is the account's person who is in front of the camera (`domain/biometrics`). */
  readonly faces: FaceVerifier;
  /** WebAuthn RP ID, a registrable suffix of the origin's host. */
  readonly relyingPartyId: string;
  /** Shown by passkey managers and authenticator apps. */
  readonly relyingPartyName: string;
  readonly origin: string;
  readonly limits?: Partial<Limits>;
  /** Codes by message: counted against their budgets before anything is made, then queued (`domain/notices`). */
  readonly codes: {
    admit(
      message: OutgoingMessage,
      /** The account, or whatever stands for one that does not exist: both are counted alike (abuse case 41). */
      counted: { readonly account: string; readonly from?: string },
    ): Promise<{ readonly admitted: true } | { readonly admitted: false; readonly retryAfter: number }>;
    queue(message: OutgoingMessage, subscriberId?: string): readonly Write[];
  };
  /** Notices to the subscriber's confirmed addresses, in the statement of the change. */
  readonly notify?: (change: AuthenticatorChange) => Promise<readonly Write[]> | readonly Write[];
}

/** Everything that can be done with authenticators. */
export interface Authenticators {
  of(subscriberId: string): Promise<Authenticator[]>;

  begin(opening: Opening & { readonly purpose: 'sign-in' }): Promise<Begun>;
  begin(
    opening: Opening & {
      readonly purpose: 'bind';
      readonly subscriber: SubscriberToBind;
      readonly authority: Authority;
    },
  ): Promise<Begun>;

  answer(
    answer: Answer,
  ): Promise<Verdict<{ readonly subscriberId: string; readonly proof: Proof; readonly authenticator: Authenticator }>>;

  /** Binds, or changes a password. `endsOtherSessions`: what `ending` named has ended with the change (case 35). */
  bind(
    binding: Binding,
  ): Promise<Verdict<{ readonly authenticator: Authenticator; readonly endsOtherSessions: boolean }, BindRejection>>;

  /** What a page says before it is removed: whether no strong proof is left then, and why `unbind` would refuse it. */
  weighRemoval(asked: {
    readonly subscriberId: string;
    readonly accountLevel: 1 | 2;
    readonly authenticatorId: string;
  }): Promise<{ readonly lastStrong: boolean; readonly mustStay?: UnbindRejection }>;

  unbind(request: {
    readonly subscriberId: string;
    readonly accountLevel: 1 | 2;
    readonly authenticatorId: string;
    readonly authority: Authority;
    readonly ending?: Ending;
  }): Promise<
    | { readonly unbound: true; readonly endsOtherSessions: boolean }
    | { readonly unbound: false; readonly reason: UnbindRejection }
  >;

  /**
   * Unbinds everything, as writes of the transaction that they are made in: nobody binds anything until it ends, and whatever was
   * bound a moment ago is among them. For a counter, where the person binds afresh in presence.
   */
  clearing(transaction: Queryable, subscriberId: string, by: Actor): Promise<Write[]>;
  /** Word of each of them to every confirmed address, as writes: read before that transaction, which has no second connection. */
  clearingTold(subscriberId: string): Promise<Write[]>;
  /**
   * Lets go of cards, as writes of the act that closes an account: the card is its person's, who may have another account one day.
   * A passkey was made for this account alone, and leads to it still.
   */
  releasing(subscriberId: string): Promise<Write[]>;

  /** Under another name somebody else's would pass for one's own: it takes what binding and unbinding take. */
  rename(request: {
    readonly subscriberId: string;
    readonly authenticatorId: string;
    readonly name: string;
    readonly authority: Authority;
  }): Promise<
    | { readonly renamed: true }
    | { readonly renamed: false; readonly reason: 'unknown' | 'malformed' | 'step_up_needed' }
  >;

  /** Whether these proofs would allow a change of authenticators: fresh, at the highest level this account knows, strong where it can be. */
  isSteppedUp(subscriberId: string, authority: Authority): Promise<boolean>;
  /** Writes what asks for as much, if they still would and the account is not locked; otherwise answers false, and writes nothing. */
  writeSteppedUp(subscriberId: string, authority: Authority, writes: readonly Write[]): Promise<boolean>;
  /** Seals the beginning of a change into its page, good for so many seconds (`FINISH_SECONDS` at most); nothing without such proofs. */
  beginChange(
    change: ChangeBegun & { readonly authority: Authority; readonly seconds?: number },
  ): Promise<string | undefined>;
  /** With what it is finished: what was sealed, if the page brings it back, beside the proofs of now. */
  finishing(
    change: ChangeBegun & { readonly proofs: readonly Proof[]; readonly begun?: string | undefined },
  ): Authority;
  /** What such a proof has to reach. */
  stepUp(subscriberId: string): Promise<StepUp>;
  /** Takes authenticators out of use until somebody gives them back, as writes; their owner is told. */
  freeze(subscriberId: string, ids: readonly string[]): Promise<Write[]>;
  /** Gives them back, as writes, and tells their owner; one that was unbound or replaced meanwhile stays as it is. */
  reinstate(subscriberId: string, ids: readonly string[], by: Actor): Promise<Write[]>;

  /** Whether one-time codes go to this telephone. */
  codesTo(subscriberId: string, phone: string): Promise<boolean>;
  /**
   * Codes that went to the account's telephone go to its new one, as writes of that change, which tells of it; nothing where none
   * did. Whoever changes it has stepped up, and has proven that the new one is theirs.
   */
  rerouting(
    subscriberId: string,
    phones: { readonly from: string; readonly to: string },
    authority: Authority,
  ): Promise<readonly Write[]>;

  /** Puts a ready binding in place without a ceremony: seeds of the sandbox, imports. Refused by nothing but the schema. */
  install(subscriberId: string, ready: Ready): Promise<Authenticator>;

  /** Deletes what time has made useless; answers how many rows. */
  sweep(): Promise<number>;
}

/** What `install` takes. */
export type Ready =
  | { readonly kind: 'password'; readonly password: string; readonly name?: string }
  | { readonly kind: 'totp' /** Base32. */; readonly secret: string; readonly name?: string }
  | { readonly kind: 'message-otp' /** E.164. */; readonly phone: string; readonly name?: string }
  | { readonly kind: 'chip-card'; readonly card: ChipCardBinding; readonly name?: string }
  | { readonly kind: 'face'; readonly name?: string };
