import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMessageDelivery } from '../../../src/jobs/deliver-messages.ts';
import type { Settlement } from '../../../src/platform/outbox.ts';
import { sql } from '../../../src/platform/sql.ts';
import { type RecoveryStand, recoveryStand } from '../../support/recovery.ts';

let stand: RecoveryStand;
beforeAll(async () => {
  stand = await recoveryStand();
});
afterAll(() => stand.end());

/** Everything that is due is tried, whatever the moment. */
async function delivered(): Promise<void> {
  const { outbox, notices } = stand.parts;
  const deliver = createMessageDelivery({ notices });
  await stand.database.execute(sql`UPDATE outbox SET due_at = now() WHERE dead_at IS NULL`);
  for (;;) {
    const claimed = await outbox.claim('message', { limit: 50, lease: 600 });
    if (claimed.length === 0) return;
    const settlements: Settlement[] = [];
    for (const message of claimed) {
      const outcome = await deliver(message.payload, message.attempt, message.key);
      const retryIn = !outcome.delivered && !outcome.final ? (outcome.retryIn ?? 60) : null;
      settlements.push(
        outcome.delivered
          ? { message, fate: { delivered: true }, writes: outcome.writes ?? [] }
          : {
              ...{ message, fate: { delivered: false, reason: outcome.reason, retryIn } },
              writes: outcome.writes?.(retryIn) ?? [],
            },
      );
    }
    await outbox.settle(settlements);
  }
}

const sentOf = (subscriberId: string) =>
  stand.database.rows<{ state: string; reason: string | null; count: number }>(sql`
    SELECT state, reason, count(*) AS count FROM sent_messages
    WHERE subscriber_id = ${subscriberId} AND kind = 'recovery_started' GROUP BY 1, 2 ORDER BY 1, 2`);

test('what waits for room and tells of a recovery that has ended leaves it to what can still be stopped', async () => {
  const { recoveries, notices } = stand.parts;
  const holder = await stand.aHolder(1);
  const person = (await stand.parts.subscribers.find(holder.id))!;
  const [phone] = holder.addresses;
  const text = { to: { medium: 'sms', address: phone! }, locale: 'vi', subscriberId: holder.id } as const;
  // Alarms of other things have filled the hour of this telephone.
  for (let n = 0; n < 12; n += 1)
    for (const { statement } of notices.queue({ kind: 'password_changed', values: {}, ...text }))
      await stand.database.execute(statement);
  await delivered();
  const begun = async (method: 'e-mail' | 'printed-code', stops: boolean): Promise<void> => {
    const first = await stand.prove(holder, method);
    if (!first.proven) throw new Error(first.reason);
    const notice = first.notices.find(({ kind, to }) => kind === 'recovery_started' && to.address === phone)!;
    // `prove` has read the outbox empty: this one is queued once more, as it was.
    for (const { statement } of notices.queue(notice as never)) await stand.database.execute(statement);
    await delivered();
    if (stops) expect(await recoveries.cancel({ holder: first.holder })).toBe(true);
  };
  await stand.database.execute(sql`DELETE FROM sent_messages WHERE kind = 'recovery_started'`);
  await begun('e-mail', true);
  await stand.database.execute(sql`DELETE FROM sent_messages WHERE kind = 'recovery_started' AND line IS NULL`);
  await begun('printed-code', false);
  await stand.database.execute(sql`DELETE FROM sent_messages WHERE kind = 'recovery_started' AND line IS NULL`);
  await delivered();
  expect(await sentOf(person.id)).toEqual([
    { state: 'failed', reason: 'over', count: 1 },
    { state: 'queued', reason: null, count: 1 },
  ]);
  stand.clock.advance(2 * 3_600);
  await delivered();
  expect(await sentOf(person.id)).toEqual([
    { state: 'delivered', reason: null, count: 1 },
    { state: 'failed', reason: 'over', count: 1 },
  ]);
});
