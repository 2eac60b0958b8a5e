import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { type SignedIn, signedIn } from '../../support/attack.ts';
import { seated } from '../../support/console.ts';
import { type Browser, createBrowser, type Page } from '../../support/http-client.ts';
import { brokenInvariants } from '../../support/invariants.ts';
import { aListener } from '../../support/listener.ts';
import { aCitizen, aParty, type Citizen } from '../../support/newcomers.ts';
import { aPasskey } from '../../support/recovery-pages.ts';
import { plainClient, type RelyingParty } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { signIn } from '../../support/sign-in.ts';
import { type CreationOptions, softwarePasskey } from '../../support/software-passkey.ts';

const ANDROID =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0';

let server: TestServer;
let hotel: RelyingParty;
let listener: Awaited<ReturnType<typeof aListener>>;
beforeAll(async () => {
  listener = await aListener();
  server = await startServer({ settings: { EGRESS_ALLOWED: listener.origin } });
  const config = await aParty(server, 'hotel', { backchannel_logout_uri: `${listener.origin}/hotel` });
  hotel = await plainClient(server.issuer, config);
});
afterAll(async () => {
  await server.end();
  await listener.close();
});

const browserOf = (userAgent: string): Browser => createBrowser({ headers: { 'user-agent': userAgent } });
const at = (browser: Browser, path: string): Promise<Page> => browser.open(`${server.issuer}/account${path}`);

/** Signed in with a password and a code on a computer, where the passkey was made, and at the hotel; and with that on a phone. */
async function twice(): Promise<{ citizen: Citizen; phone: Browser; computer: SignedIn }> {
  const made = await aCitizen(server);
  const browser = browserOf(WINDOWS);
  const { hostname, origin } = new URL(server.issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const page = await signIn(await at(browser, '/passkeys/new'), made);
  const options = JSON.parse(page.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
  await page.submit({ response: JSON.stringify(passkey.create(options)), name: 'Khóa' }, { form: 'register-form' });
  const computer = await signedIn(hotel, made, { scope: 'openid offline_access', prompt: 'consent' }, { browser });
  const citizen = { ...made, passkey };
  const phone = browserOf(ANDROID);
  await signIn(await at(phone, '/sessions'), citizen, 'passkey');
  return { citizen, phone, computer };
}
const alive = async ({ tokens }: SignedIn): Promise<unknown[]> => [
  (await hotel.userinfo(tokens.access_token)).status,
  (await hotel.refresh(tokens.refresh_token ?? '')).status,
];

describe('sessions and devices', () => {
  test('each is shown with its browser, its network and where it is signed in; nothing of it stands readable in the database', async () => {
    const { phone } = await twice();
    const page = await at(phone, '/sessions');
    expect(page.words).toMatch(/Chrome trên Android Trình duyệt này Bắt đầu .* Mạng 127\.0\.0\.0\/24/);
    expect(page.words).toMatch(/Firefox trên Windows Bắt đầu .* Đã vào: Bên hotel/);
    const rows = await server.database.rows<{ row: string }>({
      text: 'SELECT s::text AS row FROM sessions s',
      values: [],
    } as never);
    expect(rows.length).toBeGreaterThan(1);
    for (const { row } of rows) expect(row).not.toMatch(/127\.0\.0|Firefox|Chrome/);
  });

  test('one is ended from another: its tokens are dead, the relying party hears of it, this one stays', async () => {
    const { phone, computer } = await twice();
    expect(await alive(computer)).toEqual([200, 200]);
    listener.received.length = 0;
    const page = await at(phone, '/sessions');
    const form = page.forms.find(
      ({ id, values }) => id?.startsWith('end-') && values.has('session') && page.text.includes('Firefox trên Windows'),
    );
    // The computer's is the one that has been at the hotel.
    const [, reference = ''] = /Bên hotel.*?id="end-([0-9a-f]{32})"/s.exec(page.text) ?? [];
    expect(form).toBeDefined();
    const ended = await page.submit({}, { form: `end-${reference}` });
    expect(ended.words).toContain('Đã đăng xuất phiên đó');
    expect(await alive(computer)).toEqual([401, 400]);
    expect((await computer.browser.open(`${server.issuer}/account`)).url).toContain('/interaction/');
    expect((await at(phone, '')).words).toContain('Tổng quan');
    await expect.poll(() => listener.received.length, { timeout: 5_000 }).toBe(1);
    await expect
      .poll(async () => (await at(phone, '/sessions')).words, { timeout: 5_000 })
      .toMatch(/Bên hotel đã xác nhận lúc/);
  });

  test('of somebody else none can be ended, whatever is posted', async () => {
    const { phone } = await twice();
    const other = await twice();
    const page = await at(phone, '/sessions');
    const theirs = /id="end-([0-9a-f]{32})"/.exec((await at(other.phone, '/sessions')).text)?.[1] ?? '';
    const csrf = page.form('end-all-form').values.get('csrf');
    const own = page.forms.find(({ values }) => values.has('session'));
    for (const session of [theirs, '', 'x', '%00'])
      await phone.send(`${server.issuer}/account/sessions/end`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer },
        body: new URLSearchParams({ csrf: own?.values.get('csrf') ?? csrf ?? '', session }).toString(),
      });
    expect(await alive(other.computer)).toEqual([200, 200]);
  });

  test('everywhere means everywhere: here too, and what was granted for offline use', async () => {
    const { phone, computer, citizen } = await twice();
    const after = await (await at(phone, '/sessions')).submit({}, { form: 'end-all-form' });
    expect(new URL(after.url).pathname).toBe('/');
    expect((await at(phone, '')).url).toContain('/interaction/');
    expect(await alive(computer)).toEqual([401, 400]);
    const [event] = await server.app.parts.journal.query({ subscriberId: citizen.id, types: ['session.ended'] });
    expect(event?.detail).toEqual({ everywhere: true });
  });
});

describe('the history', () => {
  test('tells sign-ins in plain words, and goes on page by page', async () => {
    const { phone, citizen } = await twice();
    const page = await at(phone, '/history');
    expect(page.words).toMatch(/Đăng nhập Khóa truy cập \(passkey\) .* Chrome trên Android Trình duyệt này/);
    expect(page.words).toMatch(/Vào Bên hotel/);
    expect(page.words).toMatch(
      /Xác thực thêm Ứng dụng xác thực .* Đăng nhập Mật khẩu .* Firefox trên Windows Không phải tôi/,
    );
    expect(page.text).not.toContain(citizen.id);
    for (let time = 0; time < 20; time += 1)
      await signIn(await createBrowser().open(`${server.issuer}/account`), citizen, 'passkey');
    await expect
      .poll(async () => (await at(phone, '/history')).words, { timeout: 10_000, interval: 500 })
      .toContain('Cũ hơn');
    const older = await (await at(phone, '/history')).follow('Cũ hơn');
    expect(older.words).toContain('Firefox trên Windows');
  });

  test('“this was not me” ends that session, freezes what it was made with, opens a case and tells every address', async () => {
    const { phone, computer, citizen } = await twice();
    const before = (await server.app.parts.authenticators.of(citizen.id)).filter(({ status }) => status === 'active');
    const asked = await (await firefoxEntry(phone)).submit({}, { form: 'disown-form' });
    expect(asked.words).toContain('Cảm ơn bạn đã báo');
    expect(asked.words).toContain('Bạn đã báo: không phải bạn');
    expect(await alive(computer)).toEqual([401, 400]);
    const after = await server.app.parts.authenticators.of(citizen.id);
    expect(
      after
        .filter(({ status }) => status === 'disabled')
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['password', 'totp']);
    expect(before).toHaveLength(3);
    const { cases } = await server.app.parts.cases.list({ open: true });
    expect(cases.filter(({ subscriberId }) => subscriberId === citizen.id)).toMatchObject([{ frozen: [{}, {}] }]);
    const kinds = (
      await server.app.parts.journal.query({ subscriberId: citizen.id, types: ['notice.queued'], limit: 10 })
    ).map(({ detail }) => detail);
    expect(kinds).toContainEqual({ notice: 'sign_in_disowned', media: ['sms', 'mail'] });
    expect(kinds).toContainEqual({ notice: 'authenticator_frozen', media: ['sms', 'mail'] });
    // The frozen password opens nothing; the passkey of whoever reported does.
    const tried = await signIn(await createBrowser().open(`${server.issuer}/account`), {
      ...citizen,
      passkey: undefined as never,
    });
    expect(tried.url).toContain('/interaction/');
    expect((await signIn(await at(createBrowser(), ''), citizen, 'passkey')).words).toContain('Tổng quan');
  });

  test('also of a session that is over: what was granted in it for offline use is dead, and the relying party hears of it', async () => {
    const { phone, computer, citizen } = await twice();
    // Sessions run out by themselves; so has the computer's, the only one that has been at the hotel.
    await server.database.execute(sql`UPDATE sessions SET expires_at = now() - interval '1 minute'
      WHERE account_id = ${citizen.id} AND authorizations::jsonb ? 'hotel'`);
    const here = await signedIn(hotel, citizen, { scope: 'openid offline_access' }, { browser: phone });
    expect((await computer.browser.open(`${server.issuer}/account`)).url).toContain('/interaction/');
    expect(await alive(computer)).toEqual([200, 200]);
    listener.received.length = 0;
    await (await firefoxEntry(phone)).submit({}, { form: 'disown-form' });
    expect(await alive(computer)).toEqual([401, 400]);
    await expect.poll(() => listener.received.length, { timeout: 5_000 }).toBe(1);
    // What came of another session goes on.
    expect(await alive(here)).toEqual([200, 200]);
  });

  test('it is reported once, also by two at the same moment', async () => {
    const { phone, citizen } = await twice();
    const page = await firefoxEntry(phone);
    await Promise.all([1, 2, 3].map(() => page.submit({}, { form: 'disown-form' })));
    const opened = await server.app.parts.journal.query({ subscriberId: citizen.id, types: ['case.opened'] });
    expect(opened).toHaveLength(1);
  });

  test('reported with less than what it was made with it freezes nothing; said again after a step-up it does, once, and the open case shows it', async () => {
    const citizen = await aCitizen(server, { level: 1 });
    const [passkey, mine] = [await aPasskey(server, citizen.id), await aPasskey(server, citizen.id)];
    const [thief, own] = [browserOf(WINDOWS), browserOf(ANDROID)];
    await signIn(await at(thief, ''), { ...citizen, passkey }, 'passkey');
    await signIn(await at(own, ''), citizen);
    const frozen = async () =>
      (await server.app.parts.authenticators.of(citizen.id))
        .filter(({ status }) => status === 'disabled')
        .map(({ kind }) => kind);
    const ofCitizen = async () => (await server.app.parts.cases.of(citizen.id)).map((one) => one.frozen.length);
    const first = await firefoxEntry(own);
    expect(first.text).toMatch(/<a class="primary" id="step-up"/);
    expect((await first.submit({}, { form: 'disown-form' })).words).toContain('Chưa cách đăng nhập nào bị tạm dừng');
    expect([await frozen(), await ofCitizen()]).toEqual([[], [0]]);
    // Said once more with no more than before, there is nothing but the step-up to press.
    expect((await firefoxEntry(own)).forms.map(({ id }) => id)).not.toContain('disown-form');

    // Password and code reach the level of a passkey, and are nothing strong: a thief may have both.
    const asked = await signIn(await at(own, '/passkeys/new'), citizen);
    expect(asked.forms.map(({ id }) => id)).toContain('passkey-form');
    expect((await firefoxEntry(own)).forms.map(({ id }) => id)).not.toContain('disown-form');
    await signIn(await at(own, '/passkeys/new'), { ...citizen, passkey: mine }, 'passkey');
    const again = await firefoxEntry(own);
    await Promise.all([1, 2].map(() => again.submit({}, { form: 'disown-form' })));
    expect([await frozen(), await ofCitizen()]).toEqual([['passkey'], [1]]);
    const types = ['case.opened', 'case.widened', 'authenticator.disabled'] as const;
    const events = await server.app.parts.journal.query({ subscriberId: citizen.id, types, limit: 10 });
    expect(events.map(({ type }) => type).sort()).toEqual(['authenticator.disabled', 'case.opened', 'case.widened']);
    const told = await server.app.parts.journal.query({ subscriberId: citizen.id, types: ['notice.queued'] });
    expect(told.map(({ detail }) => detail?.notice)).toContain('authenticator_frozen');
    expect((await at(own, '/history')).text).not.toMatch(/history\/[0-9a-f]{32}\/disown/);
  });

  test('what whoever reports is signed in with stays: nobody shuts themselves out, and the page says so', async () => {
    const made = await aCitizen(server);
    const first = browserOf(WINDOWS);
    const second = browserOf(ANDROID);
    for (const browser of [first, second]) await signIn(await at(browser, '/history'), made);
    const page = await firefoxEntry(second);
    expect(page.words).toContain('Không tạm dừng được');
    await page.submit({}, { form: 'disown-form' });
    expect((await server.app.parts.authenticators.of(made.id)).map(({ status }) => status)).toEqual([
      'active',
      'active',
    ]);
    expect((await at(first, '')).url).toContain('/interaction/');
  });

  test('one’s own session, somebody else’s and none at all are not there to be disowned', async () => {
    const { phone } = await twice();
    const other = await twice();
    const theirs = /history\/([0-9a-f]{32})\/disown/.exec((await at(other.phone, '/history')).text)?.[1];
    for (const session of [theirs, 'x', '0'.repeat(32)])
      expect((await at(phone, `/history/${session}/disown`)).status).toBe(404);
  });

  /** The page that asks about the sign-in on the computer. */
  async function firefoxEntry(browser: Browser): Promise<Page> {
    const { text } = await at(browser, '/history');
    const [, session] = /Firefox trên Windows.*?history\/([0-9a-f]{32})\/disown/s.exec(text) ?? [];
    return at(browser, `/history/${session}/disown`);
  }

  test('the security role closes the case with a reason, and gives back what was frozen where it was the holder after all', async () => {
    const { phone, citizen } = await twice();
    await (await firefoxEntry(phone)).submit({}, { form: 'disown-form' });
    const { browser, operator } = await seated(server, ['security']);
    const list = await browser.open(`${server.issuer}/operator/cases`);
    expect(list.words).toMatch(/\d+ hồ sơ đang mở/);
    const { cases } = await server.app.parts.cases.list({ open: true });
    const id = cases.find(({ subscriberId }) => subscriberId === citizen.id)?.id;
    const page = await browser.open(`${server.issuer}/operator/cases/${id}`);
    expect(page.words).toContain('Ứng dụng xác thực');
    const short = await page.submit({ outcome: 'secured', reason: 'ok' }, { form: 'close' });
    expect([short.status, short.words.includes('ít nhất 10 ký tự')]).toEqual([422, true]);
    const closed = await page.submit(
      { outcome: 'own_after_all', reason: 'Gọi lại số đã xác minh: đúng là chủ tài khoản.' },
      { form: 'close' },
    );
    expect(closed.words).toContain('Đã đóng hồ sơ');
    expect(closed.words).toContain('Gọi lại số đã xác minh');
    expect((await server.app.parts.authenticators.of(citizen.id)).map(({ status }) => status)).toEqual([
      'active',
      'active',
      'active',
    ]);
    // Whoever it was, the person reads from which office somebody looked.
    const viewed = await at(phone, '/data/viewed');
    expect(viewed.words).toContain('Trung ương');
    expect(viewed.words).not.toContain(operator.name);
    const again = await browser.open(`${server.issuer}/operator/cases/${id}`);
    expect(again.forms.map((form) => form.id)).not.toContain('close');
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
