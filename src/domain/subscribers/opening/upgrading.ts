import type { Write } from '../../../platform/unit-of-work.ts';
import { decisionIn } from '../../assurance/index.ts';
import type { Actor, EventDetail } from '../../audit/index.ts';
import { type Proofing, proofingFaults, proofingWrite } from '../../proofing/index.ts';
import { dayInVietNam } from '../register-changes.ts';
import * as store from '../store.ts';
import { ageOn, type Person } from '../subscriber.ts';
import type { Subscribers, SubscribersParts } from '../subscribers.ts';
import { madeBy } from './registering.ts';

/** What an account becomes at a counter. */
export interface Raised {
  /** As the register holds them; what somebody had said of themselves before is gone (decisions, "Level 2"). */
  readonly person: Person;
  readonly proofing: Proofing;
  /** The last day of the card, or of a foreigner's residence card, ISO 8601; and of their passport. One that is not said stays as it was. */
  readonly cardUntil: string | undefined;
  readonly passportUntil?: string | undefined;
  readonly by: Actor;
  /** By which rules the level was decided, for the journal. */
  readonly decided: EventDetail;
}

/** The account was changed, locked, raised or closed since it was read. */
export class Moved extends Error {}

/**
 * From level 1 to level 2, or level 2 on another record where the documents of its own are over: with that record, the journal's
 * events, and everything that was open ended as at a lock: sessions, tokens, sign-ins and recoveries under way. The telephone stays
 * only when it is the person's own.
 */
export function createUpgrading({
  sealer,
  clock,
  journal,
  endingWrites,
}: Pick<SubscribersParts, 'sealer' | 'clock' | 'journal' | 'endingWrites'>): Subscribers['upgrading'] {
  return async (subscriber, { person, proofing, cardUntil, passportUntil, by: actor, decided }) => {
    const { id: subscriberId, test, accountLevel: from, updatedAt: read } = subscriber;
    const age = Math.max(ageOn(person.birthdate, proofing.decidedAt), 0);
    const faults = proofingFaults(proofing, age);
    if (faults.length > 0 || proofing.accountLevel !== 2)
      throw new Error(`no evidence for level 2: ${faults.join(' ')}`);
    const now = clock.now();
    const assurance = proofing.assurance ?? decisionIn(decided);
    const raised = { person, read, now, proofing: proofing.id, cardUntil, passportUntil, today: dayInVietNam(now) };
    const writes: Write[] = [
      {
        statement: store.upgrade(sealer, subscriberId, raised),
        lost: () => new Moved('the account is another by now'),
      },
      proofingWrite(subscriberId, { ...proofing, ...(assurance ? { assurance } : {}) }, { age, test }),
      ...(subscriber.phone !== undefined && person.phone === undefined
        ? [{ statement: store.removeIdentifier(subscriberId, 'phone') }]
        : []),
      // Whose level 2 counts has another record, and no other level.
      ...(from === 2
        ? []
        : [
            journal.append({
              ...{ type: 'subscriber.level_changed', actor, subscriberId },
              detail: { level: 2, from, proofing: proofing.id, rules: proofing.policy, ...decided },
            }),
          ]),
      journal.append({
        ...{ type: 'proofing.recorded', actor, subscriberId },
        detail: {
          ...{ proofing: proofing.id, channel: proofing.channel, rules: proofing.policy },
          ...(assurance ? madeBy(assurance) : {}),
        },
      }),
      ...((await endingWrites?.(subscriberId)) ?? []),
    ];
    return writes;
  };
}
