import { newId } from '../../../platform/ids.ts';
import type { Write } from '../../../platform/unit-of-work.ts';
import { decisionIn } from '../../assurance/index.ts';
import { type Proofing, proofingFaults, proofingWrite } from '../../proofing/index.ts';
import { parseApplicant } from '../applicant.ts';
import * as store from '../store.ts';
import { ageOn } from '../subscriber.ts';
import type { Subscribers, SubscribersParts } from '../subscribers.ts';

/** Raised when somebody has the number or the telephone. */
export const isTaken = (error: unknown): boolean =>
  (error as { code?: string; table?: string }).code === '23505' &&
  (error as { table?: string }).table === 'subscriber_identifiers';

/** Raised by the database (`senid_number_is_good`). */
export const isBad = (error: unknown): boolean => (error as { code?: string }).code === 'SL004';

/** Everything that opens an account, its proofing record and the journal's events among it, as writes of one act. */
export function createRegistering({
  sealer,
  clock,
  journal,
}: Pick<SubscribersParts, 'sealer' | 'clock' | 'journal'>): Subscribers['registering'] {
  return (input, { by: actor, proofing, id = newId(), cardUntil, passportUntil, detail = {} }) => {
    const now = clock.now();
    const result = parseApplicant(input);
    if (!result.parsed) return { fit: false, faults: result.faults };
    const { applicant } = result;
    const age = ageOn(applicant.birthdate, proofing?.decidedAt ?? now);
    const faults = proofing ? proofingFaults(proofing, Math.max(age, 0)) : [];
    if (age < 0) faults.push('birthdate: Nobody is registered before they are born.');
    if (faults.length > 0) return { fit: false, faults };

    const level = proofing?.accountLevel ?? 1;
    const assurance = proofing?.assurance ?? decisionIn(detail);
    const made = assurance ? madeBy(assurance) : {};
    const phone = applicant.phone === undefined ? undefined : ({ kind: 'phone', value: applicant.phone } as const);
    const numberKind = applicant.accountType === 'citizen' ? 'personal' : 'foreigner';
    const writes: Write[] = [
      store.insertSubscriber(sealer, id, applicant, { level, proofing: proofing?.id, cardUntil, passportUntil, now }),
      store.insertNumber(sealer, id, newId(), applicant.identityNumber, numberKind, now),
      store.insertIdentifier(sealer, id, { kind: 'number', value: applicant.identityNumber }),
      ...(phone ? [store.insertIdentifier(sealer, id, phone)] : []),
      journal.append({
        ...{ type: 'subscriber.registered', actor, subscriberId: id },
        detail: { accountLevel: level, ...made, ...detail },
      }),
      ...(proofing
        ? [
            proofingWrite(id, { ...proofing, ...(assurance ? { assurance } : {}) }, { age, test: applicant.test }),
            journal.append({
              type: 'proofing.recorded',
              actor,
              subscriberId: id,
              detail: { proofing: proofing.id, channel: proofing.channel, rules: proofing.policy, ...made },
            }),
          ]
        : []),
    ];
    return { fit: true, id, writes };
  };
}

/** By which policy, for the journal. */
export const madeBy = ({ version, hash, row }: NonNullable<Proofing['assurance']>) => ({
  ...{ policy: version, policy_hash: hash },
  row: row ?? null,
});
