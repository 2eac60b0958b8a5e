import type { Clock } from '../../../platform/clock.ts';
import { epochSeconds } from '../../../platform/clock.ts';
import type { Database } from '../../../platform/database.ts';
import { writeTogether } from '../../../platform/unit-of-work.ts';
import { type AccountLevelDecision, accountLevelFrom, decidedBy, type Policy } from '../../assurance/index.ts';
import type { Journal } from '../../audit/index.ts';
import type { Proofing } from '../../proofing/index.ts';
import { disbelievedBy, disbelieveRecord } from '../reproofing-store.ts';
import { ageOn, type Subscriber } from '../subscriber.ts';

export interface BelievingParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
}

/** Whose record it is: their age at its decision is part of what a policy weighs. */
export type Proofed = Pick<Subscriber, 'id' | 'birthdate'>;

class Lost extends Error {}

/**
 * A record as it is believed now, of whichever level (issue 6 §4; of level 2 the account's level goes with it, see `rechecking.ts`).
 * One whose policy was withdrawn is weighed once more by the policy in force, and names that one if it carries its level; where no row
 * does it stands for nothing, which is journalled once. A record that names no policy is weighed whenever any is withdrawn.
 */
export function createBelieving({ database, clock, journal, policy }: BelievingParts) {
  async function disbelieve(
    { id: subscriberId }: Proofed,
    { id, assurance }: Proofing,
    decision: AccountLevelDecision,
  ) {
    const by = `${decision.policy.version} ${decision.policy.hash}`;
    if ((await disbelievedBy(database, subscriberId)) === by) return;
    try {
      await writeTogether(database, [
        { statement: disbelieveRecord(subscriberId, id, by), lost: () => new Lost('somebody else was first') },
        journal.append({
          ...{ type: 'proofing.disbelieved', actor: { kind: 'system' }, subscriberId },
          detail: {
            ...{ proofing: id, ground: 'policy_withdrawn', made_by: assurance?.version ?? null },
            ...decidedBy(decision),
          },
        }),
      ]);
    } catch (error) {
      // Another request has just done the same, or the account rests on another record by now.
      if (!(error instanceof Lost)) throw error;
    }
  }

  return async (person: Proofed, record: Proofing): Promise<Proofing | undefined> => {
    const inForce = await policy();
    const made = record.assurance?.version;
    if (inForce.withdrawn.length === 0 || (made !== undefined && !inForce.withdrawn.includes(made))) return record;
    const age = Math.max(ageOn(person.birthdate, record.decidedAt), 0);
    const decision = accountLevelFrom({ ...record, age }, { policy: inForce, now: epochSeconds(clock.now()) });
    if (decision.accountLevel >= record.accountLevel)
      return {
        ...record,
        assurance: { ...decision.policy, ...(decision.row === undefined ? {} : { row: decision.row }) },
      };
    await disbelieve(person, record, decision);
    return undefined;
  };
}
