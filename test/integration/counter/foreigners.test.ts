import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCsrf } from '../../../src/platform/csrf.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { NEWCOMERS, PERSONAS } from '../../../src/sandbox/index.ts';
import { aCapture, anOfficer, cardRead, faceTaken, printsTaken, type Seat, served } from '../../support/counter.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { plainClient } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { signIn } from '../../support/sign-in.ts';
import { type CreationOptions, softwarePasskey } from '../../support/software-passkey.ts';

let server: TestServer;
let officer: Seat;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
});
afterAll(() => server?.end());

/** From abroad, known to the register and without an account. */
const tomas = (() => {
  const { id, person } = NEWCOMERS.find((one) => one.id === 'foreigner')!;
  return { id, identityNumber: person.identityNumber, person };
})();
const khoi = PERSONAS.find(({ id }) => id === 'level-1')!;
const accountOf = (number: string) => server.app.parts.subscribers.locate(number);
const withdrawn = (page: Page) => page.submit({}, { form: 'withdraw' });
const again = (page: Page) => officer.browser.open(page.url.split('?')[0]!);
const idsOf = (page: Page): string[] => page.forms.map(({ attributes }) => attributes.get('id') ?? '');
const PASSWORD = 'bach-tuoc-nhay-tren-mai-ngoi';

/** The account is closed, and its person stands in the register as before. */
async function closed(): Promise<void> {
  const account = await accountOf(tomas.identityNumber);
  expect(await server.app.parts.subscribers.close(account!.id, { kind: 'system' })).toBe(true);
}

/** Everything that an approval takes. */
async function ready(passport: string): Promise<Page> {
  const page = await cardRead(await served(server, officer, tomas as never), passport);
  return printsTaken(await faceTaken(officer, page, tomas.identityNumber), aCapture());
}

/** The page where somebody binds afresh, in a browser of their own. */
async function ways(approved: Page, browser = createBrowser()): Promise<Page> {
  const handed = await approved.submit({}, { form: 'give-code' });
  const code = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(handed.words)![0];
  return (await browser.open(`${server.issuer}/counter`)).submit({ code }, { form: 'code-form' });
}

const master = () => new Secret(Buffer.from(server.environment.SENID_MASTER_SECRET ?? '', 'base64'));
const kindsOf = async (id: string) => (await server.app.parts.authenticators.of(id)).map(({ kind }) => kind).sort();

describe('a passport at the counter', () => {
  test.each([
    ['foreigner.passport-other', 'không phải hộ chiếu mà cơ sở dữ liệu', ['Số hộ chiếu khác']],
    [
      'foreign-resident.passport',
      'không phải hộ chiếu mà cơ sở dữ liệu',
      ['Số hộ chiếu khác', 'Họ tên khác', 'Ngày sinh khác'],
    ],
    ['foreigner.passport-expired', 'hết hạn', []],
    ['level-2-chip.genuine', 'không phải', []],
    ['level-2-chip.foreign-card', 'không phải hộ chiếu', []],
  ])('%s is none of his', async (shown, why, issues) => {
    const page = await served(server, officer, tomas as never);
    const read = await cardRead(page, shown);
    expect(read.words).toContain(why);
    const seen = await again(page);
    expect(seen.words).toMatch(/Chíp của thẻ\s*Không khớp/);
    for (const issue of issues) expect(seen.words).toContain(issue);
    expect(seen.words).not.toContain('Nước cấp khác');
    await withdrawn(seen);
  });

  test('is no evidence of a citizen, who has a card', async () => {
    const page = await served(server, officer, khoi);
    expect((await cardRead(page, 'foreigner.passport')).words).toContain('không phải thẻ căn cước');
    await withdrawn(await again(page));
  });

  test('whose chip has no key is evidence and nothing to sign in with: the officer is told, and a passkey alone is bound', async () => {
    const page = await ready('foreigner.passport-silent');
    expect(page.words).toMatch(/Chíp của thẻ\s*Khớp/);
    expect(page.words).toContain('chỉ gắn khóa truy cập');
    const done = await page.submit({ seen: 'yes' }, { form: 'approve' });
    expect(done.words).toContain('Đã duyệt');
    const account = (await accountOf(tomas.identityNumber))!;
    expect(await server.app.parts.subscribers.proofing(account.id)).toMatchObject({
      evidence: [
        {
          ...{ kind: 'passport', strength: 'strong', issuedBy: 'UTO' },
          checks: ['passive_authentication', 'portrait_match', 'face_match', 'fingerprint_match'],
        },
        { kind: 'register_entry' },
      ],
    });
    const browser = createBrowser();
    const bindPage = await ways(done, browser);
    expect(bindPage.words).toContain('Hộ chiếu không được gắn');
    expect(idsOf(bindPage)).not.toContain('password-form');
    // Whoever posts it all the same is back where they were.
    const csrf = createCsrf({ sealer: createSealer(master(), 'csrf'), origin: server.issuer });
    const token = (browser.cookies.get('senid-counter') ?? '').split('.')[0] ?? '';
    const posted = await browser.open(`${server.issuer}/counter/password`, {
      method: 'POST',
      body: new URLSearchParams({ csrf: csrf.token(token, '/counter/password'), password: PASSWORD }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    });
    expect(posted.words).toContain('Hộ chiếu không được gắn');
    expect(await kindsOf(account.id)).toEqual([]);
    const { hostname, origin } = new URL(server.issuer);
    const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
    const options = JSON.parse(bindPage.form('register-form').attributes.get('data-options') ?? '{}');
    const bound = await bindPage.submit(
      { response: JSON.stringify(passkey.create(options as CreationOptions)), name: 'phone' },
      { form: 'register-form' },
    );
    expect(bound.words).toMatch(/level 2|mức 2/);
    expect(await kindsOf(account.id)).toEqual(['passkey']);
    await checkInvariants(server.database, server.app);
    await closed();
  });

  test('that the register no longer names at the decision approves nobody', async () => {
    const page = await ready('foreigner.passport');
    const sandbox = await createBrowser().open(`${server.issuer}/sandbox/register`);
    const renewed = { identityNumber: tomas.identityNumber, saying: 'passport-issued' };
    expect((await sandbox.submit(renewed, { form: 'report' })).status).toBe(200);
    const refused = await page.submit({ seen: 'yes' }, { form: 'approve' });
    expect([refused.status, refused.words]).toEqual([409, expect.stringContaining('vừa trả lời khác')]);
    expect(await accountOf(tomas.identityNumber)).toBeUndefined();
    await withdrawn(await again(page));
  });
});

test('somebody from abroad becomes level 2 by face, fingerprints and passport, and signs in with it', async () => {
  // A register that names the first passport: the server of the tests before has another one by now.
  const fresh = await startServer({ jobs: false });
  const seat = await anOfficer(fresh, ['intake']);
  try {
    const begun = await served(fresh, seat, tomas as never);
    expect(begun.words).toContain('Người nước ngoài lên mức 2');
    const read = await cardRead(begun, 'foreigner.passport');
    expect(read.words).toMatch(/Chíp của thẻ\s*Khớp/);
    expect(idsOf(read)).not.toContain('approve');
    const page = await printsTaken(await faceTaken(seat, read, tomas.identityNumber), aCapture());
    const done = await page.submit({ seen: 'yes' }, { form: 'approve' });
    const account = (await fresh.app.parts.subscribers.locate(tomas.identityNumber))!;
    expect([account.accountLevel, account.accountType]).toEqual([2, 'foreigner']);
    expect(await fresh.app.parts.subscribers.proofing(account.id)).toMatchObject({
      ...{ channel: 'in_person', faceMatched: true, fingerprintsMatched: true },
      assurance: { row: 'account-2.counter' },
      evidence: [
        { kind: 'passport', strength: 'superior', issuedBy: 'UTO', expiresOn: '2034-03-02' },
        { kind: 'register_entry', strength: 'strong' },
      ],
    });
    const row = await fresh.database.row(
      sql`SELECT card_expires_on::text AS card, passport_expires_on::text AS passport FROM subscribers WHERE id = ${account.id}`,
    );
    expect(row).toEqual({ card: '2031-06-30', passport: '2034-03-02' });
    // Neither number stands in the journal.
    const told = JSON.stringify(await fresh.app.parts.journal.query({ subscriberId: account.id, limit: 200 }));
    for (const secret of [tomas.identityNumber, 'U85000026', 'FERREIRA']) expect(told).not.toContain(secret);

    const handed = await done.submit({}, { form: 'give-code' });
    const code = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(handed.words)![0];
    const own = await (await createBrowser().open(`${fresh.issuer}/counter`)).submit({ code }, { form: 'code-form' });
    expect(own.words).toContain('026');
    const bound = await own.submit({ password: PASSWORD }, { form: 'password-form' });
    expect(bound.words).toMatch(/level 2|mức 2/);
    expect((await fresh.app.parts.authenticators.of(account.id)).map(({ kind }) => kind).sort()).toEqual([
      ...['chip-card', 'password'],
    ]);

    const rp = await plainClient(fresh.issuer, fresh.client('sandbox-confidential'));
    const level2 = `${fresh.issuer}/assurance/test/level-2`;
    const started = await rp.begin({ scope: 'openid assurance', acr_values: level2 });
    const claimant = { identifier: tomas.identityNumber, password: PASSWORD };
    const waiting = await signIn(await createBrowser().open(started.url), claimant);
    const hold = async (shown: string) => {
      const drawer = await waiting.submit({}, { form: 'tap-form' });
      await drawer.submit({}, { form: 'tap-form', button: `card=${shown}` });
      return waiting.submit({}, { form: 'card-form', button: 'continue' });
    };
    const signedIn = await signIn(await hold('foreigner.passport'), claimant);
    const tokens = (await rp.exchange(signedIn.location ?? '', started)).json<{ id_token: string }>();
    const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ acr: level2, account_level: 2 });
    expect([...claims.amr].sort()).toEqual(['mfa', 'pwd', 'sc']);
    await checkInvariants(fresh.database, fresh.app);
  } finally {
    await fresh.end();
  }
});
