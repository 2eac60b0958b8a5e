import type { z } from 'zod';
import type { Write } from '../../platform/unit-of-work.ts';
import type { RefusalCode } from '../../standards/icao9303/refusal.ts';
import type { AuthenticatorKind, Proof } from '../assurance/index.ts';
import type { EventDetail } from '../audit/index.ts';
import type { FaceIssue, PictureFault } from '../biometrics/index.ts';

/**
 * Why an answer was not accepted: a closed union, each with a sentence in both languages. What is `wrong` never says whether
 * the account exists (abuse case 41).
 */
export type Rejection = 'wrong' | 'expired' | 'throttled' | 'disabled' | 'unknown' | 'replayed' | 'malformed' | 'busy';

/** Why a new authenticator was not bound. */
export type BindRejection =
  | Rejection
  | 'too_short'
  | 'too_long'
  | 'too_common'
  | 'own_data'
  | 'already_bound'
  | 'too_many'
  | 'step_up_needed';

/** What was wrong with a picture of a face, or with what the register has. Empty: it is not known to be this person's. */
export type FaceRefusal = readonly (FaceIssue | PictureFault | 'no_portrait')[];

/**
 * An answer to a claimant's answer. `retryAfter` (seconds) comes with `throttled` and `busy`; `refusal` says what was wrong
 * with a card and `face` with a picture, which are about those alone and tell nothing about accounts.
 */
export type Verdict<T, Reason extends string = Rejection> =
  | ({ readonly verified: true } & T)
  | {
      readonly verified: false;
      readonly reason: Reason;
      readonly retryAfter?: number;
      readonly refusal?: RefusalCode;
      readonly face?: FaceRefusal;
      /** For the journal, from an adapter to its host: codes and bands, never for a page. */
      readonly detail?: EventDetail;
      /** Written with the verdict: from an adapter to its host alone. */
      readonly settling?: readonly Write[];
    };

/** Randomness is an argument: an adapter asks for bytes and never makes them. */
export type Random = (bytes: number) => Buffer;

/** An authenticator of somebody, as its adapter knows it: the row's id and what was bound; a decoy is nobody's. */
export interface Bound<Binding> {
  readonly id: string;
  readonly subscriberId?: string;
  readonly binding: Binding;
}

/** Who binds. `ownData` are words that must not be a password: name parts, birth date, telephone and identity numbers. */
export interface SubscriberToBind {
  readonly id: string;
  /** What an authenticator app or passkey manager shows beside our name; never the identity number. */
  readonly label: string;
  readonly displayName: string;
  readonly locale: 'vi' | 'en';
  readonly phone?: string;
  /** Twelve figures: a card is bound only to the person whose number it holds. */
  readonly identityNumber?: string;
  readonly ownData: readonly string[];
}

/** What the host adds to the subscriber before an adapter sees it. */
export interface Binder extends SubscriberToBind {
  /** Stable, opaque and personal-data free (WebAuthn §14.6.1, user handle). */
  readonly handle: Buffer;
  /** True when nothing else of this account is a second factor: a password must then be long (SP 800-63B-4 §3.1.1.2). */
  readonly alone: boolean;
}

/** What a verified answer says: what was used and perhaps changed, and what the proof shows (`domain/assurance`). */
export interface Accepted<Binding> extends Pick<Proof, 'userVerified' | 'chip' | 'pad'> {
  readonly used: Bound<Binding>;
  /** For the journal: codes and hashes, never personal data. */
  readonly detail?: EventDetail;
  /** Written with the verdict. */
  readonly settling?: readonly Write[];
}

/** A code that the host sends for an adapter, in the words of `domain/notices`. */
export interface OutgoingMessage {
  readonly channel: 'sms';
  readonly to: string;
  readonly code: string;
  /** How long it is good. */
  readonly minutes: number;
  readonly locale: 'vi' | 'en';
}

/** What an adapter asks: `expected` stays with us (sealed), `request` goes to the page, `message` is sent by the host. */
export interface Challenge<Expected, Request> {
  readonly expected: Expected;
  readonly request: Request;
  readonly message?: OutgoingMessage;
}

/**
 * One kind of authenticator (design §4). An adapter decides and does nothing else: no database, no clock, no log. It has a
 * verdict for every answer that its `response` schema lets through, and throws only when it cannot decide.
 */
export interface VerificationAdapter<Binding, Expected, Request, Response, ToBind = Response> {
  readonly kind: AuthenticatorKind;
  /** The factors it proves at its best; `domain/assurance` says what they are worth. */
  readonly factors: readonly ('know' | 'have' | 'are')[];
  /** RFC 8176 values. */
  readonly amr: readonly string[];
  readonly phishingResistant: boolean;

  /** One of this kind an account (password, TOTP), or several. */
  readonly single: boolean;
  /** Whether an answer needs a challenge of ours, or stands by itself (password, TOTP). */
  readonly challenged: { readonly toBind: boolean; readonly toVerify: boolean };
  /** How long a challenge lives, seconds. */
  readonly lifetime: number;
  /** How many answers a challenge takes; 1 means that it is spent before the first answer is looked at. */
  readonly answersPerChallenge: number;
  /** Low entropy: failures are counted per authenticator and account. A key pair cannot be guessed, and counting would let anybody disable it. */
  readonly guessable: boolean;
  /** What binds is tried like what signs in: failures count against this kind of the account, then too. */
  readonly countsToBind?: true;

  readonly binding: z.ZodType<Binding>;
  readonly expected: z.ZodType<Expected>;
  readonly response: z.ZodType<Response>;
  readonly responseToBind: z.ZodType<ToBind>;

  challengeToBind(
    subscriber: Binder,
    bound: readonly Bound<Binding>[],
    random: Random,
  ): Promise<Challenge<Expected, Request>>;
  /** `ceremony` names session, act and account: the same for whoever begins it anew because what was found could not be written. */
  bind(
    expected: Expected,
    response: ToBind,
    now: Date,
    ceremony?: string,
  ): Promise<Verdict<{ binding: Binding; settling?: readonly Write[] }, BindRejection>>;
  /** `bound` is empty when nobody named an account. */
  challenge(
    bound: readonly Bound<Binding>[],
    random: Random,
    locale: 'vi' | 'en',
    holderVerified?: boolean,
  ): Promise<Challenge<Expected, Request>>;
  verify(
    bound: Bound<Binding>,
    expected: Expected,
    response: Response,
    now: Date,
    ceremony?: string,
  ): Promise<Verdict<Accepted<Binding>>>;

  /** Names the authenticator where nobody typed an identifier (discoverable passkey). */
  locate?(response: Response): string | undefined;
  /** The locator under which a binding is stored, for kinds that have one. */
  locator?(binding: Binding): string;
  /** What an account that does not exist, or lacks this kind, seems to have: the same for the same seed. It costs the same to verify and never verifies. */
  decoy(seed: Buffer): Bound<Binding>;
  /** True when an answer would be turned away at once; asked before the attempt is counted. */
  busy?(): boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: the host treats all adapters alike; the schemas guard what passes through.
export type AnyAdapter = VerificationAdapter<any, any, any, any, any>;
