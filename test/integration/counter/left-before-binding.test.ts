import { afterAll, beforeAll, expect, test } from 'vitest';
import { COUNTER_POLICIES } from '../../../src/domain/counter/index.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import {
  aCapture,
  allFound,
  anOfficer,
  cardRead,
  faceTaken,
  longAgo,
  printsTaken,
  type Seat,
} from '../../support/counter.ts';
import type { Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// An approval whose person left before anything was bound. A card is whoever's hands it is in: it alone is never enough again.
let server: TestServer;
let officer: Seat;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
});
afterAll(async () => {
  await checkInvariants(server.database, server.app);
  await server.end();
});

const her = PERSONAS.find(({ id }) => id === 'level-1')!;
const idOf = (page: Page): string => /counter\/([0-9a-f-]{36})/.exec(page.url)?.[1] ?? '';
const counter = () => server.app.parts.counter!;
const open = async (page: Page) => (await counter().find(idOf(page), officer.operator))!;
/** The page as another officer sees it, whoever has decided. */
const seen = (page: Page, { browser }: Seat, lang = 'vi') => browser.open(`${page.url.split('?')[0]}?lang=${lang}`);
const code = async (page: Page, { operator }: Seat = officer, look = true) =>
  counter().giveCode(await open(page), operator, look);

async function levelOneAgain(): Promise<void> {
  const account = await server.app.parts.subscribers.locate(her.identityNumber);
  await server.database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(
      sql`UPDATE subscribers SET account_level = 1, proofing_id = NULL WHERE id = ${account!.id}`,
    );
  });
}

test('in the visit of the decision the code is given at once; after it card, face and fingerprints are found anew', async () => {
  const ready = await allFound(server, officer, her);
  const page = await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
  expect(await code(page)).toMatchObject({ given: true });

  await longAgo(server, her.identityNumber, { hours: 24 * 20 });
  const other = await anOfficer(server, ['intake']);
  expect(await code(page, other)).toEqual({ given: false, reason: 'card_away' });
  // Her card, in whoever's hands.
  await cardRead(await seen(page, other), 'level-1.genuine');
  expect(await code(page, other)).toEqual({ given: false, reason: 'stale' });
  const told = await (await seen(page, other)).submit({}, { form: 'give-code' });
  expect(told.words).toContain('một mình thẻ thì không đủ');
  expect(told.words).toMatch(/Chíp của thẻ\s*Khớp.*Khuôn mặt\s*Của lần trước, làm lại/);
  const english = await (await seen(page, other, 'en')).submit({}, { form: 'give-code' });
  expect(english.words).toContain('the card alone is not enough');
  await seen(page, other);

  // Somebody else's face is not hers, and the prints alone are not enough either.
  const another = PERSONAS.find(({ id }) => id === 'level-2-chip')!.identityNumber;
  await faceTaken(other, await seen(page, other), another);
  const printed = await printsTaken(await seen(page, other), aCapture());
  expect(printed.words).toMatch(/Khuôn mặt\s*Không khớp.*Vân tay\s*Khớp/);
  expect(await code(page, other)).toEqual({ given: false, reason: 'stale' });
  // Pictures are there for whoever compares, until the code is used or the day is over.
  await faceTaken(other, await seen(page, other), her.identityNumber);
  expect([...(await counter().pictures(idOf(page)))].sort()).toEqual(['chip', 'reference', 'taken']);
  // Of yesterday the prints are nobody's; of now they count.
  await printsTaken(await seen(page, other), aCapture('OLD'));
  expect(await code(page, other)).toEqual({ given: false, reason: 'stale' });
  await printsTaken(await seen(page, other), aCapture());
  // Machines alone find nobody: the officer says that they have compared, on the page as anywhere.
  expect(await code(page, other, false)).toEqual({ given: false, reason: 'unseen' });
  const asked = await (await seen(page, other)).submit({}, { form: 'give-code' });
  expect(asked.status).toBe(422);
  expect(asked.words).toContain('Hãy tự mắt so ảnh trước đã');
  const handed = await (await seen(page, other)).submit({ seen: 'yes' }, { form: 'give-code' });
  expect([handed.status, handed.words]).toEqual([200, expect.stringContaining('/counter')]);
  const looked = (await counter().checks(idOf(page))).filter(({ kind }) => kind === 'portrait_match');
  expect(looked.at(-1)).toMatchObject({ result: 'passed', officer: other.operator.operatorId });
  // Once said it is said for this visit, until another face is found; nobody says it for another officer.
  expect((await seen(page, other)).text).not.toContain('name="seen"');
  expect(await code(page, other, false)).toMatchObject({ given: true });
  expect(await code(page, officer, false)).toEqual({ given: false, reason: 'unseen' });
  await faceTaken(other, await seen(page, other), her.identityNumber);
  expect(await code(page, other, false)).toEqual({ given: false, reason: 'unseen' });
  expect(await code(page, other)).toMatchObject({ given: true });
  const { accountId } = await open(page);
  const events = await server.app.parts.journal.query({
    subscriberId: accountId!,
    types: ['counter.checked'],
    limit: 50,
  });
  expect(events.filter(({ detail }) => detail?.again).map(({ detail }) => detail?.check)).toContain('face_match');
  // Nobody serves themself, here as anywhere.
  const herself = await anOfficer(server, ['intake'], { number: her.identityNumber });
  expect(await counter().portrait(await open(page), Buffer.alloc(1), herself.operator)).toEqual({
    ...{ done: false, reason: 'self' },
  });
  await levelOneAgain();
});

test('what two officers have overridden is not asked for again; the rest is', async () => {
  const worn = await allFound(server, officer, her, { capture: aCapture('WORN') });
  const proposal = { check: 'fingerprint_match', ground: 'worn', statement: 'x', claim: 'own' } as const;
  expect(await counter().propose(await open(worn), proposal, officer.operator)).toEqual({ decided: true });
  const second = await anOfficer(server, ['approver']);
  const { shown } = (await counter().waiting(await open(worn)))!;
  expect(await counter().confirm(await open(worn), shown, second.operator)).toEqual({ decided: true });
  await longAgo(server, her.identityNumber);
  await cardRead(await seen(worn, officer), 'level-1.genuine');
  expect(await code(worn)).toEqual({ given: false, reason: 'stale' });
  await faceTaken(officer, await seen(worn, officer), her.identityNumber);
  expect(await code(worn)).toMatchObject({ given: true });
  await levelOneAgain();
});

test('after thirty days it lapses, with a reason: nobody binds by it, its holder is told, and no picture stays', async () => {
  const ready = await allFound(server, officer, her);
  const page = await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
  const { accountId } = await open(page);
  const waits = async () => (await open(page)).binding;
  await longAgo(server, her.identityNumber, { hours: 24 * 30 - 1 });
  while (await counter().settleNext());
  expect(await waits()).toBe('waiting');
  await cardRead(await seen(page, officer), 'level-1.genuine');
  await faceTaken(officer, await seen(page, officer), her.identityNumber);
  await printsTaken(await seen(page, officer), aCapture());
  await longAgo(server, her.identityNumber, { hours: 1 });
  expect(await code(page)).toEqual({ given: false, reason: 'lapsed' });
  const told = await (await seen(page, officer)).submit({}, { form: 'give-code' });
  expect(told.words).toContain('khôi phục tại quầy');
  while (await counter().settleNext());
  expect([await waits(), await code(page)]).toEqual(['lapsed', { given: false, reason: 'overtaken' }]);
  expect(await counter().pictures(idOf(page))).toEqual([]);
  const { journal } = server.app.parts;
  const found = await journal.query({ subscriberId: accountId!, types: ['counter.binding_lapsed'], limit: 5 });
  expect(found).toMatchObject([{ actor: { kind: 'system' }, detail: { reason: 'not_back' } }]);
  const account = (await server.app.parts.subscribers.find(accountId!))!;
  const queued = await journal.query({ subscriberId: accountId!, types: ['notice.queued'], limit: 50 });
  const lapsed = queued.filter(({ detail }) => detail?.notice === 'counter_binding_lapsed');
  // Her own telephone is all that the decision has left of where she is written to.
  expect(lapsed).toHaveLength(account.phone === undefined ? 0 : 1);
  // And for the database it stays over.
  const back = sql`UPDATE level_2_applications SET revision = revision + 1, binding = 'waiting' WHERE id = ${idOf(page)}`;
  await expect(server.database.execute(back)).rejects.toMatchObject({ code: 'SL003' });
  const check = sql`INSERT INTO level_2_checks (application_id, number, kind, result, officer, policy, made_at)
    SELECT ${idOf(page)}, max(number) + 1, 'face_match', 'passed', ${officer.operator.operatorId}, 'p', now()
    FROM level_2_checks WHERE application_id = ${idOf(page)}`;
  await expect(server.database.execute(check)).rejects.toMatchObject({ code: 'SL003' });
  await levelOneAgain();
});

test('a code that is out ends with the first check that does not pass, in the browser that it was typed in too', async () => {
  const ready = await allFound(server, officer, her);
  const page = await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
  const another = PERSONAS.find(({ id }) => id === 'level-2-chip')!.identityNumber;
  const given = async () => {
    const one = await code(page);
    if (!one.given) throw new Error(one.reason);
    return one.code;
  };
  // What passes once more ends nothing.
  const first = await given();
  await printsTaken(await seen(page, officer), aCapture());
  expect(await counter().begin(first, 'her telephone')).toBe('begun');
  expect(await counter().toBind('her telephone')).toBeDefined();
  await faceTaken(officer, await seen(page, officer), another);
  expect(await counter().toBind('her telephone')).toBeUndefined();
  expect(await counter().binding('her telephone', async () => 'bound')).toBe('closed');

  await faceTaken(officer, await seen(page, officer), her.identityNumber);
  const second = await given();
  await printsTaken(await seen(page, officer), aCapture('OTHER'));
  expect(await counter().begin(second, 'her telephone')).toBe('closed');
  expect((await open(page)).binding).toBe('waiting');
  await levelOneAgain();
});

test('it lapses under nobody who has a code in their hands', async () => {
  const ready = await allFound(server, officer, her);
  const page = await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
  await longAgo(server, her.identityNumber, { hours: 24 * 30 - 1 });
  await cardRead(await seen(page, officer), 'level-1.genuine');
  await faceTaken(officer, await seen(page, officer), her.identityNumber);
  await printsTaken(await seen(page, officer), aCapture());
  const given = await code(page);
  if (!given.given) throw new Error(given.reason);
  const moved = (set: Sql) =>
    server.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(sql`UPDATE level_2_applications SET ${set} WHERE id = ${idOf(page)}`);
    });
  // Given ten minutes ago; thirty days are over since five minutes ago.
  await moved(sql`decided_at = now() - interval '720 hours 5 minutes', binding_before = now() + interval '20 minutes'`);
  while (await counter().settleNext());
  expect(await counter().begin(given.code, 'her telephone')).toBe('begun');
  while (await counter().settleNext());
  expect(await counter().toBind('her telephone')).toBeDefined();
  // The half hour is over.
  await moved(sql`binding_before = now() - interval '1 minute'`);
  while (await counter().settleNext());
  expect((await open(page)).binding).toBe('lapsed');
  await levelOneAgain();
});

test('for the database too nobody binds but in presence, by what was found in the visit and has passed since', async () => {
  const refused = { code: 'SL003', message: expect.stringContaining('nobody binds but in presence') };
  const ready = await allFound(server, officer, her);
  const page = await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
  const written = (set: Sql) =>
    server.database.execute(
      sql`UPDATE level_2_applications SET revision = revision + 1, ${set} WHERE id = ${idOf(page)}`,
    );
  const hash = Buffer.alloc(32, 7);
  const aCode = (hours: number) => {
    const until = new Date(Date.now() + hours * 3_600_000 + 30 * 60_000);
    return sql`binding_hash = ${hash}, binding_browser = NULL, binding_before = ${until}`;
  };
  const check = (kind: string, result: string, ago = 0) =>
    server.database.execute(sql`INSERT INTO level_2_checks (application_id, number, kind, result, officer, policy, detail, made_at)
      SELECT ${idOf(page)}, max(number) + 1, ${kind}, ${result}, ${officer.operator.operatorId}, 'p',
        jsonb_build_object('capture', 'by hand ' || max(number)), now() - ${ago}::int * interval '1 hour'
      FROM level_2_checks WHERE application_id = ${idOf(page)}`);
  const none = sql`binding_hash = NULL, binding_browser = NULL, binding_before = NULL`;
  const bound = sql`binding = 'bound', ${none}`;

  // Without a code that somebody has begun with, or with one that has no end.
  await expect(written(bound)).rejects.toMatchObject(refused);
  await expect(written(sql`binding_hash = ${hash}`)).rejects.toMatchObject(refused);
  await expect(written(sql`binding_browser = ${hash}, binding_before = now()`)).rejects.toMatchObject(refused);
  // The card is of within the hour, face and prints of the visit, the decision of the last thirty days.
  await written(aCode(0));
  await written(none);
  for (const later of [2, 5, 24 * 300]) await expect(written(aCode(later))).rejects.toMatchObject(refused);
  await longAgo(server, her.identityNumber, { hours: 24 * 30 });
  const found = async (but?: string, ago = 0) => {
    for (const kind of ['card', 'face_match', 'fingerprint_match', 'portrait_match'])
      if (kind !== but) await check(kind, 'passed', ago);
  };
  await found();
  await expect(written(aCode(0))).rejects.toMatchObject(refused);
  await longAgo(server, her.identityNumber, { hours: -24 });
  // Everything is found anew, and nothing of it is left out.
  for (const kind of ['card', 'face_match', 'fingerprint_match', 'portrait_match']) {
    await check(kind, 'passed', 5);
    await found(kind);
    await expect([kind, await written(aCode(0)).catch(({ code: said }) => said)]).toEqual([kind, 'SL003']);
  }
  // Nor is a face that the officer has not compared since.
  await found();
  await check('face_match', 'passed');
  await expect(written(aCode(0))).rejects.toMatchObject(refused);
  await check('portrait_match', 'passed');
  await written(aCode(0));
  await written(sql`binding_browser = ${hash}`);
  // What does not pass afterwards is held against it.
  await check('face_match', 'failed');
  await expect(written(bound)).rejects.toMatchObject(refused);
  await check('face_match', 'passed');
  await written(bound);
  await levelOneAgain();
});

test('the database counts the minutes, hours and days of the rules: of whichever may hold', async () => {
  const { body } = (await server.database.row<{ body: string }>(
    sql`SELECT prosrc AS body FROM pg_proc WHERE proname = 'senid_level_2_binds'`,
  ))!;
  const minutes = { minute: 1, hour: 60 } as const;
  const counted = [...body.matchAll(/(?:'(\w+)', )?interval '(\d+) (minute|hour)s?'/g)].map(
    ([, of = '', many, unit]) => [of, Number(many) * minutes[unit as keyof typeof minutes]],
  );
  for (const { version, bindingMinutes, bindingDays, cardMinutes, visitHours, anew } of COUNTER_POLICIES)
    expect([version, ...counted]).toEqual([
      version,
      ['', bindingMinutes],
      ['', bindingDays * 24 * 60],
      ['card', cardMinutes],
      ...anew.map((kind) => [kind, visitHours * 60]),
      ['portrait_match', visitHours * 60],
    ]);
});
