import type { Clock } from '../../../platform/clock.ts';
import type { Database } from '../../../platform/database.ts';
import { proofingRecord } from '../../proofing/index.ts';
import { lastDays } from '../card-store.ts';
import { dayInVietNam } from '../register-changes.ts';
import * as store from '../store.ts';
import type { Subscriber } from '../subscriber.ts';
import type { Subscribers } from '../subscribers.ts';
import { restsOnWhatIsInForce } from './in-force.ts';

/**
 * Why level 2 is proven anew although it is recorded: it does not count, or it counts by the register's word while what was shown
 * for it is over, so that nobody is told any more how its holder was verified.
 */
export type AnewGround = NonNullable<Subscriber['reproofingGround']> | 'document_over';

/** The record that an account rests on, and how long it stands for something. */
export function createRecords({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Clock;
}): Pick<Subscribers, 'proofing' | 'proofingInForce' | 'anewGround'> {
  const proofing: Subscribers['proofing'] = async (id) => {
    const record = await store.proofingId(database, id);
    return record === undefined ? undefined : proofingRecord(database, id, record);
  };

  const proofingInForce: Subscribers['proofingInForce'] = async (id, now = clock.now()) => {
    const [record, locks, days] = await Promise.all([proofing(id), store.locks(database, id), lastDays(database, id)]);
    const today = dayInVietNam(now);
    return record && restsOnWhatIsInForce(record, { locks, lastDays: days, today }) ? record : undefined;
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
