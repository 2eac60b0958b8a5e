import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { Proof } from '../assurance/index.ts';
import type { EventDetail } from '../audit/index.ts';
import type { AnyAdapter, Rejection, Verdict } from './adapter.ts';
import type { IssuedChallenge } from './challenges.ts';
import { boundOf, isReplayed, type Parts, replayed, shown } from './parts.ts';
import { rejection } from './refusal.ts';
import { NOBODY, type Reserved, type Sought, type StoredAuthenticator } from './store.ts';
import { accountKey, type Counter } from './throttles/throttle.ts';
import { giveBack } from './throttles/throttle-store.ts';
import type { Answer, Authenticator } from './types.ts';

/** A verified answer. */
export interface Verified {
  readonly subscriberId: string;
  readonly proof: Proof;
  readonly authenticator: Authenticator;
}

/** From this many failures on, the owner hears about the success that followed them (abuse case 38). */
const TELLING_FAILURES = 10;

/** One answer under way. */
interface Attempt {
  readonly adapter: AnyAdapter;
  readonly answer: Answer;
  readonly parsed: unknown;
  readonly challenge?: IssuedChallenge | undefined;
  readonly counters: readonly Counter[];
  readonly now: Date;
  readonly account?: string | undefined;
}

/**
 * The host of all adapters (design §4), in three steps: one statement counts the attempt against every throttle and spends
 * the challenge, and commits; then the adapter verifies, outside any transaction; then one statement stores what changed,
 * settles the attempt and journals. An account that does not exist goes the same way with a decoy (abuse case 41).
 */
export function createVerifier(parts: Parts) {
  const { database, store, sealer, clock } = parts;

  return async function answer(given: Answer): Promise<Verdict<Verified>> {
    const adapter: AnyAdapter = parts.catalogue[given.kind];
    const now = clock.now();
    const attempt = understand(parts, adapter, given, now);
    if (typeof attempt === 'string') return { verified: false, reason: attempt };
    // Turned away before anything is counted: nothing was looked at (abuse case 42).
    if (adapter.busy?.()) return { verified: false, reason: 'busy', retryAfter: 1 };

    const { challenge, counters } = attempt;
    const reserved = await store.reserve(database, {
      counters,
      now,
      sought: sought(attempt),
      ...(challenge && adapter.answersPerChallenge === 1 ? { spend: challenge } : {}),
    });
    if (reserved.reservation.refused_by > 0 || !reserved.fresh) {
      return rejection(parts, attempt, reserved, refusal(attempt, reserved));
    }

    const mine = ownAuthenticator(attempt, reserved);
    if (mine?.status === 'disabled') return rejection(parts, attempt, reserved, { reason: 'disabled' });
    const bound = mine
      ? boundOf(adapter, mine)
      : adapter.decoy(sealer.keyedHash(`decoy ${given.kind} ${attempt.account ?? ''}`));
    const expected = adapter.expected.parse(
      challenge ? challenge.expected : (await adapter.challenge([], parts.random, 'vi')).expected,
    );
    const ceremony = `sign-in ${attempt.account ?? ''} ${given.sessionKey}`;
    const verdict = await adapter.verify(bound, expected, attempt.parsed, now, ceremony);
    if (!verdict.verified && verdict.reason === 'busy') {
      await writeTogether(database, [giveBack(counters, false)]);
      return verdict;
    }
    if (!verdict.verified || !mine) {
      const reason: Rejection = verdict.verified || !mine ? 'wrong' : verdict.reason;
      const { refusal, face, detail, settling } = verdict.verified ? {} : verdict;
      return rejection(parts, attempt, reserved, {
        reason,
        ...(refusal ? { refusal } : {}),
        ...(face ? { face } : {}),
        ...(detail ? { detail } : {}),
        ...(settling ? { settling } : {}),
        ...(mine ? { failed: mine } : {}),
      });
    }

    const changed = verdict.used.binding !== bound.binding;
    const kept = await keep(parts, attempt, reserved, mine, {
      binding: verdict.used.binding,
      changed,
      detail: verdict.detail ?? {},
      settling: verdict.settling ?? [],
    });
    if (!kept) return rejection(parts, attempt, reserved, { reason: 'replayed' });
    const authenticator = shown({ ...mine, binding: verdict.used.binding, lastUsedAt: now });
    return {
      verified: true,
      subscriberId: mine.subscriberId,
      proof: {
        kind: given.kind,
        at: now.getTime() / 1000,
        authenticatorId: mine.id,
        ...(verdict.userVerified === undefined ? {} : { userVerified: verdict.userVerified }),
        ...(verdict.chip === undefined ? {} : { chip: verdict.chip }),
        ...(verdict.pad === undefined ? {} : { pad: verdict.pad }),
        ...(authenticator.password?.alone === false ? { short: true } : {}),
      },
      authenticator,
    };
  };
}

/** Step 0, pure: what was sent, against which counters. A rejection here has guessed nothing and costs no statement. */
function understand(parts: Parts, adapter: AnyAdapter, answer: Answer, now: Date): Attempt | Rejection {
  const response = adapter.response.safeParse(answer.response);
  if (!response.success) return 'malformed';
  const account = accountKey(answer);
  if (account === undefined && !adapter.locate) return 'unknown';
  let challenge: IssuedChallenge | undefined;
  if (adapter.challenged.toVerify) {
    const scope = { kind: answer.kind, purpose: 'sign-in' as const, sessionKey: answer.sessionKey };
    challenge = parts.challenges.open(scope, answer.challengeId ?? '');
    if (!challenge || challenge.expiresAt <= now) return 'expired';
    // Made for somebody: then it is answered for the same account, or not at all.
    if (challenge.account !== undefined && challenge.account !== account) return 'expired';
  }
  const code =
    challenge && adapter.answersPerChallenge > 1
      ? { id: challenge.hash.toString('hex'), most: adapter.answersPerChallenge, lifetime: adapter.lifetime }
      : undefined;
  const counters = adapter.guessable
    ? parts.throttle.guess(answer.kind, account ?? '', answer.address, code)
    : parts.throttle.signature(answer.address);
  return { adapter, answer, parsed: response.data, challenge, counters, now, account };
}

function sought({ adapter, answer, parsed, challenge }: Attempt): Sought {
  const locator = adapter.locate?.(parsed);
  if (locator !== undefined) return { by: 'locator', locator };
  if (challenge?.authenticatorId)
    return { by: 'id', subscriberId: answer.subscriberId ?? NOBODY, id: challenge.authenticatorId };
  if (answer.subscriberId === undefined || challenge) return { by: 'nobody' };
  return { by: 'subscriber', subscriberId: answer.subscriberId, kind: answer.kind };
}

/** What was found, if it is what was asked about: a passkey of somebody else is nobody's. */
function ownAuthenticator({ answer }: Attempt, { found }: Reserved): StoredAuthenticator | undefined {
  if (!found || found.kind !== answer.kind) return undefined;
  if (answer.subscriberId !== undefined && found.subscriberId !== answer.subscriberId) return undefined;
  return answer.subscriberId === undefined && answer.identifier !== undefined ? undefined : found;
}

function refusal(
  attempt: Attempt,
  reserved: Reserved,
): { reason: Rejection; retryAfter?: number; failed?: StoredAuthenticator } {
  const { refused_by: place, retry_after: retryAfter, first_attempts: failures } = reserved.reservation;
  const counter = attempt.counters[place - 1];
  if (!counter) return { reason: 'replayed' };
  if (counter.scope === 'code') return { reason: 'expired' };
  if ((counter.scope === 'authenticator' || counter.scope === 'face') && failures >= counter.limit.most) {
    const mine = ownAuthenticator(attempt, reserved);
    return { reason: 'disabled', ...(mine ? { failed: mine } : {}) };
  }
  return { reason: 'throttled', retryAfter };
}

/** Step 3 of a success. False when somebody else was first. */
async function keep(
  parts: Parts,
  attempt: Attempt,
  { reservation }: Reserved,
  mine: StoredAuthenticator,
  used: { binding: unknown; changed: boolean; detail: EventDetail; settling: readonly Write[] },
): Promise<boolean> {
  const { store, journal } = parts;
  const { adapter, answer, challenge, counters, now } = attempt;
  const failures = adapter.guessable ? reservation.first_attempts - 1 : 0;
  const { subscriberId, kind, name } = mine;
  const writes: Write[] = [
    store.used(mine, used.binding, used.changed, now, replayed),
    ...(challenge && adapter.answersPerChallenge > 1
      ? [store.spend(challenge.hash, challenge.expiresAt, replayed)]
      : []),
    giveBack(counters, true),
    ...used.settling,
    journal.append({
      type: 'authentication.succeeded',
      actor: { kind: 'subscriber', id: subscriberId },
      subscriberId,
      detail: { kind, authenticator: mine.id, ...(failures > 0 ? { failures } : {}), ...used.detail },
    }),
    ...(failures >= TELLING_FAILURES
      ? await parts.notify({ change: 'verified_after_failures', subscriberId, kind, name, failures })
      : []),
  ];
  if (answer.unit) {
    for (const write of writes) answer.unit.write(write);
    return true;
  }
  try {
    await writeTogether(parts.database, writes);
    return true;
  } catch (error) {
    if (isReplayed(error)) return false;
    throw error;
  }
}
