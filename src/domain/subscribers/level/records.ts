import type { Clock } from '../../../platform/clock.ts';
import type { Database } from '../../../platform/database.ts';
import type { Policy } from '../../assurance/index.ts';
import type { Journal } from '../../audit/index.ts';
import { proofingRecord } from '../../proofing/index.ts';
import { dayInVietNam } from '../register-changes.ts';
import * as store from '../reproofing-store.ts';
import type { Subscriber } from '../subscriber.ts';
import type { Subscribers } from '../subscribers.ts';
import { createBelieving } from './believing.ts';

/**
 * Why level 2 is proven anew although it is recorded: it does not count, or it counts by the register's word while what was shown
 * for it is over, so that nobody is told any more how its holder was verified.
 */
export type AnewGround = NonNullable<Subscriber['reproofingGround']> | 'document_over';

/** The record that an account rests on, and how long it stands for something. */
export function createRecords(parts: {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  /** The assurance policy in force. */
  readonly policy: () => Promise<Policy>;
}): Pick<Subscribers, 'proofing' | 'proofingInForce' | 'anewGround'> {
  const { database, clock } = parts;
  const believed = createBelieving(parts);
  const proofing: Subscribers['proofing'] = async (id) => {
    const record = await store.proofingId(database, id);
    return record === undefined ? undefined : proofingRecord(database, id, record);
  };

  const proofingInForce: Subscribers['proofingInForce'] = async (person, now = clock.now()) => {
    // Whoever has the account now is not known to be who was proofed then.
    if (person.reproofingRequiredSince) return undefined;
    const { id } = person;
    const [record, isOver] = await Promise.all([proofing(id), store.recordIsOver(database, id, dayInVietNam(now))]);
    return record && !isOver ? believed(person, record) : undefined;
  };

  return {
    proofing,
    proofingInForce,
    async anewGround({ id, recordedLevel, reproofingGround }) {
      if (reproofingGround || recordedLevel === 1) return reproofingGround;
      return (await store.recordIsOver(database, id, dayInVietNam(clock.now()))) ? 'document_over' : undefined;
    },
  };
}
