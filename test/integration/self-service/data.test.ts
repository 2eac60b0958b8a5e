import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { EVENT_TYPES } from '../../../src/domain/audit/index.ts';
import { type FaceResult, journalled } from '../../../src/domain/biometrics/index.ts';
import { SECTIONS } from '../../../src/journeys/self-service/data/copy/copy.ts';
import { LEFT_OUT, LEFT_OUT_VI } from '../../../src/journeys/self-service/data/copy/left-out.ts';
import { newId } from '../../../src/platform/ids.ts';
import { provisionalYear } from '../../../src/platform/plain-values/working-days.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { type Write, writeTogether } from '../../../src/platform/unit-of-work.ts';
import { signedIn } from '../../support/attack.ts';
import { seated } from '../../support/console.ts';
import { anApplication, approvedByStatements } from '../../support/counter.ts';
import { type Browser, createBrowser, type Page } from '../../support/http-client.ts';
import { brokenInvariants } from '../../support/invariants.ts';
import { aCitizen, aParty, type Citizen, type CitizenOptions } from '../../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { signIn } from '../../support/sign-in.ts';

// The whole server runs in this process, so that moving `Date` moves every clock in it.
let server: TestServer;
let hotel: RelyingParty;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  hotel = await plainClient(server.issuer, await aParty(server, 'hotel'));
});
afterAll(() => server.end());
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const later = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1000);
const at = (browser: Browser, path: string): Promise<Page> => browser.open(`${server.issuer}/account${path}`);

/** Level 1 with a long password, linked with the hotel. */
async function linked(
  person: CitizenOptions['person'] = {},
): Promise<{ citizen: Citizen; browser: Browser; token: string }> {
  const citizen = await aCitizen(server, { totp: false, level: 1, person });
  const asked = { scope: 'openid profile', prompt: 'consent' };
  const { browser, tokens } = await signedIn(hotel, citizen, asked);
  return { citizen, browser, token: tokens.access_token };
}

/** What was written by hand, to be printed: nothing of it has happened. */
const invented: string[] = [];
const words: Record<string, string> = JSON.parse(readFileSync(resolve('views/messages/vi.json'), 'utf8'));

describe('the copy of everything', () => {
  test('is one JSON document of a documented shape, with what is kept and nobody else’s', async () => {
    const { citizen, browser } = await linked();
    await at(browser, '/data');
    const other = await linked();
    const officer = await seated(server, ['intake']);
    const found = await (await officer.browser.open(`${server.issuer}/operator/people`)).submit(
      { identifier: citizen.identifier, reason: 'counter_visit', note: '' },
      { form: 'find' },
    );
    expect(found.status).toBe(200);
    const file = await (await at(browser, '/data')).submit({}, { form: 'download-form' });
    expect(file.headers['content-type']).toContain('application/json');
    expect(file.headers['content-disposition']).toBe('attachment; filename="senid-account.json"');
    expect(file.headers['cache-control']).toContain('no-store');
    const copy = file.json<Record<string, unknown>>();
    expect(Object.keys(copy)).toEqual([
      ...['format', 'version', 'made_at', 'account', ...SECTIONS.map(({ name }) => name)],
      ...['left_out', 'left_out_vi', 'cut', 'complete'],
    ]);
    expect(copy).toMatchObject({
      ...{ format: 'senid-account', version: 1, cut: [], complete: true, left_out: LEFT_OUT },
      account: { fullName: 'Đặng Thị Ngọc Huyền', identityNumbers: [{ number: citizen.identifier }] },
      linked_services: [{ clientId: 'hotel' }],
      consents: [{ clientId: 'hotel', state: 'given' }],
      authenticators: [{ kind: 'password' }],
    });
    expect((copy.events as { type: string }[]).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['subscriber.viewed', 'subscriber.data_downloaded', 'session.started']),
    );
    // From which office, never who; and no bearer value, hash or key.
    for (const secret of [
      officer.operator.operatorId,
      officer.operator.name,
      other.citizen.id,
      other.citizen.identifier,
      citizen.password,
    ])
      expect(file.text).not.toContain(secret);
    expect(file.text).not.toMatch(/argon2|"uid"|binding/);
  });

  test('names each page that an officer had open; the same page is another look five minutes later', async () => {
    const { citizen, browser } = await linked();
    const officer = await seated(server, ['intake']);
    const found = await (await officer.browser.open(`${server.issuer}/operator/people`)).submit(
      { identifier: citizen.identifier, reason: 'counter_visit', note: '' },
      { form: 'find' },
    );
    await found.follow(`${new URL(found.url).pathname}/counter`);
    later(299);
    await officer.browser.open(found.url);
    const read = async () => (await at(browser, '/data/viewed')).words.match(/Đã mở[^.\d]*/g);
    const [counter, person] = ['Đã mở trang làm việc tại quầy ', 'Đã mở trang thông tin tài khoản của bạn '];
    expect(await read()).toEqual([counter, person]);
    later(2);
    await officer.browser.open(found.url);
    expect(await read()).toEqual([person, counter, person]);
  });

  test('names looks at an application from before there was an account, to its person and to nobody else', async () => {
    const identityNumber = `0993${String(Date.now()).slice(-8)}`;
    const of = { identityNumber, fullName: 'Lê Thị Sen', birthdate: '1998-02-03' };
    const id = await anApplication(server, of, { office: 'vn' });
    const officer = await seated(server, ['intake']);
    expect((await officer.browser.open(`${server.issuer}/operator/counter/${id}`)).status).toBe(200);
    const { browser } = await linked({ identityNumber });
    const page = await at(browser, '/data/viewed');
    expect(page.words).toContain('Đã mở hồ sơ lên mức 2 của bạn');
    expect(page.words).toContain('Trung ương');
    expect((await at((await linked()).browser, '/data/viewed')).words).not.toContain('Đã mở');
  });

  test('takes a fresh proof: after five minutes nothing is handed out, and nothing journalled', async () => {
    const { citizen, browser } = await linked();
    const page = await at(browser, '/data');
    later(400);
    const asked = await page.submit({}, { form: 'download-form' });
    expect(new URL(asked.url).pathname).toMatch(/^\/interaction\//);
    expect(new URL((await at(browser, '/data/print')).url).pathname).toMatch(/^\/interaction\//);
    const types = ['subscriber.data_downloaded'] as const;
    expect(await server.app.parts.journal.query({ subscriberId: citizen.id, types })).toEqual([]);
    const again = await signIn(asked, citizen);
    expect(new URL(again.url).pathname).toBe('/account/data');
    expect((await again.submit({}, { form: 'download-form' })).text).toContain('"senid-account"');
    expect(await server.app.parts.journal.query({ subscriberId: citizen.id, types })).toHaveLength(1);
  });

  test('of somebody with many receipts comes a page at a time, and is whole', async () => {
    const { citizen, browser } = await linked();
    await server.database.execute({
      text: `INSERT INTO disclosure_receipts (subscriber_id, id, client_id, legal_basis, claims, carrier, at)
        SELECT $1, gen_random_uuid(), 'hotel', 'test', ARRAY['name'], 'userinfo', now() - n * interval '1 minute'
        FROM generate_series(1, 1234) AS n`,
      values: [citizen.id],
    } as never);
    // The printed page is no heavier for it.
    const printed = await at(browser, '/data/print');
    expect(printed.words).toContain('50 mục mới nhất trong hơn 1.000 mục');
    expect(Buffer.byteLength(printed.text)).toBeLessThan(40_000);
    const file = await (await at(browser, '/data')).submit({}, { form: 'download-form' });
    const { disclosures, complete } = file.json<{ disclosures: { id: string }[]; complete: boolean }>();
    expect([new Set(disclosures.map(({ id }) => id)).size, complete]).toEqual([disclosures.length, true]);
    expect(disclosures.length).toBeGreaterThanOrEqual(1234);
  });

  test('no kind of event is printed by its type, in either language, and the whole list can be printed', async () => {
    const { citizen, browser } = await linked();
    const { journal } = server.app.parts;
    const { database } = server;
    const common = { actor: { kind: 'system' }, subscriberId: citizen.id, clientId: 'nowhere' } as const;
    invented.push(citizen.id, 'nowhere');
    await writeTogether(
      database,
      EVENT_TYPES.map((type) => journal.append({ ...common, type })),
    );
    await journal.seal();
    const whole = await at(browser, '/data/print?list=events');
    // The link to the other language leads to the same list, and takes nothing along that is no place in it.
    const elsewhere = await at(browser, '/data/print?list=events&page=1&code=secret');
    const link = /href="([^"]+)"[^>]*hreflang="en"/.exec(elsewhere.text)?.[1]?.replaceAll(/&#?\w+;/g, '&');
    expect(link).toBe('/account/data/print?list=events&page=1&lang=en');
    const english = await browser.open(`${server.issuer}/account/data/print?list=events`, {
      headers: { 'accept-language': 'en' },
    });
    expect(english.words).toContain('Somebody in an office looked at your data');
    for (const page of [whole, english]) for (const type of EVENT_TYPES) expect(page.words).not.toContain(type);
    expect(whole.words).toContain('Cán bộ đã xem dữ liệu của bạn');
    expect(whole.words).not.toContain('printed.event');
    const short = await at(browser, '/data/print');
    for (const type of EVENT_TYPES) expect(short.words).not.toContain(type);
    expect(short.text).toMatch(/\/account\/data\/print\?list=events&[^;]+;page=1/);
    expect((await at(browser, '/data/print?list=nothing')).status).toBe(404);
    for (const [name, reason] of Object.entries(LEFT_OUT_VI)) expect(words[`printed.left-out.${name}`]).toBe(reason);
  });

  // face.md §5: whoever reads how near a picture came tries until it is near enough, and holds a session at most.
  test('says that a face was compared and how it ended, not how near it came nor what gave an attack away', async () => {
    const { citizen, browser } = await linked();
    const { journal } = server.app.parts;
    const result = {
      ...{ outcome: 'no_match', pad: { level: 'evaluated', result: 'fail' }, issues: [], score: 0.61, threshold: 0.62 },
      ...{ engine: { name: 'eng', version: '1' }, transactionId: 'tx-one' },
    } as unknown as FaceResult;
    const common = { actor: { kind: 'subscriber', id: citizen.id }, subscriberId: citizen.id } as const;
    const ofBoth = Object.entries(journalled(result)).flatMap(([name, value]) =>
      ['chip', 'register'].map((side) => [`${side}_${name}`, value]),
    );
    await writeTogether(server.database, [
      journal.append({
        ...{ ...common, type: 'authentication.failed' },
        detail: { kind: 'face', reason: 'wrong', came: 'attack', ...journalled(result) },
      }),
      journal.append({
        ...{ ...common, type: 'remote_proofing.refused' },
        detail: { reason: 'face', reused: true, ...Object.fromEntries(ofBoth) },
      }),
    ]);
    const file = await (await at(browser, '/data')).submit({}, { form: 'download-form' });
    const { events } = file.json<{ events: { type: string; detail?: object }[] }>();
    const told = (type: string) => events.find((one) => one.type === type && one.detail)?.detail;
    expect(told('authentication.failed')).toEqual({ kind: 'face', reason: 'wrong' });
    expect(told('remote_proofing.refused')).toEqual({ reason: 'face' });
  });

  test('is a page to be printed, too', async () => {
    const { citizen, browser } = await linked();
    const page = await at(browser, '/data/print');
    expect(page.words).toContain('Đặng Thị Ngọc Huyền');
    expect(page.words.replaceAll(' ', '')).toContain(citizen.identifier);
    expect(page.words).toContain('Bên hotel');
  });
});

describe('every table that names a person', () => {
  /** Which member of the copy has what a table keeps. */
  const IN_THE_COPY: Readonly<Record<string, string>> = {
    ...{ subscribers: 'account', identity_numbers: 'account', subscriber_locks: 'locks' },
    ...{ authenticators: 'authenticators', sessions: 'sessions', recovery_addresses: 'recovery_addresses' },
    ...{ recoveries: 'recoveries', reproofings: 'reproofings', proofing_records: 'proofings' },
    remote_proofings: 'proofings',
    ...{ enrolment_applications: 'applications', application_checks: 'applications' },
    ...{ level_2_applications: 'counter_applications', level_2_checks: 'counter_applications' },
    ...{ organisation_representations: 'organisations', organisation_applications: 'organisation_applications' },
    ...{ organisation_consents: 'organisation_consents', guardianships: 'guardianships' },
    ...{ account_links: 'linked_services', pairwise_subjects: 'names_at_services', consent_entries: 'consents' },
    ...{ consent_withdrawals: 'withdrawals', disclosure_receipts: 'disclosures', deliveries: 'told_services' },
    ...{ sent_messages: 'notices', data_requests: 'data_requests', security_cases: 'security_cases' },
    ...{ journal: 'events', journal_incoming: 'events' },
  };
  const NOT_IN_THE_COPY: Readonly<Record<string, keyof typeof LEFT_OUT>> = {
    ...{ grants: 'secrets', authorization_codes: 'secrets', refresh_tokens: 'secrets', access_tokens: 'secrets' },
    ...{ session_ids: 'secrets', device_codes: 'secrets', refresh_answers: 'secrets', passkey_locators: 'secrets' },
    ...{ interactions: 'sign_ins_under_way', sign_up_sessions: 'sign_ins_under_way' },
    ...{ remote_sittings: 'sign_ins_under_way', asked_values: 'asked_values' },
    ...{ subscriber_identifiers: 'lookup_hashes', application_pictures: 'pictures' },
    level_2_pictures: 'pictures',
    ...{ lock_requests: 'authority_requests', register_events: 'register_reports' },
  };
  const NAMING = ['subscriber_id', 'account_id', 'guardian_id', 'retired_id', 'application_id', 'authenticator_id'];
  const rowsOf = (text: string, values: unknown[] = []) =>
    server.database.rows<Record<string, never>>({ text, values } as never);
  const naming = async (): Promise<string[]> =>
    (
      await rowsOf(
        `SELECT DISTINCT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND (a.attname = ANY ($1) OR c.relname = 'subscribers') AND NOT a.attisdropped`,
        [NAMING],
      )
    ).map(({ name }) => String(name));

  test('is in the copy, or is left out with a reason that the copy gives', async () => {
    const tables = await naming();
    expect(tables.length).toBeGreaterThan(25);
    expect(tables.filter((table) => !(table in IN_THE_COPY) && !(table in NOT_IN_THE_COPY))).toEqual([]);
    const members = new Set(['account', ...SECTIONS.map(({ name }) => name)]);
    expect(Object.values(IN_THE_COPY).filter((member) => !members.has(member))).toEqual([]);
    expect([...members].filter((member) => !Object.values(IN_THE_COPY).includes(member))).toEqual([]);
    // Of the journal, whose events are there.
    const partly = ['comparisons'];
    expect(new Set([...Object.values(NOT_IN_THE_COPY), ...partly])).toEqual(new Set(Object.keys(LEFT_OUT)));
  });

  test('and what it keeps of somebody is there, in the file and on the printed page, without any officer', async () => {
    const { citizen, browser, token } = await linked();
    expect((await hotel.userinfo(token)).status).toBe(200);
    const [officer, other] = [newId(), newId()];
    const reference = await keepEverything(citizen, officer, other);
    const copy = (await (await at(browser, '/data')).submit({}, { form: 'download-form' })).json<
      Record<string, object[]>
    >();
    const missing: string[] = [];
    for (const [table, member] of Object.entries(IN_THE_COPY)) {
      const mine = MINE[table] ?? 'subscriber_id::text = $1';
      const found = await rowsOf(`SELECT 1 FROM ${table} WHERE ${mine} LIMIT 1`, [citizen.id]);
      // What this test has not made for somebody it cannot look for.
      if (found.length === 0 && table !== 'journal') missing.push(`no row of ${table}`);
      if (member !== 'account' && copy[member]?.length === 0) missing.push(`nothing of ${table} in ${member}`);
    }
    expect(missing).toEqual([]);
    expect(copy.recovery_addresses).toEqual([
      { medium: 'mail', address: 'chi@example.vn', confirmedAt: expect.any(String) },
    ]);
    expect(copy.applications).toMatchObject([
      { reference: '7K3M9-2QF4X', state: 'APPROVED', forWard: false, checks: [] },
      { reference: '8TBZ2-2QF4X', state: 'CHECKING', forWard: true, checks: [] },
    ]);
    // Of one that is not decided, nobody knows yet whether the account is the applicant's: nothing is said but that it is there.
    const [pending, approved] = copy.counter_applications as { applicant?: unknown; checks: { officer?: unknown }[] }[];
    expect(pending).toMatchObject({ form: 'TK01', state: 'SUBMITTED', phase: 'received', checks: [] });
    expect(approved).toMatchObject({ reference, state: 'APPROVED' });
    expect(approved?.checks).toContainEqual(expect.objectContaining({ kind: 'card', result: 'passed' }));
    expect([pending?.applicant, approved?.checks[0]?.officer]).toEqual([undefined, undefined]);
    expect(copy.security_cases).toMatchObject([{ frozen: 0, closed: { outcome: 'secured', reason: 'Đã đổi khóa.' } }]);
    const fromHome = { documentExpiresOn: '2035-01-01', endedGround: 'card_refused' };
    expect(copy.proofings).toMatchObject([{ accountLevel: 1, evidence: [{ kind: 'register_entry' }], fromHome }]);
    const text = JSON.stringify(copy);
    for (const hidden of [officer, other, 'Ẩn Danh']) expect(text).not.toContain(hidden);

    const page = await at(browser, '/data/print');
    for (const name of SECTIONS.map((section) => section.name))
      expect(page.words).toContain(words[`printed.section.${name}`]);
    for (const said of [
      'chi@example.vn',
      '7K3M9-2QF4X',
      reference,
      'Công dân lên mức 2',
      'Tài khoản đã kích hoạt',
      'đang xem · bạn nộp cho người được giám hộ',
      'Đã đổi khóa.',
      'Xác minh cho mức 1',
      'Tổ Hợp Mây Tre',
      'ORG11-2QF4X',
      'đã từ chối',
    ])
      expect(page.words).toContain(said);
    for (const reason of Object.keys(LEFT_OUT)) expect(page.words).toContain(words[`printed.left-out.${reason}`]);
  });

  test('a list that is cut makes no whole copy', async () => {
    const { citizen, browser } = await linked();
    const many = (count: number) =>
      rowsOf(
        `INSERT INTO consent_withdrawals (consent_id, subscriber_id, client_id, withdrawn_at, told, confirm_by)
         SELECT gen_random_uuid(), $1, 'hotel', now(), 'by_hand', now() FROM generate_series(1, $2::int)`,
        [citizen.id, count],
      );
    const copied = async () =>
      (await (await at(browser, '/data')).submit({}, { form: 'download-form' })).json<{
        withdrawals: object[];
        cut: string[];
        complete: boolean;
      }>();
    await many(1_000);
    expect(await copied()).toMatchObject({ cut: [], complete: true });
    await many(1);
    const cut = await copied();
    expect([cut.withdrawals.length, cut.cut, cut.complete]).toEqual([1_000, ['withdrawals'], false]);
    await rowsOf('DELETE FROM consent_withdrawals WHERE subscriber_id = $1', [citizen.id]);
  });

  /** How a table names somebody, where it is not by `subscriber_id`. */
  const MINE: Readonly<Record<string, string>> = {
    ...{ subscribers: 'id::text = $1', sessions: 'account_id = $1', enrolment_applications: 'account_id::text = $1' },
    guardianships: 'guardian_id::text = $1',
    level_2_applications: 'account_id::text = $1',
    level_2_checks: 'application_id IN (SELECT id FROM level_2_applications WHERE account_id::text = $1)',
    application_checks: 'application_id IN (SELECT id FROM enrolment_applications WHERE guardian_id::text = $1)',
  };

  /** A row of each table that the walk of `linked` has not made. Answers the reference of what was approved at a counter. */
  async function keepEverything(citizen: Citizen, officer: string, other: string): Promise<string> {
    const { cases, consents, dataRequests, deliveries, notices, relyingParties, subscribers } = server.app.parts;
    const { id } = citizen;
    const actor = { kind: 'operator', id: officer } as const;
    const master = new Secret(Buffer.from(server.environment.SENID_MASTER_SECRET ?? '', 'base64'));
    const sealed = createSealer(master, 'recovery').seal('chi@example.vn', `recovery address ${id} mail`);
    await rowsOf(
      "INSERT INTO recovery_addresses (subscriber_id, medium, address, confirmed_at) VALUES ($1, 'mail', $2, now())",
      [id, sealed],
    );
    await rowsOf(
      `INSERT INTO recoveries (id, subscriber_id, state, first_method, first_kind, cancel_hash, cancel_code, started_at, ended_at, expires_at, first_officer, ground)
       VALUES (gen_random_uuid(), $1, 'cancelled', 'intake-officer', 'intake', sha256(random()::text::bytea), '', now(), now(), now(), $2, 'lost')`,
      [id, officer],
    );
    await rowsOf(
      `INSERT INTO reproofings (subscriber_id, id, required_since, way, first_officer, second_officer, face_matched, fingerprints_matched, evidence_hash, begun_at, decided_at)
       VALUES ($1, gen_random_uuid(), now(), 'counter', $2, $3, true, true, sha256(''), now(), now())`,
      [id, officer, other],
    );
    const columns = `id, reference, form, state, locale, test, policy, number_hash, phone_hash, consent, consented_at, begun_at,
      submitted_at, due_at, decided_at, account_id, activation, guardian_id`;
    await rowsOf(
      `INSERT INTO enrolment_applications (${columns}) VALUES (gen_random_uuid(), '7K3M9-2QF4X', 'APP_L1', 'APPROVED', 'vi', true,
         'p', sha256('own'), sha256('p'), 'c', now(), now(), now(), now(), now(), $1, 'active', NULL)`,
      [id],
    );
    await rowsOf(
      `WITH application AS (INSERT INTO enrolment_applications (${columns}) VALUES (gen_random_uuid(), '8TBZ2-2QF4X', 'WARD_L1',
         'CHECKING', 'vi', true, 'p', sha256('ward'), sha256('p'), 'c', now(), now(), now() - interval '1 day', now(), NULL, NULL,
         NULL, $1) RETURNING id)
       INSERT INTO application_checks (application_id, number, kind, result, policy, made_at)
       SELECT id, 1, 'guardian', 'passed', 'p', now() FROM application`,
      [id],
    );
    await rowsOf(
      `WITH record AS (INSERT INTO proofing_records (subscriber_id, id, account_level, channel, applicant_age, face_matched,
         fingerprints_matched, evidence, evidence_hash, officer, policy, decided_at, test)
       VALUES ($1, gen_random_uuid(), 1, 'remote', 30, true, false, $2, sha256(''), $3, 'p', now(), true) RETURNING *)
       INSERT INTO remote_proofings (subscriber_id, proofing_id, test, document, document_expires_on, decided_at, ended_at, ended_ground)
       SELECT subscriber_id, id, test, 'sealed', '2035-01-01', decided_at, now(), 'card_refused' FROM record`,
      [id, JSON.stringify([{ kind: 'register_entry', strength: 'fair', checks: [], hash: '0'.repeat(64) }]), officer],
    );
    await server.database.transaction(async (transaction) => {
      // Its whole way is another test's business.
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(sql`INSERT INTO guardianships (ward_id, guardian_id, application_id, began_at)
        VALUES (${newId()}, ${id}, ${newId()}, now())`);
      const [organisation, application, representation] = [newId(), newId(), newId()];
      invented.push(id);
      await transaction.execute(sql`INSERT INTO organisations (id, enterprise_code, name, status, as_of, asked_at, opened_at)
        VALUES (${organisation}, '0000000091', 'Tổ Hợp Mây Tre', 'active', now(), now(), now())`);
      await transaction.execute(sql`INSERT INTO organisation_applications (id, reference, enterprise_code, subscriber_id, state,
          policy, submitted_at, due_at, next_try_at, decided_at)
        VALUES (${application}, 'ORG11-2QF4X', '0000000091', ${id}, 'APPROVED', 'p', now(), now(), now(), now())`);
      await transaction.execute(sql`INSERT INTO organisation_representations (id, organisation_id, subscriber_id,
          application_id, role, began_at) VALUES (${representation}, ${organisation}, ${id}, ${application}, 'head', now())`);
      await transaction.execute(sql`INSERT INTO organisation_consents (application_id, number_hash, asked_at, subscriber_id,
          answer, answered_at) VALUES (${application}, sha256('other'), now(), ${id}, 'declined', now())`);
    });
    const said = { identityNumber: citizen.identifier, fullName: 'Ẩn Danh', birthdate: '1990-01-01' };
    const own = { ...said, fullName: 'Đặng Thị Ngọc Huyền' };
    const { reference } = await approvedByStatements(server, own, { accountId: id, officer });
    await anApplication(server, said, { office: 'vn' });
    const write = (writes: readonly Write[]) => writeTogether(server.database, writes);
    const opened = cases.open({ subscriberId: id, session: 'a'.repeat(32), signedInAt: new Date(), frozen: [] });
    await write(opened.writes);
    await cases.close(opened.id, { outcome: 'secured', reason: 'Đã đổi khóa.', by: actor });
    await dataRequests.receive({ subscriberId: id, kind: 'copy', statement: 'Xin bản giấy.' });
    const [consent] = await consents.history(id);
    await relyingParties.subjectFor(id, 'legal-entity-of-a-test');
    const person = (await subscribers.find(id))!;
    await write([
      ...consents.withdraw(consent!, { kind: 'subscriber', id }),
      ...deliveries.queue({ clientId: 'hotel', subscriberId: id, sub: 'sub' }, newId()),
      ...notices.queueToAll('account_unlocked', { ...person, recoveryAddresses: [] }, {}),
    ]);
    await rowsOf(
      `INSERT INTO subscriber_locks (subscriber_id, id, ground, opened_by, opened_at, lifted_by, lifted_at)
       VALUES ($1, gen_random_uuid(), 'security_suspected', $2, now(), $2, now())`,
      [id, officer],
    );
    return reference;
  }
});

describe('requests', () => {
  test('a correction is asked for, shown with its dates, answered by the data protection role, and read', async () => {
    const { citizen, browser } = await linked();
    const form = await at(browser, '/data/requests/new');
    const empty = await form.submit({ statement: ' ' }, { form: 'ask-form' });
    expect(empty.words).toContain('Chọn một việc');
    expect(empty.words).toContain('Viết vài chữ');
    const missing = await form.submit(
      { kind: 'rectify', subject: '', statement: 'Sai tên đệm.' },
      { form: 'ask-form' },
    );
    expect(missing.words).toContain('Chọn mục cần sửa');
    const sent = await form.submit(
      { kind: 'rectify', subject: 'name', statement: 'Tên đệm là <b>Bảo</b>.' },
      { form: 'ask-form' },
    );
    expect(sent.words).toContain('Chúng tôi đã nhận yêu cầu của bạn');
    expect(sent.words).toMatch(/Sửa thông tin: Họ tên .* Xác nhận chậm nhất ngày .* Trả lời chậm nhất ngày/);
    expect(sent.text).not.toContain('<b>Bảo</b>');

    const [request] = await server.app.parts.dataRequests.of(citizen.id);
    const year = provisionalYear([request!.acknowledgeBy, request!.decideBy]);
    expect(/nghỉ chính thức của năm (\d{4}) chưa/.exec(sent.words)?.[1]).toBe(year === null ? undefined : String(year));
    const url = `${server.issuer}/operator/data-requests`;
    const officer = await seated(server, ['data_protection']);
    expect((await officer.browser.open(url)).words).toContain('Sửa thông tin: Họ tên');
    let page = await officer.browser.open(`${url}/${request!.id}`);
    expect(page.words).toContain('Đặng Thị Ngọc Huyền');
    page = await page.submit({}, { form: 'acknowledge' });
    expect(page.words).toContain('Đã xác nhận.');
    const short = await page.submit({ extension: 'bận' }, { form: 'extend' });
    expect([short.status, short.words.includes('ít nhất 10 ký tự')]).toEqual([422, true]);
    page = await page.submit({ extension: 'Cơ sở dữ liệu dân cư chưa trả lời.' }, { form: 'extend' });
    expect(page.words).toContain('Đã gia hạn và báo cho người dân');
    expect(page.forms.map(({ id }) => id)).not.toContain('extend');
    page = await page.submit({ outcome: 'granted', reason: 'Đã sửa tên đệm theo giấy khai sinh.' }, { form: 'decide' });
    expect(page.words).toContain('Đã trả lời và báo cho người dân');

    const read = await at(browser, '/data');
    expect(read.words).toMatch(/Đã làm theo yêu cầu .* Đã sửa tên đệm theo giấy khai sinh/);
    expect(read.words).not.toContain(officer.operator.name);
    const queued = await server.app.parts.journal.query({ subscriberId: citizen.id, types: ['notice.queued'] });
    expect(queued.map(({ detail }) => detail?.notice)).toEqual([
      ...['data_request_answered', 'data_request_answered', 'data_request_acknowledged'],
    ]);
    expect((await at(browser, '/data/viewed')).words).toContain('Trả lời yêu cầu về dữ liệu');
  });

  test('who is not of the role sees none, and nobody sees somebody else’s', async () => {
    const { browser } = await linked();
    const form = await at(browser, '/data/requests/new');
    await form.submit({ kind: 'object', subject: '', statement: 'Không muốn.' }, { form: 'ask-form' });
    for (const role of ['security', 'auditor', 'intake', 'sysadmin'] as const) {
      const other = await seated(server, [role]);
      expect((await other.browser.open(`${server.issuer}/operator/data-requests`)).status).toBe(403);
    }
    const stranger = await linked();
    expect((await at(stranger.browser, '/data')).words).not.toContain('Không muốn.');
  });

  test('erasing takes away links, consents and optional contacts, and refuses the account with the reason', async () => {
    const { citizen, browser, token } = await linked();
    const page = await at(browser, '/data/erase');
    expect((await page.submit({}, { form: 'erase-form' })).words).toContain('Chọn ít nhất một mục');
    const done = await page.submit(
      { links: 'yes', consents: 'yes', optional: 'yes', account: 'yes' },
      { form: 'erase-form' },
    );
    expect(done.words).toMatch(/Xóa Nhận lúc .* Đã làm một phần .* lưu vĩnh viễn/);
    expect((await hotel.userinfo(token)).status).toBe(401);
    expect(await server.app.parts.accountLinks.of(citizen.id)).toEqual([]);
    const person = await server.app.parts.subscribers.find(citizen.id);
    expect([person?.email, person?.phone, person?.fullName]).toEqual([
      ...[undefined, expect.any(String), 'Đặng Thị Ngọc Huyền'],
    ]);
    // As by the page of the contacts: the mailbox that goes is told as well.
    const told = (await server.app.parts.notices.sentTo(citizen.id)).filter(({ kind }) => kind === 'contact_removed');
    expect(told.map(({ medium }) => medium).sort()).toEqual(['mail', 'sms']);
    const only = await (await at(browser, '/data/erase')).submit({ account: 'yes' }, { form: 'erase-form' });
    expect(only.words).toMatch(/Từ chối .* Không xóa được tài khoản/);
    expect(person?.state).toBe('active');
  });

  test('erasing leaves the last address that hears from us, and then does nothing of what was asked', async () => {
    const { citizen, browser } = await linked({ phoneVerified: false });
    const refused = await (await at(browser, '/data/erase')).submit(
      { links: 'yes', optional: 'yes' },
      { form: 'erase-form' },
    );
    expect(refused.words).toContain('địa chỉ cuối cùng');
    expect((await server.app.parts.subscribers.find(citizen.id))?.email).toBeDefined();
    expect(await server.app.parts.accountLinks.of(citizen.id)).toHaveLength(1);
  });

  test('erasing takes a fresh proof', async () => {
    const { citizen, browser } = await linked();
    const page = await at(browser, '/data/erase');
    later(400);
    for (const asked of [
      await page.submit({ links: 'yes', begun: '' }, { form: 'erase-form' }),
      await at(browser, '/data/erase'),
    ])
      expect(new URL(asked.url).pathname).toMatch(/^\/interaction\//);
    expect(await server.app.parts.accountLinks.of(citizen.id)).toHaveLength(1);
  });
});

describe('lock my account now', () => {
  test('ends everything, tells the addresses, and lets nobody in; thinking better of it changes nothing', async () => {
    const { citizen, browser, token } = await linked();
    const kept = await (await at(browser, '/lock')).submit({}, { form: 'lock-form', button: 'cancel' });
    expect(new URL(kept.url).pathname).toBe('/account');
    const locked = await (await at(browser, '/lock')).submit({}, { form: 'lock-form', button: 'continue' });
    expect([new URL(locked.url).pathname, locked.words.includes('Tài khoản đã khóa')]).toEqual([
      '/account/locked',
      true,
    ]);
    expect((await hotel.userinfo(token)).status).toBe(401);
    expect((await at(browser, '')).url).toContain('/interaction/');
    const tried = await signIn(await at(createBrowser(), ''), citizen);
    expect(tried.status).toBe(403);
    const [notice] = await server.app.parts.journal.query({
      subscriberId: citizen.id,
      types: ['notice.queued'],
      limit: 1,
    });
    expect(notice?.detail).toEqual({ notice: 'account_locked', media: ['sms', 'mail'] });
    const [lock] = await server.app.parts.subscribers.locks(citizen.id);
    expect(lock).toMatchObject({ ground: 'holder_request' });
  });

  test('and nothing is broken afterwards', async () => {
    vi.useRealTimers();
    const broken = await brokenInvariants(server.database, server.app);
    expect(broken.filter((sentence) => !invented.some((one) => sentence.includes(one)))).toEqual([]);
  });
});
