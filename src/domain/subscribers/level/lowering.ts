import type { Clock } from '../../../platform/clock.ts';
import type { Write } from '../../../platform/unit-of-work.ts';
import { type Policy, referenceOf } from '../../assurance/index.ts';
import type { Actor, Journal } from '../../audit/index.ts';
import type { ContactChanges } from '../contacts.ts';
import { requireReproofing } from '../reproofing-store.ts';
import type { Subscriber } from '../subscriber.ts';
import type { Subscribers } from '../subscribers.ts';

export interface LoweringParts {
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
  /** Word to the person after a recovery. Part of the same act. */
  readonly toldOfReproofing?: (person: Subscriber) => Promise<readonly Write[]>;
}

/**
 * What makes level 2 count as 1 until a re-proofing in presence, by its ground: a recovery, and a hand-over at fourteen. Either way
 * whoever has the account now has not been seen by an officer.
 */
export function createLowering(
  { clock, journal, policy, toldOfReproofing }: LoweringParts,
  { changing }: Pick<ContactChanges, 'changing'>,
): Pick<Subscribers, 'requireReproofing' | 'takingOver'> {
  async function required(
    { id, accountLevel }: Subscriber,
    { by, ground }: { readonly by: Actor; readonly ground: 'recovery' | 'handed_over' },
  ): Promise<Write> {
    const { version, hash } = referenceOf(await policy());
    const detail = { from: accountLevel, to: 1, ground, policy: version, policy_hash: hash };
    return journal.append({ type: 'subscriber.reproofing_required', actor: by, subscriberId: id, detail });
  }

  return {
    async requireReproofing(person, by) {
      if (person.recordedLevel < 2) return [];
      return [
        { statement: requireReproofing(person.id, clock.now()) },
        await required(person, { by, ground: 'recovery' }),
        ...(person.accountLevel < 2 ? [] : ((await toldOfReproofing?.(person)) ?? [])),
      ];
    },

    async takingOver(account, phone) {
      const change = { medium: 'sms', address: phone } as const;
      if (account.recordedLevel < 2) return changing(account, change);
      return [
        // One row, and so one write of it.
        ...changing(account, change, 'handed_over'),
        await required(account, { by: { kind: 'subscriber', id: account.id }, ground: 'handed_over' }),
      ];
    },
  };
}
