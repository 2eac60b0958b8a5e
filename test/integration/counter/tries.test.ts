import { afterAll, beforeAll, expect, test } from 'vitest';
import { dateTime } from '../../../src/platform/formats.ts';
import { sql } from '../../../src/platform/sql.ts';
import { NEWCOMERS, PERSONAS } from '../../../src/sandbox/index.ts';
import { aCapture, anOfficer, longAgo, type Seat } from '../../support/counter.ts';
import { pictureOf } from '../../support/pictures.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// How often somebody may try at a counter, and what is one try.
let server: TestServer;
let officer: Seat;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
});
afterAll(() => server?.end());

const her = PERSONAS.find(({ id }) => id === 'level-1')!;
/** Somebody else, who has no account. */
const other = NEWCOMERS.find(({ person }) => person.accountType === 'citizen' && person.documentExpiresOn)!.person;
const counter = () => server.app.parts.counter!;
/** An application that is begun here and now; how its page does it is another test's business. */
async function begun(who: Pick<typeof other, 'identityNumber' | 'fullName' | 'birthdate'>) {
  const { identityNumber, fullName, birthdate } = who;
  const received = await counter().receive({ identityNumber, fullName, birthdate }, officer.operator);
  if (!received.received) throw new Error(received.reason);
  const open = async () => (await counter().find(received.id, officer.operator))!;
  expect(await counter().take(await open(), officer.operator)).toBe('taken');
  return {
    open,
    face: async (picture: Buffer) => counter().portrait(await open(), picture, officer.operator),
    prints: async (capture: string) => counter().fingerprints(await open(), capture, officer.operator),
    withdraw: async () => counter().withdraw(await open(), officer.operator),
  };
}

test('five pictures of a number and five captures, whatever is withdrawn and begun anew; then a delay', async () => {
  for (const tries of [2, 3]) {
    const visit = await begun({ ...her.person, identityNumber: her.identityNumber });
    for (let n = 0; n < tries; n += 1) {
      expect(await visit.face(await pictureOf(other.identityNumber))).toMatchObject({ result: 'failed' });
      expect(await visit.prints(aCapture('OTHER'))).toMatchObject({ result: 'failed' });
    }
    await visit.withdraw();
  }
  const third = await begun({ ...her.person, identityNumber: her.identityNumber });
  const open = await third.open();
  expect(await third.face(await pictureOf(her.identityNumber))).toMatchObject({ done: false, reason: 'too_many' });
  expect(await third.prints(aCapture())).toMatchObject({ done: false, reason: 'too_many_captures' });
  // Nobody was asked.
  expect(await third.open()).toEqual(open);
  // Of somebody else nothing was tried.
  const beside = await begun(other);
  expect(await beside.face(await pictureOf(other.identityNumber))).toMatchObject({ result: 'passed' });
  await beside.withdraw();
  await longAgo(server, her.identityNumber, { hours: 3 });
  expect(await third.face(await pictureOf(her.identityNumber))).toMatchObject({ done: false, reason: 'too_many' });
  await longAgo(server, her.identityNumber, { hours: 2 });
  expect(await third.face(await pictureOf(her.identityNumber))).toMatchObject({ result: 'passed' });
  expect(await third.prints(aCapture())).toMatchObject({ result: 'passed' });
  await third.withdraw();
});

test('whoever others have shut out is told, with the officer, when the next try is open; and then it is', async () => {
  await longAgo(server, her.identityNumber, { open: true });
  const impostor = await begun({ ...her.person, identityNumber: her.identityNumber });
  for (let n = 0; n < 6; n += 1) {
    await impostor.face(await pictureOf(other.identityNumber));
    await impostor.prints(aCapture('OTHER'));
  }
  // The newest five count.
  await longAgo(server, her.identityNumber, { hours: 1, open: true });
  await impostor.withdraw();
  const honest = await begun({ ...her.person, identityNumber: her.identityNumber });
  const open = await honest.open();
  const checks = await counter().checks((await impostor.open()).id);
  const address = `${server.issuer}/operator/counter/${open.id}`;
  for (const [kind, reason, tried] of [
    ['face_match', 'too_many', await honest.face(await pictureOf(her.identityNumber))],
    ['fingerprint_match', 'too_many_captures', await honest.prints(aCapture())],
  ] as const) {
    const made = checks.filter((one) => one.kind === kind && one.detail.visit !== 'begun');
    const opensAt = new Date(made.at(-5)!.at.getTime() + 4 * 3_600_000 + 1);
    expect(tried).toEqual({ done: false, reason, opensAt });
    // To the minute after, and nobody is sent to a second officer who would be refused.
    const until = dateTime(new Date(opensAt.getTime() + 59_999));
    for (const [lang, said] of [
      ['vi', `lại được từ ${until}`],
      ['en', `can be taken from ${until}`],
    ] as const) {
      const page = await officer.browser.open(`${address}?notice=${reason}&lang=${lang}`);
      expect(page.words).toContain(said);
      expect(page.words).not.toMatch(/người thứ hai|second officer/);
    }
  }
  await longAgo(server, her.identityNumber, { hours: 3, open: true });
  const page = await officer.browser.open(`${address}?notice=too_many&lang=vi`);
  expect(page.words).not.toContain('Chụp lại được');
  expect(await honest.face(await pictureOf(her.identityNumber))).toMatchObject({ result: 'passed' });
  expect(await honest.prints(aCapture())).toMatchObject({ result: 'passed' });
  await honest.withdraw();
});

test('the tries of a number are found along an index', async () => {
  const plan = await server.database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL enable_seqscan = off`);
    return transaction.rows<Record<string, string>>(sql`EXPLAIN SELECT c.made_at FROM level_2_applications a
      JOIN level_2_checks c ON c.application_id = a.id WHERE a.number_hash = ${Buffer.alloc(32)} AND a.training = false
        AND c.kind = 'face_match' AND c.made_at >= now() AND c.detail ->> 'visit' IS DISTINCT FROM 'begun' ORDER BY c.made_at DESC OFFSET 4 LIMIT 1`);
  });
  const words = plan.map((row) => Object.values(row)[0]).join(' ');
  expect(words).toMatch(/level_2_applications_(of_number|one_open)/);
  expect(words).toContain('level_2_checks_pkey');
  expect(words).not.toContain('Seq Scan');
});

test('a picture of which nothing could be written is no attack when it is sent again, and costs no try', async () => {
  await longAgo(server, other.identityNumber);
  const visit = await begun(other);
  const tried = async () =>
    (await counter().checks((await visit.open()).id)).filter(({ kind }) => kind === 'face_match').length;
  // The database takes nothing: as for a process that dies between looking and writing.
  const picture = await pictureOf(other.identityNumber);
  await server.database.execute(sql`ALTER TABLE level_2_checks ADD CONSTRAINT no_more CHECK (false) NOT VALID`);
  await expect(visit.face(picture)).rejects.toThrow();
  await server.database.execute(sql`ALTER TABLE level_2_checks DROP CONSTRAINT no_more`);
  expect(await tried()).toBe(0);
  expect(await visit.face(picture)).toMatchObject({ result: 'passed' });
  // What has counted once is kept by somebody when it comes again.
  expect(await visit.face(picture)).toMatchObject({ result: 'failed', issues: ['attack_suspected'] });

  // Sent twice at once it counts once, and is nobody's attack.
  const next = await pictureOf(other.identityNumber);
  const both = await Promise.all([visit.face(next), visit.face(next)]);
  expect(both).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ done: true, result: 'passed' }),
      { done: false, reason: 'overtaken' },
    ]),
  );
  // Overtaken by the prints, which were asked for meanwhile: it is the same try.
  const stale = await visit.open();
  const third = await pictureOf(other.identityNumber);
  await visit.prints(aCapture());
  expect(await counter().portrait(stale, third, officer.operator)).toEqual({ done: false, reason: 'overtaken' });
  expect(await visit.face(third)).toMatchObject({ result: 'passed' });
  expect(await tried()).toBe(4);
  // In another application it is another occasion.
  await visit.withdraw();
  const again = await begun(other);
  expect(await again.face(third)).toMatchObject({ result: 'failed', issues: ['attack_suspected'] });
  await again.withdraw();
});
