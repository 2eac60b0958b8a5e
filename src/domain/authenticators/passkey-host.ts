import { randomInt } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Bound } from './adapter.ts';
import { createPasskeyAdapter } from './adapters/passkey.ts';
import type { PasskeyBinding } from './adapters/passkey-wire.ts';
import { createChallenges, type IssuedChallenge } from './challenges.ts';
import { random } from './parts.ts';
import { spentChallenge } from './store.ts';
import { defaultLimits, type Limits } from './throttles/limits.ts';
import { createThrottle } from './throttles/throttle.ts';
import { giveBack, reserve } from './throttles/throttle-store.ts';

/** A passkey of somebody, as its adapter knows it. */
export type BoundPasskey = Bound<PasskeyBinding>;

/** Whose passkey is made. */
export interface PasskeyOwner {
  readonly id: string;
  /** What a passkey manager shows. */
  readonly name: string;
  /** Stable and without personal data (WebAuthn §14.6.1). */
  readonly handle: Buffer;
}

/** For the page: the sealed challenge, and what the browser is asked. */
export interface AskedForPasskey {
  readonly challengeId: string;
  readonly request: object;
}

/** `unverified`: the passkey is good, but nobody unlocked it. */
export type PasskeyVerdict<T> =
  | ({ readonly verified: true } & T)
  | {
      readonly verified: false;
      readonly reason: 'malformed' | 'expired' | 'replayed' | 'throttled' | 'wrong' | 'unverified';
      readonly retryAfter?: number;
    };

interface PasskeyAnswer {
  /** What the browser is known by: a challenge is answered where it was asked (abuse case 48). */
  readonly sessionKey: string;
  readonly challengeId: string;
  readonly response: unknown;
  readonly address: string;
}

/**
 * Passkeys of people who are no subscribers. The same adapter, challenges and counters as for subscribers, with keys of their
 * own; whoever calls keeps the passkeys. User verification is required, always.
 */
export interface PasskeyHost {
  askToBind(sessionKey: string, owner: PasskeyOwner, bound: readonly BoundPasskey[]): Promise<AskedForPasskey>;
  /** Whose challenge this is, for `askToBind`: the id of the owner; nothing when it is not ours, or too old. */
  ownerOf(sessionKey: string, challengeId: string): string | undefined;
  bind(answer: PasskeyAnswer): Promise<PasskeyVerdict<{ readonly owner: string; readonly binding: PasskeyBinding }>>;
  ask(sessionKey: string): Promise<AskedForPasskey>;
  /** `find` looks for the passkey of this credential id. Write `settled` with what the verdict changes. */
  verify<Found extends BoundPasskey>(
    answer: PasskeyAnswer,
    find: (credentialId: string) => Promise<Found | undefined>,
  ): Promise<PasskeyVerdict<{ readonly found: Found; readonly binding: PasskeyBinding; readonly settled: Write }>>;
}

/** What the host works with. */
export interface PasskeyHostParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Of its own purpose: its challenges and counters mean nothing to any other host. */
  readonly sealer: Sealer;
  readonly relyingPartyId: string;
  readonly relyingPartyName: string;
  readonly origin: string;
  readonly limits?: Limits;
}

/** A host on a database. As with the verifier of subscribers an attempt is counted and its challenge spent before it is looked at. */
export function createPasskeyHost(parts: PasskeyHostParts): PasskeyHost {
  const { database, clock, sealer, limits = defaultLimits } = parts;
  const adapter = createPasskeyAdapter(parts);
  const challenges = createChallenges(sealer);
  const throttle = createThrottle(sealer, limits, () => randomInt(16));
  const scope = (purpose: 'bind' | 'sign-in', sessionKey: string) => ({ kind: 'passkey', purpose, sessionKey });
  const issue = (purpose: 'bind' | 'sign-in', sessionKey: string, expected: unknown, account?: string): string => {
    const expiresAt = new Date(clock.now().getTime() + adapter.lifetime * 1000);
    return challenges.issue(scope(purpose, sessionKey), { expected, account, expiresAt });
  };
  const open = (purpose: 'bind' | 'sign-in', sessionKey: string, challengeId: string): IssuedChallenge | undefined => {
    const challenge = challenges.open(scope(purpose, sessionKey), challengeId);
    return challenge && challenge.expiresAt > clock.now() ? challenge : undefined;
  };

  /** Counts the attempt and spends the challenge, and commits both. */
  const begin = async (purpose: 'bind' | 'sign-in', { sessionKey, challengeId, address }: PasskeyAnswer) => {
    const challenge = open(purpose, sessionKey, challengeId);
    if (!challenge) return { verified: false, reason: 'expired' } as const;
    const counters = throttle.signature(address);
    const { refused_by, retry_after } = await reserve(database, counters, clock.now());
    if (refused_by > 0) return { verified: false, reason: 'throttled', retryAfter: retry_after } as const;
    if ((await database.execute(spentChallenge(challenge))) === 0)
      return { verified: false, reason: 'replayed' } as const;
    return {
      verified: true,
      challenge,
      expected: adapter.expected.parse(challenge.expected),
      settled: giveBack(counters, true),
    } as const;
  };

  return {
    async askToBind(sessionKey, { id, name, handle }, bound) {
      const owner = { id, label: name, displayName: name, locale: 'vi', ownData: [], handle, alone: true } as const;
      const { expected, request } = await adapter.challengeToBind(owner, bound, random);
      return { challengeId: issue('bind', sessionKey, expected, id), request };
    },

    ownerOf: (sessionKey, challengeId) => open('bind', sessionKey, challengeId)?.account,

    async bind(answer) {
      const response = adapter.responseToBind.safeParse(answer.response);
      if (!response.success) return { verified: false, reason: 'malformed' };
      const begun = await begin('bind', answer);
      if (!begun.verified) return begun;
      const verdict = await adapter.bind(begun.expected, response.data, clock.now());
      if (!verdict.verified) return { verified: false, reason: 'wrong' };
      await database.execute(begun.settled.statement);
      return { verified: true, owner: begun.challenge.account ?? '', binding: verdict.binding };
    },

    async ask(sessionKey) {
      const { expected, request } = await adapter.challenge([], random, 'vi');
      return {
        challengeId: issue('sign-in', sessionKey, expected),
        request: { ...request, userVerification: 'required' },
      };
    },

    async verify(answer, find) {
      const response = adapter.response.safeParse(answer.response);
      if (!response.success) return { verified: false, reason: 'malformed' };
      const begun = await begin('sign-in', answer);
      if (!begun.verified) return begun;
      const found = await find(response.data.id);
      if (!found) return { verified: false, reason: 'wrong' };
      const verdict = await adapter.verify(found, begun.expected, response.data, clock.now());
      if (!verdict.verified) return { verified: false, reason: 'wrong' };
      // The browser was asked for it; what it answered is looked at (WebAuthn §7.2, step 17).
      if (verdict.userVerified !== true) return { verified: false, reason: 'unverified' };
      return { verified: true, found, binding: verdict.used.binding, settled: begun.settled };
    },
  };
}
