import { type Write, writeTogether } from '../../platform/unit-of-work.ts';
import type { RefusalCode } from '../../standards/icao9303/refusal.ts';
import type { EventDetail } from '../audit/index.ts';
import type { AnyAdapter, FaceRefusal, Rejection, Verdict } from './adapter.ts';
import type { Parts } from './parts.ts';
import type { Reserved, StoredAuthenticator } from './store.ts';
import type { Counter } from './throttles/throttle.ts';
import type { Answer } from './types.ts';

/** Why an answer is turned away; `failed` is the authenticator that the count is about. */
export interface Refusal {
  readonly reason: Rejection;
  readonly retryAfter?: number;
  /** What was wrong with a card. */
  readonly refusal?: RefusalCode;
  /** What was wrong with a picture of a face. */
  readonly face?: FaceRefusal;
  /** For the journal alone. */
  readonly detail?: EventDetail;
  /** Written with it. */
  readonly settling?: readonly Write[];
  readonly failed?: StoredAuthenticator;
}

/**
 * Step 3 of a rejection: the reservation stays as the failure it is, the journal tells, and after the last failure allowed
 * the authenticator is disabled (SP 800-63B-4 §3.2.2). Attempts that a throttle stops are journalled once, when it starts to
 * bite, or a flood would fill the journal.
 */
export async function rejection(
  parts: Parts,
  attempt: { readonly adapter: AnyAdapter; readonly answer: Answer; readonly counters: readonly Counter[] },
  { reservation, found }: Reserved,
  { reason, retryAfter, refusal, face, detail, settling = [], failed }: Refusal,
): Promise<Verdict<never>> {
  const { adapter, answer, counters } = attempt;
  const stopped = reservation.refused_by > 0;
  const kind = answer.kind;
  const subscriberId = answer.subscriberId ?? found?.subscriberId;
  const about = subscriberId === undefined ? {} : { subscriberId };
  const writes: Write[] = [...settling];
  if (!stopped || reservation.first_refusals === 0) {
    writes.push(
      parts.journal.append({
        type: stopped ? 'authentication.throttled' : 'authentication.failed',
        actor: { kind: 'claimant' },
        ...about,
        detail: {
          kind,
          reason,
          ...(refusal ? { refusal } : {}),
          ...detail,
          ...(stopped ? { by: counters[reservation.refused_by - 1]?.scope ?? '' } : {}),
        },
      }),
    );
  }
  const most = counters[0]?.limit.most ?? 0;
  if (failed?.status === 'active' && adapter.guessable && reservation.first_attempts >= most) {
    writes.push(
      parts.store.disable(failed),
      parts.journal.append({
        type: 'authenticator.disabled',
        actor: { kind: 'system' },
        subscriberId: failed.subscriberId,
        detail: { kind, authenticator: failed.id, failures: reservation.first_attempts },
      }),
      ...(await parts.notify({
        ...{ change: 'disabled', subscriberId: failed.subscriberId, kind, name: failed.name },
        failures: reservation.first_attempts,
      })),
    );
  }
  await writeTogether(parts.database, writes);
  return {
    verified: false,
    reason,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(refusal ? { refusal } : {}),
    ...(face ? { face } : {}),
  };
}
