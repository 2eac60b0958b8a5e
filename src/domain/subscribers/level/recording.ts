import type { Journal } from '../../audit/index.ts';
import { proofingFaults, proofingWrite } from '../../proofing/index.ts';
import { madeBy } from '../opening/registering.ts';
import { Moved } from '../opening/upgrading.ts';
import * as store from '../store.ts';
import { ageOn } from '../subscriber.ts';
import type { Subscribers } from '../subscribers.ts';

/**
 * Another proofing of an account that stands as it was read, unlocked: its level and the record that it rests on stay what they are.
 * Of level 1 alone, since what gives level 2 raises the account and unbinds everything (`upgrading`).
 */
export function createRecording({ journal }: { readonly journal: Pick<Journal, 'append'> }): Subscribers['recording'] {
  return ({ id: subscriberId, birthdate, test, updatedAt }, proofing, actor) => {
    const age = Math.max(ageOn(birthdate, proofing.decidedAt), 0);
    const faults = proofingFaults(proofing, age);
    if (faults.length > 0 || proofing.accountLevel !== 1)
      throw new Error(`no record beside the account's own: ${faults.join(' ')}`);
    const { assurance } = proofing;
    const detail = { proofing: proofing.id, channel: proofing.channel, rules: proofing.policy };
    return [
      { statement: store.unmoved(subscriberId, updatedAt), lost: () => new Moved('the account is another by now') },
      proofingWrite(subscriberId, proofing, { age, test }),
      journal.append({
        ...{ type: 'proofing.recorded', actor, subscriberId },
        detail: { ...detail, ...(assurance ? madeBy(assurance) : {}) },
      }),
    ];
  };
}
