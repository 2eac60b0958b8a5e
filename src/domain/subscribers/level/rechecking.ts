import type { Clock } from '../../../platform/clock.ts';
import { epochSeconds } from '../../../platform/clock.ts';
import type { Database } from '../../../platform/database.ts';
import { type Write, writeTogether } from '../../../platform/unit-of-work.ts';
import { accountLevelFrom, decidedBy, type Policy } from '../../assurance/index.ts';
import type { Journal } from '../../audit/index.ts';
import { proofingRecord } from '../../proofing/index.ts';
import { levelBasis, lowerLevel } from '../reproofing-store.ts';
import { ageOn, type Subscriber } from '../subscriber.ts';

export interface RecheckingParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
  /** Word to the person. Part of the same act. */
  readonly toldOf?: (person: Subscriber) => Promise<readonly Write[]>;
}

class Lost extends Error {}

/**
 * Whoever is read with level 2 has it by a policy that is still believed: issue 6 §4. Where it was withdrawn the record is weighed
 * once more, by the policy in force; what does not carry level 2 any more counts as level 1 from this very reading on, until a
 * re-proofing, and the journal says by which policy. A record that names no policy is weighed whenever any is withdrawn.
 */
export function createRechecking({ database, clock, journal, policy, toldOf }: RecheckingParts) {
  return async (found: Subscriber | undefined): Promise<Subscriber | undefined> => {
    if (found?.accountLevel !== 2 || found.state === 'closed') return found;
    const inForce = await policy();
    const { withdrawn } = inForce;
    if (withdrawn.length === 0) return found;
    const { policy: made, proofing } = await levelBasis(database, found.id);
    if (made !== null && !withdrawn.includes(made)) return found;

    const now = clock.now();
    const record = proofing === null ? undefined : await proofingRecord(database, found.id, proofing);
    // Without a record there is nothing that carries it.
    const decision = accountLevelFrom(
      {
        channel: 'remote',
        faceMatched: false,
        fingerprintsMatched: false,
        evidence: [],
        age: 0,
        ...weighed(found, record),
      },
      { policy: inForce, now: epochSeconds(now) },
    );
    if (decision.accountLevel === 2) return found;
    const lowered = await lower(found, [
      { statement: lowerLevel(found.id, now), lost: () => new Lost('somebody else was first') },
      journal.append({
        ...{ type: 'subscriber.level_changed', actor: { kind: 'system' }, subscriberId: found.id },
        detail: { from: 2, to: 1, ground: 'policy_withdrawn', made_by: made, ...decidedBy(decision) },
      }),
    ]);
    return { ...found, accountLevel: 1, reproofingRequiredSince: lowered ?? now, reproofingGround: 'policy_withdrawn' };

    async function lower(person: Subscriber, writes: readonly Write[]): Promise<Date | undefined> {
      try {
        await writeTogether(database, [...writes, ...((await toldOf?.(person)) ?? [])]);
        return now;
      } catch (error) {
        // Another request has just done the same, or a recovery has: it counts as level 1 either way.
        if (error instanceof Lost) return undefined;
        throw error;
      }
    }
  };
}

const weighed = ({ birthdate }: Subscriber, record: Awaited<ReturnType<typeof proofingRecord>>) =>
  record && { ...record, age: Math.max(ageOn(birthdate, record.decidedAt), 0) };
