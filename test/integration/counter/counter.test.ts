import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressesOf } from '../../../src/domain/notices/index.ts';
import type { Client } from '../../../src/domain/relying-parties/index.ts';
import { COUNTER_BINDING_POSTS } from '../../../src/journeys/counter-binding/routes.ts';
import { createCsrf } from '../../../src/platform/csrf.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { NEWCOMERS, PERSONAS } from '../../../src/sandbox/index.ts';
import {
  aCapture,
  allFound,
  anApplication,
  anOfficer,
  cardRead,
  faceTaken,
  printsTaken,
  type Seat,
  served,
} from '../../support/counter.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { aCitizen } from '../../support/newcomers.ts';
import { aLapsed } from '../../support/online.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { type CreationOptions, softwarePasskey } from '../../support/software-passkey.ts';

let server: TestServer;
let officer: Seat;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
});
afterAll(() => server?.end());

const persona = (id = 'level-1') => PERSONAS.find((one) => one.id === id)!;
const accountOf = async (number: string) => server.app.parts.subscribers.locate(number);
const idOf = (page: Page): string => /counter\/([0-9a-f-]{36})/.exec(page.url)?.[1] ?? '';
const application = (page: Page) => server.app.parts.counter!.find(idOf(page), officer.operator);
const eventsOf = async (subscriberId: string, type: string) =>
  server.app.parts.journal.query({ subscriberId, types: [type as never], limit: 50 });
const withdrawn = (page: Page) => page.submit({}, { form: 'withdraw' });
const claim = { claim: 'own', seen: 'yes' };

/** The account as it was: one test's upgrade is not another's. */
async function levelOneAgain(): Promise<void> {
  const { identityNumber } = persona();
  const account = await accountOf(identityNumber);
  await server.database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(
      sql`UPDATE subscribers SET account_level = 1, proofing_id = NULL WHERE id = ${account!.id}`,
    );
  });
}

describe('what an officer finds', () => {
  test('nothing is approved before card, face and fingerprints have matched in this visit', async () => {
    const page = await served(server, officer, persona());
    expect(page.words).toContain('Trần Minh Khôi');
    expect(page.words).not.toContain(persona().identityNumber);
    expect(page.forms.some(({ attributes }) => attributes.get('id') === 'approve')).toBe(false);
    const { counter } = server.app.parts;
    const open = (await application(page))!;
    expect(await counter!.approve(open, 'own', officer.operator)).toEqual({ decided: false, reason: 'lacking' });
    await withdrawn(page);
  });

  test('what one visit found counts in no other: neither for the officer who takes it over nor for the same one', async () => {
    const counter = server.app.parts.counter!;
    const carded = await cardRead(await served(server, officer, persona()), 'level-1.genuine');
    const ready = await printsTaken(
      await faceTaken(officer, await officer.browser.open(carded.url), persona().identityNumber),
      aCapture(),
    );
    expect(ready.forms.some(({ id }) => id === 'approve')).toBe(true);
    const other = await anOfficer(server, ['intake']);
    const again = async () => (await counter.find(idOf(ready), other.operator))!;
    const fingers = { check: 'fingerprint_match', ground: 'no_fingers', statement: 'x', claim: 'own' } as const;
    for (const next of [other, officer]) {
      expect(await counter.take(await again(), next.operator)).toBe('taken');
      expect(await counter.approve(await again(), 'own', next.operator)).toEqual({ decided: false, reason: 'lacking' });
      expect(await counter.propose(await again(), fingers, next.operator)).toMatchObject({ decided: false });
      expect((await next.browser.open(ready.url.split('?')[0]!)).forms.some(({ id }) => id === 'approve')).toBe(false);
    }
    // And for the database, whatever the program says.
    const write = sql`UPDATE level_2_applications SET revision = revision + 1, state = 'APPROVED', decided_at = now(),
      decided_by = ${other.operator.operatorId}, binding = 'waiting', account_id = ${newId()} WHERE id = ${idOf(ready)}`;
    await expect(server.database.execute(write)).rejects.toMatchObject({ code: 'SL003' });
    await withdrawn(await officer.browser.open(ready.url.split('?')[0]!));
  });

  test.each([
    ['level-2-chip.genuine', 'không phải'],
    ['level-2-chip.cloned', 'không phải chíp gốc'],
    ['level-2-chip.expired-card', 'hết hạn'],
    ['level-2-chip.withdrawn-card', 'thu hồi'],
  ])('the card %s is no card of hers', async (card, why) => {
    const page = await served(server, officer, persona());
    const read = await cardRead(page, card);
    const again = await officer.browser.open(page.url.split('?')[0]!);
    expect(again.words).toMatch(/Chíp của thẻ\s*Không khớp/);
    expect(read.words).toContain(why);
    await withdrawn(again);
  });

  test.each(['screen', 'unchecked', 'undecided', 'blurred'] as const)(
    'a face that is %s does not pass',
    async (mark) => {
      const page = await served(server, officer, persona());
      const seen = await faceTaken(officer, page, persona().identityNumber, mark);
      expect(seen.words).not.toMatch(/Khuôn mặt\s*Khớp/);
      const [check] = (await server.app.parts.counter!.checks(idOf(page))).filter(({ kind }) => kind === 'face_match');
      expect(check!.result).not.toBe('passed');
      // What is exact would teach how to come closer: no page has it.
      expect(seen.text).not.toMatch(/0\.98|0,98|score/);
      await withdrawn(seen);
    },
  );

  test.each(['OTHER', 'WORN', 'FALSE', 'MISSING', 'OLD', 'FEW'])('prints that are %s do not pass', async (word) => {
    const page = await served(server, officer, persona());
    const seen = await printsTaken(page, aCapture(word));
    expect(seen.words).not.toMatch(/Vân tay\s*Khớp/);
    const [check] = (await server.app.parts.counter!.checks(idOf(page))).filter(
      ({ kind }) => kind === 'fingerprint_match',
    );
    expect(check!.result).not.toBe('passed');
    await withdrawn(seen);
  });

  test('a capture counts once, and a silent system is no result', async () => {
    const capture = aCapture();
    const first = await printsTaken(await served(server, officer, persona()), capture);
    expect(first.words).toMatch(/Vân tay\s*Khớp/);
    const again = await printsTaken(await served(server, officer, persona()), capture);
    expect([again.status, again.words]).toEqual([422, expect.stringContaining('đã được dùng')]);
    const silent = await printsTaken(first, aCapture('SILENT'));
    expect([silent.status, silent.words]).toEqual([409, expect.stringContaining('không trả lời')]);
    await withdrawn(silent);
  });

  test('prints are taken five times in a visit, and an officer who takes it anew has no more of them', async () => {
    const page = await served(server, officer, persona());
    let seen = page;
    for (let taken = 0; taken < 5; taken += 1) seen = await printsTaken(seen, aCapture('WORN'));
    const counter = server.app.parts.counter!;
    const made = (await counter.checks(idOf(page))).length;
    const told = 'Đã lấy vân tay đủ số lần';
    expect((await printsTaken(seen, aCapture())).words).toContain(told);
    expect(await counter.take((await application(page))!, officer.operator)).toBe('taken');
    expect((await printsTaken(await officer.browser.open(page.url.split('?')[0]!), aCapture())).words).toContain(told);
    // The sixth and seventh were asked of nobody: what stands besides is that another visit began.
    expect((await counter.checks(idOf(page))).slice(made).filter(({ result }) => result === 'passed')).toMatchObject([
      { kind: 'register_match' },
    ]);
    await withdrawn(await officer.browser.open(page.url.split('?')[0]!));
  });

  test('the pictures are sealed, and gone with the decision', async () => {
    const page = await faceTaken(officer, await served(server, officer, persona()), persona().identityNumber);
    const count = async () =>
      (await server.database.row<{ n: number }>(
        sql`SELECT count(*) AS n FROM level_2_pictures WHERE application_id = ${idOf(page)}`,
      ))!.n;
    expect(await count()).toBe(2);
    const picture = await officer.browser.send(`${page.url.split('?')[0]}/pictures/taken`);
    expect([picture.status, picture.headers['content-type'], picture.headers['cache-control']]).toEqual([
      ...[200, 'image/jpeg', 'no-store'],
    ]);
    await withdrawn(page);
    expect(await count()).toBe(0);
  });

  test('nobody serves themself, another office, somebody below six, or a real number in a sandbox', async () => {
    const { identityNumber } = persona();
    const herself = await anOfficer(server, ['intake'], { number: identityNumber });
    const { counter } = server.app.parts;
    const { fullName, birthdate } = persona().person;
    const received = { identityNumber, fullName, birthdate };
    expect(await counter!.receive(received, herself.operator)).toEqual({ received: false, reason: 'self' });
    const real = { ...received, identityNumber: '001098000001' };
    expect(await counter!.receive(real, officer.operator)).toEqual({ received: false, reason: 'invented' });
    const page = await served(server, officer, persona());
    const open = (await application(page))!;
    expect(await counter!.take(open, herself.operator)).toBe('self');
    expect(await counter!.refuse(open, 'own_wish', herself.operator)).toBe('self');
    expect(await counter!.withdraw(open, herself.operator)).toBe('self');
    expect(await counter!.approve({ ...open, officer: herself.operator.operatorId }, 'own', herself.operator)).toEqual({
      ...{ decided: false, reason: 'self' },
    });
    const elsewhere = await anOfficer(server, ['intake', 'approver'], { office: '01' });
    expect((await elsewhere.browser.open(page.url)).status).toBe(404);
    const above = await anOfficer(server, ['approver'], { office: 'vn' });
    expect((await above.browser.open(page.url)).status).toBe(200);
    await withdrawn(page);
  });
});

describe('the decision', () => {
  test('raises the account in one act: everything that signed in is gone, every session is over, and the policy is in the journal', async () => {
    const { identityNumber } = persona();
    const before = (await accountOf(identityNumber))!;
    const { authenticators } = server.app.parts;
    expect((await authenticators.of(before.id)).length).toBeGreaterThan(0);
    const addressed = addressesOf(await server.app.parts.recoveries.addresses.reachable(before));
    expect(addressed.length).toBeGreaterThan(0);
    const ready = await allFound(server, officer, persona());
    const unseen = await ready.submit({ claim: 'own' }, { form: 'approve' });
    expect(unseen.status).toBe(422);
    const done = await ready.submit(claim, { form: 'approve' });
    expect(done.words).toContain('Đã duyệt');

    const after = (await accountOf(identityNumber))!;
    expect([after.id, after.accountLevel, after.state]).toEqual([before.id, 2, 'active']);
    expect(after.email).toBeUndefined();
    expect(await authenticators.of(after.id)).toEqual([]);
    const [event] = await eventsOf(after.id, 'subscriber.level_changed');
    expect(event).toMatchObject({
      actor: { kind: 'operator', id: officer.operator.operatorId },
      detail: { level: 2, rules: 'level-2-counter@2024-07-01', row: 'account-2.counter' },
    });
    expect(event!.detail!.policy_hash).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await server.app.parts.subscribers.proofing(after.id)).toMatchObject({
      ...{ accountLevel: 2, channel: 'in_person', faceMatched: true, fingerprintsMatched: true },
      officer: officer.operator.operatorId,
    });
    // Whoever had an address of it until now is told, at every one of them: the person, or who had been in their place.
    const told = (await eventsOf(after.id, 'notice.queued')).filter(
      ({ detail }) => detail?.notice === 'level_2_at_counter',
    );
    expect(told.map(({ detail }) => detail?.media)).toEqual([addressed.map(({ medium }) => medium)]);
    // Nothing of it has the number, or how near a face came.
    const all = JSON.stringify(await server.app.parts.journal.query({ subscriberId: after.id, limit: 200 }));
    expect(all).not.toContain(identityNumber);
    await checkInvariants(server.database, server.app);

    // She binds afresh on her own telephone, with the code that is good once.
    const handed = await done.submit({}, { form: 'give-code' });
    const code = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(handed.words)![0];
    const phone = createBrowser();
    const ways = await (await phone.open(`${server.issuer}/counter`)).submit({ code }, { form: 'code-form' });
    expect(ways.words).toContain('Trần Minh Khôi');
    const thief = createBrowser();
    const late = await (await thief.open(`${server.issuer}/counter`)).submit({ code }, { form: 'code-form' });
    expect(late.words).toContain('không dùng được');
    const { hostname, origin } = new URL(server.issuer);
    const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
    const options = JSON.parse(ways.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
    const bound = await ways.submit(
      { response: JSON.stringify(passkey.create(options)), name: 'Điện thoại' },
      { form: 'register-form' },
    );
    expect(bound.words).toContain('đã ở mức 2');
    expect((await authenticators.of(after.id)).map(({ kind }) => kind).sort()).toEqual(['chip-card', 'passkey']);
    expect((await application(done))!.binding).toBe('bound');
    const twice = await (await phone.open(`${server.issuer}/counter`)).submit({ code }, { form: 'code-form' });
    expect(twice.words).toContain('không dùng được');
    await levelOneAgain();
  });

  test('two at once approve once', async () => {
    const ready = await allFound(server, officer, persona());
    const { counter } = server.app.parts;
    const open = (await application(ready))!;
    const both = await Promise.all([1, 2].map(() => counter!.approve(open, 'own', officer.operator)));
    expect(both.filter(({ decided }) => decided)).toHaveLength(1);
    await levelOneAgain();
  });

  test('an override takes a second officer, of the same tree, who confirms exactly what they were shown', async () => {
    const worn = await allFound(server, officer, persona(), { capture: aCapture('WORN') });
    const asked = await worn.submit(
      { ...claim, ground: 'worn', statement: 'Vân tay mòn vì làm muối, mặt và thẻ đều khớp.' },
      { form: 'propose' },
    );
    expect(asked.words).toContain('Chờ cán bộ thứ hai');
    const { counter } = server.app.parts;
    const open = async () => (await application(asked))!;
    const shown = (await counter!.waiting(await open()))!.shown;

    // Alone, as another role, from another province, or of something else: nothing of it.
    const both = await anOfficer(server, ['intake', 'approver']);
    expect(await counter!.confirm(await open(), shown, officer.operator)).toEqual({
      decided: false,
      reason: 'same_officer',
    });
    const far = await anOfficer(server, ['approver'], { office: '01' });
    expect(await counter!.confirm(await open(), shown, far.operator)).toEqual({
      decided: false,
      reason: 'another_tree',
    });
    const roleless = await anOfficer(server, ['intake']);
    expect(await counter!.confirm(await open(), shown, roleless.operator)).toEqual({
      decided: false,
      reason: 'another_role',
    });
    expect(await counter!.confirm(await open(), 'f'.repeat(64), both.operator)).toEqual({
      decided: false,
      reason: 'changed',
    });

    const second = await anOfficer(server, ['approver'], { office: 'vn' });
    const page = await second.browser.open(asked.url.split('?')[0]!);
    expect(page.words).toContain('Vân tay mòn vì làm muối');
    // The first officer finds something else meanwhile: what the second one has open is no longer what there is.
    await printsTaken(await officer.browser.open(asked.url.split('?')[0]!), aCapture('WORN'));
    const stale = await page.submit({}, { form: 'confirm' });
    expect([stale.status, stale.words]).toEqual([409, expect.stringMatching(/thay đổi|đã khác/)]);

    const again = await (await officer.browser.open(asked.url.split('?')[0]!)).submit(
      { ...claim, ground: 'worn', statement: 'Vân tay mòn vì làm muối, mặt và thẻ đều khớp.' },
      { form: 'propose' },
    );
    expect(again.words).toContain('Chờ cán bộ thứ hai');
    const done = await (await second.browser.open(asked.url.split('?')[0]!)).submit({}, { form: 'confirm' });
    expect(done.words).toContain('Đã duyệt');
    const account = (await accountOf(persona().identityNumber))!;
    expect(await server.app.parts.subscribers.proofing(account.id)).toMatchObject({
      ...{ overridden: 'fingerprint_match', fingerprintsMatched: false, faceMatched: true },
      ...{ officer: officer.operator.operatorId, secondOfficer: second.operator.operatorId },
    });
    await checkInvariants(server.database, server.app);
    await levelOneAgain();
  });

  test('a false face, a missing card and two things at once are never overridden', async () => {
    const { counter } = server.app.parts;
    const propose = async (page: Page, check: 'face_match' | 'fingerprint_match', ground: 'old_portrait' | 'worn') =>
      counter!.propose((await application(page))!, { check, ground, statement: 'x', claim: 'own' }, officer.operator);
    const screen = await allFound(server, officer, persona(), { face: 'screen' });
    expect(await propose(screen, 'face_match', 'old_portrait')).toEqual({ decided: false, reason: 'attack' });
    expect(await propose(screen, 'face_match', 'worn')).toEqual({ decided: false, reason: 'wrong_ground' });
    await withdrawn(screen);
    const two = await allFound(server, officer, persona(), { face: 'undecided', capture: aCapture('WORN') });
    expect(await propose(two, 'fingerprint_match', 'worn')).toEqual({ decided: false, reason: 'something_else' });
    await withdrawn(two);
    const cardless = await printsTaken(
      await faceTaken(officer, await served(server, officer, persona()), persona().identityNumber),
      aCapture('WORN'),
    );
    expect(await propose(cardless, 'fingerprint_match', 'worn')).toEqual({ decided: false, reason: 'something_else' });
    await withdrawn(cardless);
  });

  test('nobody approves by what another officer has found, or compares a picture that is not there: neither the officer nor the database', async () => {
    const { counter } = server.app.parts;
    const ready = await allFound(server, officer, persona());
    const id = idOf(ready);
    const next = await anOfficer(server, ['intake']);
    const approvedBy = ({ operator: { operatorId } }: Seat) =>
      server.database.transaction(async (transaction) => {
        await transaction.execute(sql`INSERT INTO level_2_checks (application_id, number, kind, result, officer, policy, made_at)
          SELECT ${id}, max(number) + 1, 'portrait_match', 'passed', ${operatorId}, 'p', now() FROM level_2_checks WHERE application_id = ${id}`);
        await transaction.execute(sql`UPDATE level_2_applications SET revision = revision + 1, state = 'APPROVED', decided_at = now(),
          decided_by = ${operatorId}, account_id = ${newId()}, binding = 'waiting' WHERE id = ${id}`);
        throw new Error('approved');
      });
    const refused = { code: 'SL003', message: expect.stringContaining('found by the officer who decides') };
    // Everything is found, and seen: it is only that they are not the one who has.
    await expect(approvedBy(next)).rejects.toMatchObject(refused);
    await expect(approvedBy(officer)).rejects.toThrow('approved');
    await server.database.execute(
      sql`UPDATE level_2_applications SET revision = revision + 1, officer = ${next.operator.operatorId} WHERE id = ${id}`,
    );
    for (const one of [next, officer]) await expect(approvedBy(one)).rejects.toMatchObject(refused);
    await server.database.execute(
      sql`UPDATE level_2_applications SET revision = revision + 1, officer = ${officer.operator.operatorId} WHERE id = ${id}`,
    );
    for (const kind of ['taken', 'reference']) {
      const row = await server.database.row<{ picture: Buffer; at: Date }>(sql`DELETE FROM level_2_pictures
        WHERE application_id = ${id} AND kind = ${kind} RETURNING picture, taken_at AS at`);
      await expect(approvedBy(officer)).rejects.toMatchObject(refused);
      const open = async () => (await application(ready))!;
      expect(await counter!.approve(await open(), 'own', officer.operator)).toEqual({
        decided: false,
        reason: 'lacking',
      });
      await server.database.execute(sql`INSERT INTO level_2_pictures (application_id, kind, picture, taken_at)
        VALUES (${id}, ${kind}, ${row!.picture}, ${row!.at})`);
    }
    await expect(approvedBy(officer)).rejects.toThrow('approved');
    await withdrawn(await officer.browser.open(ready.url.split('?')[0]!));
  });

  test('no officer decides over a lock', async () => {
    const account = (await accountOf(persona().identityNumber))!;
    const lock = await server.app.parts.subscribers.lock(account.id, 'security_suspected', { kind: 'system' });
    const ready = await allFound(server, officer, persona());
    const page = await ready.submit(claim, { form: 'approve' });
    expect([page.status, page.words]).toEqual([409, expect.stringContaining('đang bị khóa')]);
    expect((await accountOf(persona().identityNumber))!.recordedLevel).toBe(1);
    await server.app.parts.subscribers.unlock(account.id, lock.id, { kind: 'operator', id: newId() });
    await withdrawn(page);
  });

  test('the database itself approves nothing without its checks, and no override by one officer', async () => {
    const page = await served(server, officer, persona());
    const set = sql`UPDATE level_2_applications SET revision = revision + 1, state = 'APPROVED', decided_at = now(),
      decided_by = ${officer.operator.operatorId}, account_id = ${newId()}, binding = 'waiting' WHERE id = ${idOf(page)}`;
    await expect(server.database.execute(set)).rejects.toMatchObject({ code: 'SL003' });
    const alone = sql`INSERT INTO proofing_records (subscriber_id, id, account_level, channel, applicant_age, face_matched,
        fingerprints_matched, evidence, evidence_hash, officer, policy, decided_at, test, overridden, second_officer,
        assurance_policy, assurance_policy_hash, assurance_row)
      VALUES (${newId()}, ${newId()}, 2, 'in_person', 30, true, false, '[{}]', sha256('x'), 'one', 'p', now(), true,
        'fingerprint_match', 'one', 'v', ${'h'.repeat(43)}, 'account-2.counter')`;
    await expect(server.database.execute(alone)).rejects.toMatchObject({ constraint: 'override_by_two' });
    await withdrawn(page);
  });
});

describe('the queue', () => {
  test('is read a page at a time, by deadline and by age, by state and office; nobody is named, and no office sees another', async () => {
    const now = Date.now();
    const [day, made] = [86_400_000, [] as string[]];
    for (let n = 0; n < 120; n += 1) {
      const who = {
        identityNumber: `09709${String(1_000_000 + n)}`,
        fullName: `Lê Văn Chờ ${n}`,
        birthdate: '1990-01-01',
      };
      made.push(await anApplication(server, who, { office: n < 110 ? '46' : '75', now: new Date(now - n * day) }));
    }
    const here = await anOfficer(server, ['intake'], { office: '46' });
    const open = (path: string) => here.browser.open(`${server.issuer}/operator/counter${path}`);
    const seen: string[] = [];
    let page = await open('');
    expect(page.words).toContain('Đang mở: 110');
    for (let pages = 1; ; pages += 1) {
      seen.push(...[...page.text.matchAll(/operator\/counter\/([0-9a-f-]{36})"/g)].map(([, id]) => id!));
      expect(page.words).not.toContain('Lê Văn Chờ');
      const next = /rel="next" href="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&');
      if (!next) {
        expect(pages).toBe(3);
        break;
      }
      page = await page.open(new URL(next, server.issuer).href);
    }
    // The nearest deadline first: the oldest ones; each once, and none of another office.
    expect(seen).toEqual(made.slice(0, 110).reverse());
    const countOf = async (path: string) =>
      [...(await open(path)).text.matchAll(/operator\/counter\/[0-9a-f-]{36}"/g)].length;
    expect(await countOf('?phase=received&term=older_quarter')).toBe(20);
    expect(await countOf('?phase=checking')).toBe(0);
    expect(await countOf('?term=three_days')).toBeGreaterThan(0);
    expect(await countOf('?office=75')).toBe(50);
    const nation = await anOfficer(server, ['approver'], { office: 'vn' });
    const below = await nation.browser.open(`${server.issuer}/operator/counter?office=75`);
    expect([...below.text.matchAll(/operator\/counter\/[0-9a-f-]{36}"/g)]).toHaveLength(10);
  });

  test('is read along its indexes alone, in every scope and order', async () => {
    for (const [scope, name] of [
      [sql``, 'all'],
      [sql`AND province = '46'`, 'province'],
      [sql`AND office = '46'`, 'office'],
    ] as const)
      for (const by of ['due_at', 'received_at']) {
        const plan = await server.database.transaction(async (transaction) => {
          await transaction.execute(sql`SET LOCAL enable_seqscan = off`);
          await transaction.execute(sql`SET LOCAL enable_sort = off`);
          return transaction.rows<Record<string, string>>(sql`EXPLAIN SELECT id FROM level_2_applications
            WHERE training = false ${scope} AND phase = 'received' AND phase <> 'over' ORDER BY ${sql.raw(by)}, id LIMIT 51`);
        });
        const words = plan.map((row) => Object.values(row)[0]).join(' ');
        expect(words).toContain(`level_2_queue_${name}_${by}`);
        expect(words).not.toContain('Sort');
      }
  });
});

describe('an account that somebody else had opened', () => {
  test('is retired with its subs, its relying parties are told, and the rightful person begins afresh', async () => {
    const { identityNumber } = persona();
    const { relyingParties, deliveries, subscribers } = server.app.parts;
    const squatted = (await accountOf(identityNumber))!;
    const airline =
      (await relyingParties.find('sample-airline')) ??
      (await relyingParties.list()).clients.find(({ eventsUri }) => eventsUri);
    const sub = await relyingParties.subjectFor(squatted.id, airline!.relyingParty.legalEntity);
    // Nobody is signed in there any more: they hold what they were given, and two of the three hear no events.
    const { consents } = server.app.parts;
    const text = { version: '1', language: 'vi', hash: Buffer.alloc(32) } as const;
    const hears = (how: 'event' | 'logout' | 'by_hand', { metadata, eventsUri }: Client): boolean =>
      how === (eventsUri ? 'event' : metadata.backchannel_logout_uri ? 'logout' : 'by_hand');
    const parties = await Promise.all(
      (['event', 'logout', 'by_hand'] as const).map(async (how) => {
        const client = (await relyingParties.list()).clients.find((one) => hears(how, one))!;
        const about = { subscriberId: squatted.id, clientId: client.clientId, scopes: ['profile'], claims: ['name'] };
        const { writes } = consents.give({ ...about, text, purposeWords: { vi: 'bay', en: 'to fly' } });
        await writeTogether(server.database, writes);
        return { how, client };
      }),
    );
    // Asked for nothing that anybody has to agree to, and knows a name of theirs all the same.
    const quiet = (await relyingParties.list()).clients.find(
      (one) => hears('logout', one) && !parties.some(({ client }) => client.relyingParty.id === one.relyingParty.id),
    )!;
    await relyingParties.subjectFor(squatted.id, quiet.relyingParty.legalEntity);
    const ready = await allFound(server, officer, persona());
    const done = await ready.submit({ claim: 'false', seen: 'yes' }, { form: 'approve' });
    expect(done.words).toContain('Đã duyệt');
    expect((await subscribers.find(squatted.id))!.state).toBe('closed');
    const rightful = (await accountOf(identityNumber))!;
    expect(rightful.id).not.toBe(squatted.id);
    expect([rightful.accountLevel, rightful.phone, rightful.email]).toEqual([2, undefined, undefined]);
    expect(await relyingParties.subjectFor(rightful.id, airline!.relyingParty.legalEntity)).not.toBe(sub);
    const told = await deliveries.ofSubscriber(squatted.id);
    expect(told.filter(({ kind }) => kind === 'event').length).toBeGreaterThan(1);
    const withdrawn = await consents.withdrawals(squatted.id);
    expect(withdrawn.map((one) => [one.clientId, one.told]).sort()).toEqual(
      parties.map(({ how, client }) => [client.clientId, how]).sort(),
    );
    const handout = await done.open(`${server.issuer}/operator/counter/${(await application(done))!.id}/handout`);
    for (const { how, client } of parties)
      expect(handout.words).toContain(
        `${client.relyingParty.name.vi}${how === 'by_hand' ? ' – cán bộ bảo vệ dữ liệu sẽ báo trực tiếp' : ''}`,
      );
    const signedOut = told.filter(({ kind }) => kind === 'logout').map(({ clientId }) => clientId);
    expect(signedOut).toEqual(expect.arrayContaining([parties[1]!.client.clientId, quiet.clientId]));
    expect((await application(done))!).toMatchObject({
      accountId: rightful.id,
      retiredId: squatted.id,
      binding: 'waiting',
    });
    await checkInvariants(server.database, server.app);
  });
});

test('a card is let go of by an account that is closed, and is bound to the next one of its person', async () => {
  const { authenticators, subscribers } = server.app.parts;
  const [former, next, third] = [await aCitizen(server), await aCitizen(server), await aCitizen(server)];
  const card = { issuingState: 'VNM', documentNumber: '197009999', expiresOn: '2039-08-12', key: 'ab'.repeat(32) };
  await authenticators.install(former.id, { kind: 'chip-card', card });
  await expect(authenticators.install(next.id, { kind: 'chip-card', card })).rejects.toThrow();
  expect(await subscribers.close(former.id, { kind: 'system' })).toBe(true);
  expect(await authenticators.install(next.id, { kind: 'chip-card', card })).toMatchObject({ kind: 'chip-card' });
  const kinds = async (id: string) => (await authenticators.of(id)).map(({ kind }) => kind);
  expect([await kinds(former.id), await kinds(next.id)].map((some) => some.includes('chip-card'))).toEqual([
    true,
    true,
  ]);
  // What the next one holds is not let go of with the former one a second time.
  await writeTogether(server.database, await authenticators.releasing(former.id));
  await expect(authenticators.install(third.id, { kind: 'chip-card', card })).rejects.toThrow();
});

describe('case 25: forged posts of binding afresh', () => {
  test.each(COUNTER_BINDING_POSTS)('%s', async (path) => {
    const [browser, other] = [createBrowser(), createBrowser()];
    for (const one of [browser, other]) await one.open(`${server.issuer}/counter`);
    const master = new Secret(Buffer.from(server.environment.SENID_MASTER_SECRET ?? '', 'base64'));
    const csrf = createCsrf({ sealer: createSealer(master, 'csrf'), origin: server.issuer });
    const visitOf = (one: typeof browser): string => (one.cookies.get('senid-counter') ?? '').split('.')[0] ?? '';
    const own = csrf.token(visitOf(browser), path);
    const post = (token: string, headers: Record<string, string> = {}) =>
      browser.send(server.issuer + path, {
        method: 'POST',
        body: new URLSearchParams({ csrf: token, code: 'x', password: 'x' }).toString(),
        headers: {
          ...{ 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer },
          ...{ 'sec-fetch-site': 'same-origin', ...headers },
        },
      });
    const forged: [string, string, Record<string, string>][] = [
      ['no token', '', {}],
      ['another browser’s', csrf.token(visitOf(other), path), {}],
      ['another act’s', csrf.token(visitOf(browser), '/counter/other'), {}],
      ['cut short', own.slice(0, -4), {}],
      ['from another site', own, { 'sec-fetch-site': 'cross-site' }],
      ['with another origin', own, { origin: 'https://evil.example' }],
    ];
    for (const [how, token, headers] of forged) expect([how, (await post(token, headers)).status]).toEqual([how, 403]);
    expect([200, 303, 422]).toContain((await post(own)).status);
  });
});

describe('an application that was made online', () => {
  const anybody = { identityNumber: '097199000777', fullName: 'Lò Thị Mai', birthdate: '1999-03-04' };
  const at = () => `${server.issuer}/operator/online-applications`;

  test('is found by an officer, whose look is written down; nobody else sees it, and nobody in a training office', async () => {
    const id = await aLapsed(server, anybody);
    const list = await officer.browser.open(`${at()}?which=lapsed`);
    expect(list.text).toContain(`/operator/online-applications/${id}`);
    expect(list.words).not.toContain(anybody.fullName);
    const found = await list.submit({ sought: anybody.identityNumber, reason: 'call' }, { form: 'find-application' });
    // Its number is hashed by a key: this one was made by a test, and is found by its reference alone.
    expect(found.status).toBe(422);
    const reference = /[0-9A-Z]{5}-[0-9A-Z]{5}/.exec(
      (await officer.browser.open(`${at()}/${id}?reason=call`)).words,
    )![0];
    const page = await list.submit({ sought: reference, reason: 'complaint' }, { form: 'find-application' });
    expect(page.url).toBe(`${at()}/${id}?reason=complaint`);
    expect([page.words.includes(anybody.fullName), page.text.includes(anybody.identityNumber)]).toEqual([true, false]);
    const looks = async () =>
      (
        await server.database.rows<{ actor_id: string; reason: string; office: string }>(sql`SELECT actor_id,
        detail->>'reason' AS reason, detail->>'office' AS office FROM journal_incoming
        WHERE type = 'application.viewed' AND detail->>'application' = ${id} ORDER BY at, reason`)
      ).map((look) => Object.values(look));
    const mine = (reason: string) => [officer.operator.operatorId, reason, '48'];
    expect(await looks()).toEqual([mine('call'), mine('complaint')]);

    // From the list nobody is shown before somebody has said why.
    for (const address of [`${at()}/${id}`, `${at()}/${id}?reason=curiosity`]) {
      const asked = await officer.browser.open(address);
      expect([asked.status, asked.words.includes(anybody.fullName)]).toEqual([200, false]);
      expect(await looks()).toHaveLength(2);
    }
    const said = await (await officer.browser.open(`${at()}/${id}`)).submit({ reason: 'incident' }, { form: 'why' });
    expect(said.words).toContain(anybody.fullName);
    expect((await looks()).at(-1)).toEqual(mine('incident'));

    const auditor = await anOfficer(server, ['auditor']);
    expect((await auditor.browser.open(`${at()}/${id}`)).status).toBe(403);
    await server.app.parts.operators.addOffice(
      { id: '48-tap', parentId: '48', name: { vi: 'Hải Châu tập sự', en: 'Hai Chau trainees' }, training: true },
      'command line',
    );
    const learner = await anOfficer(server, ['intake'], { office: '48-tap' });
    expect([(await learner.browser.open(at())).status, (await learner.browser.open(`${at()}/${id}`)).status]).toEqual([
      404, 404,
    ]);
  });

  test('is issued anew with a reason, by somebody else than its own applicant, when the registers agree still', async () => {
    const id = await aLapsed(server, anybody);
    const page = await officer.browser.open(`${at()}/${id}?reason=call`);
    expect((await page.submit({}, { form: 'reissue' })).status).toBe(422);
    // Nobody of this number is in the register of the sandbox.
    const gone = await page.submit({ reason: 'message_lost' }, { form: 'reissue' });
    expect([gone.status, gone.words.includes('Cơ sở dữ liệu dân cư không còn khớp')]).toEqual([422, true]);
    const { person } = NEWCOMERS.find(({ person: one }) => one.accountType === 'citizen' && one.documentExpiresOn)!;
    const good = await aLapsed(server, person);
    const own = await anOfficer(server, ['intake'], { number: person.identityNumber });
    const refused = await (await own.browser.open(`${at()}/${good}?reason=call`)).submit(
      { reason: 'was_away' },
      { form: 'reissue' },
    );
    expect(refused.words).toContain('Đây là chính bạn');
    const done = await (await officer.browser.open(`${at()}/${good}?reason=call`)).submit(
      { reason: 'was_away' },
      { form: 'reissue' },
    );
    expect(done.words).toContain('Đã cấp lại');
    const row = await server.database.row(sql`SELECT activation FROM enrolment_applications WHERE id = ${good}`);
    expect(row).toEqual({ activation: 'issued' });
  });
});

describe('a training office', () => {
  test('works with invented people, and touches no account, record, notice or authenticator', async () => {
    const { operators, counter } = server.app.parts;
    const added = await operators.addOffice(
      { id: '48-hoc', parentId: '48', name: { vi: 'Hải Châu học việc', en: 'Hai Chau training' }, training: true },
      'command line',
    );
    expect(added).toEqual({ added: true });
    const learner = await anOfficer(server, ['intake', 'approver'], { office: '48-hoc' });
    const digest = async () =>
      (await server.database.row<{ d: string }>(sql`SELECT md5(
        (SELECT coalesce(string_agg(s::text, '' ORDER BY s::text), '') FROM subscribers s) ||
        (SELECT coalesce(string_agg(a::text, '' ORDER BY a::text), '') FROM authenticators a) ||
        (SELECT coalesce(string_agg(p::text, '' ORDER BY p::text), '') FROM proofing_records p) ||
        (SELECT count(*)::text FROM outbox)) AS d`))!.d;
    const before = await digest();
    const who = persona('single-name');
    const page = await served(server, learner, who);
    expect(page.words).toContain('học việc');
    const carded = await page.submit({ outcome: 'genuine' }, { form: 'practise' });
    const faced = await faceTaken(learner, carded, who.identityNumber);
    const ready = await printsTaken(faced, aCapture());
    const done = await ready.submit({ seen: 'yes' }, { form: 'approve' });
    expect(done.words).toContain('Đã duyệt');
    expect(await digest()).toBe(before);
    const practised = (await counter!.find(idOf(done), learner.operator))!;
    expect([practised.training, practised.accountId, practised.binding]).toEqual([true, undefined, 'none']);
    const real = sql`UPDATE level_2_applications SET revision = revision + 1, account_id = ${newId()} WHERE id = ${practised.id}`;
    await expect(server.database.execute(real)).rejects.toThrow();
    // With the same roles they are nobody anywhere else, and no second hand of a change.
    for (const path of ['people', 'recoveries', 'lock-requests', 'changes', 'clients', 'operators'])
      expect((await learner.browser.open(`${server.issuer}/operator/${path}`)).status, path).toBe(403);
    const held = await server.database.transaction((transaction) =>
      operators.standing(transaction, [learner.operator.operatorId]),
    );
    expect(held.get(learner.operator.operatorId)?.roles).toEqual(['practising_intake', 'practising_approver']);
    // A number of the register's is refused there, and what is practised is in no other office's queue.
    const refused = await counter!.receive(
      { identityNumber: '001098000001', fullName: 'Trần Thật', birthdate: '1990-01-01' },
      learner.operator,
    );
    expect(refused).toEqual({ received: false, reason: 'not_invented' });
  });
});
