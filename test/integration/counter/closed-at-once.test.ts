import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import { allFound, anOfficer } from '../../support/counter.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// A false claim is retired at a counter in the moment in which its account is closed elsewhere: by its holder, or after a death.
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ jobs: false });
});
afterAll(() => server.end());

test('an account that is closed in the very moment of the decision: the officer is told that something came before, and decides anew', async () => {
  const who = PERSONAS.find(({ id }) => id === 'level-1')!;
  const { identityNumber } = who;
  const officer = await anOfficer(server, ['intake']);
  const { counter, subscribers } = server.app.parts;
  const squatted = (await subscribers.locate(identityNumber))!;
  const ready = await allFound(server, officer, who);
  const id = /counter\/([0-9a-f-]{36})/.exec(ready.url)![1]!;
  const read = () => counter!.find(id, officer.operator);
  const found = (await read())!;
  const waiting = async () =>
    (await server.database.row<{ count: number }>(sql`SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND datname = current_database()`))!.count;
  const going: Promise<unknown>[] = [];
  await server.database.transaction(async (transaction) => {
    await transaction.row(sql`SELECT 1 FROM subscribers WHERE id = ${squatted.id} FOR UPDATE`);
    for (const act of [
      () => subscribers.close(squatted.id, { kind: 'system' }),
      () => counter!.approve(found, 'false', officer.operator),
    ]) {
      going.push(act());
      await vi.waitFor(async () => expect(await waiting()).toBe(going.length), { timeout: 10_000, interval: 50 });
    }
  });
  expect(await Promise.all(going)).toEqual([true, { decided: false, reason: 'overtaken' }]);
  expect(await subscribers.locate(identityNumber)).toBeUndefined();
  expect((await read())!.state).toBe('CHECKING');
  await checkInvariants(server.database, server.app);
});
