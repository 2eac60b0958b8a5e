import { afterAll, beforeAll, expect, test } from 'vitest';
import { counterPolicyAt } from '../../../src/domain/counter/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import {
  aCapture,
  anApplication,
  anOfficer,
  cardRead,
  faceTaken,
  printsTaken,
  type Seat,
} from '../../support/counter.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// Of one number one application is open, in whichever office: one that no officer goes on with keeps its person from every other one, and
// so it lapses, as what was not answered in time does.
let server: TestServer;
let officer: Seat;
let elsewhere: Seat;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
  elsewhere = await anOfficer(server, ['intake'], { office: '46' });
});
afterAll(async () => {
  await checkInvariants(server.database, server.app);
  await server.end();
});

const DAY = 86_400_000;
const { untouchedDays } = counterPolicyAt(new Date());
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY);
const { identityNumber, person } = PERSONAS.find(({ id }) => id === 'level-1')!;
const her = { identityNumber, fullName: person.fullName, birthdate: person.birthdate };
const counter = () => server.app.parts.counter!;
const find = async (id: string) => (await counter().find(id, officer.operator))!;
async function settled(id: string) {
  while (await counter().settleNext());
  return find(id);
}
/** As if no officer had had to do with it for so long. */
const left = (id: string, days: number) =>
  server.database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(sql`UPDATE level_2_applications SET touched_at = ${daysAgo(days)} WHERE id = ${id}`);
  });

test('what was received and nobody has ever taken lapses, and its person is received anywhere', async () => {
  const waiting = await anApplication(server, her, { now: daysAgo(untouchedDays - 1) });
  expect((await settled(waiting)).state).toBe('SUBMITTED');
  expect(await counter().receive(her, elsewhere.operator)).toEqual({ received: false, reason: 'open' });
  await left(waiting, untouchedDays);
  const lapsed = await settled(waiting);
  expect(lapsed).toMatchObject({ state: 'REFUSED', reason: 'not_answered', phase: 'over' });
  expect(lapsed.decidedBy).toBeUndefined();
  const [event] = await server.app.parts.journal.query({ types: ['counter.refused'], limit: 1 });
  expect(event).toMatchObject({
    ...{ actor: { kind: 'system' }, detail: { application: waiting, reason: 'not_answered' } },
  });
  const begun = await counter().receive(her, elsewhere.operator);
  if (!begun.received) throw new Error(begun.reason);
  const open = (await counter().find(begun.id, elsewhere.operator))!;
  expect(await counter().withdraw(open, elsewhere.operator)).toBe('withdrawn');
});

test('every step of an officer counts: what was gone on with goes on, however long ago it was received', async () => {
  const id = await anApplication(server, her, { now: daysAgo(3 * untouchedDays) });
  const page = () => officer.browser.open(`${server.issuer}/operator/counter/${id}`);
  const second = await anOfficer(server, ['approver']);
  const proposal = { check: 'fingerprint_match', ground: 'worn', statement: 'x', claim: 'own' } as const;
  const worn = async () => {
    await faceTaken(officer, await page(), identityNumber);
    return printsTaken(await page(), aCapture('WORN'));
  };
  const steps: [string, () => Promise<unknown>][] = [
    ['taken', async () => counter().take(await find(id), officer.operator)],
    ['a card read', async () => cardRead(await page(), 'level-1.genuine')],
    ['face and prints', worn],
    ['proposed', async () => counter().propose(await find(id), proposal, officer.operator)],
    ['dismissed', async () => counter().dismiss(await find(id), second.operator)],
  ];
  const { dueAt } = await find(id);
  for (const [what, step] of steps) {
    await left(id, untouchedDays);
    await step();
    expect([what, (await settled(id)).state]).toEqual([what, 'CHECKING']);
  }
  // The term that the officers have is none of this.
  expect((await find(id)).dueAt).toEqual(dueAt);
  await left(id, untouchedDays);
  expect(await settled(id)).toMatchObject({ state: 'REFUSED', reason: 'not_answered' });
  expect(await counter().pictures(id)).toEqual([]);
});

test('what waits for an answer or for who binds has terms of its own', async () => {
  const id = await anApplication(server, her);
  expect(await counter().take(await find(id), officer.operator)).toBe('taken');
  expect(await counter().askFor(await find(id), ['card'], officer.operator)).toBe('asked');
  await left(id, 10 * untouchedDays);
  expect((await settled(id)).state).toBe('NEEDS_INFO');
  expect(await counter().withdraw(await find(id), officer.operator)).toBe('withdrawn');
});

test('among however many they are found along an index of their own', async () => {
  const plan = await server.database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL enable_seqscan = off`);
    await transaction.execute(sql`SET LOCAL enable_sort = off`);
    return transaction.rows<Record<string, string>>(sql`EXPLAIN SELECT id FROM level_2_applications
      WHERE state IN ('SUBMITTED', 'CHECKING') AND touched_at <= now() ORDER BY touched_at LIMIT 1000`);
  });
  const words = plan.map((row) => Object.values(row)[0]).join(' ');
  expect(words).toContain('level_2_applications_untouched');
  expect(words).not.toContain('Sort');
});
