import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVerifications } from '../../../src/domain/audit/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { aJournal, anEvent } from '../../support/journal.ts';

let on: Awaited<ReturnType<typeof aJournal>>;
const clock = fixedClock('2026-11-01T08:00:00Z');
const parts = () => createVerifications({ database: on.database, clock, journal: on.journal });
beforeAll(async () => {
  on = await aJournal();
  for (let n = 1; n <= 3; n += 1) {
    on.clock.advance(60);
    await on.database.execute(on.journal.append(anEvent(n)).statement);
  }
  await on.journal.seal();
});
afterAll(() => on.end());

test('a verification is asked for once, made by whoever comes first, and its result is kept and journalled', async () => {
  const verifications = parts();
  expect(await verifications.makeNext()).toBe(false);
  expect(await Promise.all([1, 2, 3].map(() => verifications.ask({ kind: 'operator', id: 'mai' })))).toEqual(
    expect.arrayContaining([true, false, false]),
  );
  expect((await verifications.state()).running).toEqual({ askedAt: clock.now() });
  expect(await Promise.all([verifications.makeNext(), parts().makeNext()])).toEqual(
    expect.arrayContaining([true, false]),
  );
  const state = await verifications.state();
  expect(state.running).toBeUndefined();
  expect(state.last).toMatchObject({ at: clock.now(), result: { intact: true, entries: 3 } });
  expect(state.waiting).toBe(1);
  const [entry] = await on.journal.query({ types: ['journal.verified'] });
  expect(entry?.detail).toMatchObject({ intact: true, entries: 3 });
});

test('what is wrong is told with its place; who began and never ended stands in nobody’s way for long', async () => {
  const verifications = parts();
  await on.database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(sql`UPDATE journal SET detail = '{"n": 99}' WHERE sequence = 2`);
  });
  await verifications.ask({ kind: 'system' });
  await on.database.execute(sql`UPDATE journal_verifications SET begun_at = ${clock.now()} WHERE ended_at IS NULL`);
  expect(await verifications.makeNext()).toBe(false);
  clock.advance(3_601);
  expect(await verifications.makeNext()).toBe(true);
  expect((await verifications.state()).last?.result).toMatchObject({ intact: false, fault: 'altered', sequence: 2 });
});

test('the journal is read by time, whatever waits for the sealer', async () => {
  const day = new Date('2020-01-02T00:00:00Z');
  expect(await on.journal.query({ until: day })).toEqual([]);
  const all = await on.journal.query({ from: day });
  expect(all.length).toBeGreaterThan(3);
  const middle = all.find(({ sequence }) => sequence === 2)?.at ?? day;
  const until = await on.journal.query({ until: middle });
  expect(until.map(({ sequence }) => sequence)).toEqual([1]);
  expect(until.length + (await on.journal.query({ from: middle })).length).toBe(all.length);
});
