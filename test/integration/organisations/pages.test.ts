import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../../src/platform/ids.ts';
import { type Browser, createBrowser, type Page } from '../../support/http-client.ts';
import { brokenInvariants } from '../../support/invariants.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { bindPasskey, signIn } from '../../support/sign-in.ts';

/** Of the sandbox: one whose only representative is Lan Anh, one of Quang and Thọ, one that was dissolved. */
const [SILK, CIRCUS, MOON] = ['0000000019', '0000000027', '0000000035'];

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.end());

const PATH = '/account/organisations';
const at = (browser: Browser, path = ''): Promise<Page> => browser.open(`${server.issuer}${PATH}${path}`);

/** Somebody signed in to My account with a passkey: a strong proof, just given. */
const passkeys = new Map<string, Awaited<ReturnType<typeof bindPasskey>>>();
async function signedInAs(id: string, means: 'passkey' | 'password' = 'passkey'): Promise<Browser> {
  const claimant = server.claimant(id);
  const passkey = passkeys.get(id) ?? (await bindPasskey(server.issuer, claimant));
  passkeys.set(id, passkey);
  const browser = createBrowser();
  await signIn(await at(browser), { ...claimant, passkey }, means);
  return browser;
}
async function apply(browser: Browser, code: string): Promise<Page> {
  const page = await at(browser, '/new');
  return page.submit({ code }, { form: 'organisation' });
}
/** What the page says once the office has looked. */
const says = async (browser: Browser, words: RegExp | string): Promise<void> => {
  await expect.poll(async () => (await at(browser)).words, { timeout: 10_000 }).toMatch(words);
};

describe('organisations in My account', () => {
  test('who alone acts for one applies, is told by message, and leaves again', async () => {
    const browser = await signedInAs('level-2-chip');
    expect((await browser.open(`${server.issuer}/account`)).words).toContain('Tổ chức bạn thay mặt');
    expect((await at(browser)).words).toContain('Bạn chưa thay mặt tổ chức nào');
    expect((await apply(browser, '12')).words).toContain('Mã số có 10 chữ số');
    expect((await apply(browser, '00000 00019')).words).toContain('Đã nhận hồ sơ');
    await says(browser, /Hợp tác xã Lụa Tơ Sen .* Mã số 0000000019 · người đại diện theo pháp luật · từ \d\d/);
    const { id } = (await server.app.parts.subscribers.locate(server.persona('level-2-chip').identityNumber))!;
    const sent = async () => (await server.app.parts.notices.sentTo(id)).map(({ kind }) => kind);
    expect(await sent()).toContain('organisation_approved');
    expect((await apply(browser, SILK)).words).toContain('Bạn đang thay mặt tổ chức này rồi');
    const page = await at(browser);
    const [form] = page.forms.filter(({ action }) => action.endsWith('/leave'));
    expect(form).toBeDefined();
    expect((await page.submit({}, { form: '/leave' })).words).toContain('Bạn không còn thay mặt tổ chức đó');
    expect((await at(browser)).words).toMatch(/Bạn đã thôi thay mặt ngày \d\d/);
    expect((await apply(browser, MOON)).words).toContain('Đã nhận hồ sơ');
    await says(browser, 'không được duyệt');
    const moon = await (await at(browser)).follow('Công ty Cổ phần Phơi Trăng');
    expect(moon.words).toContain('Tổ chức đã giải thể');
  });

  test('where there are two, the other consents on a page of theirs, with a strong proof; nobody else sees it', async () => {
    const [quang, tho] = [await signedInAs('level-2-chip-face'), await signedInAs('no-phone', 'password')];
    await apply(quang, CIRCUS);
    await says(quang, 'đang chờ người đại diện khác đồng ý');
    const application = await (await at(quang)).follow('Công ty TNHH Gánh Xiếc Dế');
    expect(application.words).toMatch(/Bùi Văn Thọ người đại diện theo pháp luật chưa trả lời/);

    const asked = await (await at(tho)).follow('Công ty TNHH Gánh Xiếc Dế');
    expect(asked.words).toMatch(/Người xin Lê Hoàng Quang/);
    // His session has a password and a code: that is level 2 of authentication, and nothing strong.
    const away = await asked.submit({}, { form: 'consent-form', button: 'give' });
    expect(new URL(away.url).pathname).toMatch(/^\/interaction\//);
    const strong = await signedInAs('no-phone');
    const stranger = await signedInAs('level-2-chip');
    for (const other of [quang, stranger]) expect((await other.open(asked.url)).status).toBe(404);
    for (const other of [strong, stranger]) expect((await other.open(application.url)).status).toBe(404);
    for (const made of [newId(), 'x', '%00'])
      for (const place of ['consents', 'applications'])
        expect((await at(strong, `/${place}/${made}`)).status).toBe(404);

    const page = await strong.open(asked.url);
    expect((await page.submit({}, { form: 'consent-form', button: 'give' })).words).toContain('Bạn đã đồng ý');
    await says(quang, /Tổ chức bạn thay mặt Công ty TNHH Gánh Xiếc Dế/);
    expect((await at(strong)).words).toContain('Bạn chưa thay mặt tổ chức nào');
    // The page of before, once more.
    expect((await page.submit({}, { form: 'consent-form', button: 'decline' })).words).toContain('không còn mở');
  });

  test('one is withdrawn by whoever sent it; a form of another’s does nothing', async () => {
    const [one, other] = [await signedInAs('single-name'), await signedInAs('level-2-chip')];
    // Not in the register: it waits, and is asked about once a day.
    await apply(one, '0000000099');
    await says(one, 'mỗi ngày chúng tôi hỏi lại');
    const page = await (await at(one)).follow('Mã số 0000000099');
    const id = /[0-9a-f-]{36}$/.exec(page.url)?.[0] ?? '';
    await apply(other, '0000000098');
    const theirs = await (await at(other)).follow('Mã số 0000000098');
    expect((await theirs.submit({ id }, { form: 'withdraw-form' })).words).toContain('không còn mở');
    expect((await page.submit({}, { form: 'withdraw-form' })).words).toContain('Đã rút hồ sơ');
    expect((await at(one)).words).toContain('đã rút');
  });

  test('whoever has level 1 does not apply, and whoever is not signed in signs in first', async () => {
    const browser = createBrowser();
    await signIn(await at(browser), server.claimant('level-1'));
    expect((await at(browser)).words).toContain('Việc này cần tài khoản mức 2');
    expect(new URL((await at(browser, '/new')).url).pathname).toBe(PATH);
    for (const path of ['', '/new', `/applications/${newId()}`, `/consents/${newId()}`])
      expect(new URL((await at(createBrowser(), path)).url).pathname).toMatch(/^\/interaction\//);
  });

  test.each(['leave', 'withdraw', 'consent', 'new'])(
    'a post to %s that no page of this session made is refused',
    async (act) => {
      const browser = await signedInAs('level-2-chip');
      const other = await signedInAs('level-2-chip-face');
      const token = (await at(other, '/new')).forms.find(({ action }) => action.endsWith('/new'))?.values.get('csrf');
      for (const csrf of ['', 'x', token ?? '']) {
        const body = new URLSearchParams({ csrf, id: newId(), code: SILK!, give: 'yes' }).toString();
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const answer = await browser.send(`${server.issuer}${PATH}/${act}`, { method: 'POST', body, headers });
        expect([act, answer.status]).toEqual([act, 403]);
      }
    },
  );

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
