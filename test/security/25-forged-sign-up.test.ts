import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENROLMENT_POSTS } from '../../src/journeys/enrolment/routes.ts';
import { createBrowser, type Page } from '../support/http-client.ts';
import { pictureOf } from '../support/pictures.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, signIn } from '../support/sign-in.ts';
import { messagesTo, multipart, phoneCode, signUp } from '../support/sign-up.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('case 25: posts to the pages of signing up that another site, or another browser, has made', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.end());

  const walked = new Set<string>();
  /** The token of this form is taken by no other browser, and nothing but it is taken by this one. */
  async function forged(browser: ReturnType<typeof createBrowser>, page: Page, action: string): Promise<void> {
    walked.add(action);
    const token = page.form(action).values.get('csrf') ?? '';
    expect(token).not.toBe('');
    const same = { origin: server.issuer, 'sec-fetch-site': 'same-origin' };
    const stranger = createBrowser();
    await stranger.open(`${server.issuer}/sign-up/identity`);
    const tries: [string, typeof browser, string, Record<string, string>][] = [
      ['no token', browser, '', same],
      ['a token cut short', browser, token.slice(0, -4), same],
      ['from another site', browser, token, { 'sec-fetch-site': 'cross-site' }],
      ['with another origin', browser, token, { origin: 'https://evil.example' }],
      ['by another browser', stranger, token, same],
      ['by a browser that nobody knows', createBrowser(), token, same],
    ];
    for (const [how, who, csrf, headers] of tries) {
      const sent = action.match(/face|picture/)
        ? multipart({ csrf }, Buffer.from('no picture'))
        : { body: new URLSearchParams({ csrf }).toString(), headers: FORM };
      const reply = await who.send(server.issuer + action, {
        method: 'POST',
        body: sent.body,
        headers: { ...sent.headers, ...headers },
      });
      // A guardian's page knows its session first: whoever has none is sent to sign in.
      const nobody = action.startsWith('/account/wards') && who !== browser;
      expect([action, how, reply.status]).toEqual([action, how, nobody ? 303 : 403]);
    }
    const json = await browser.send(server.issuer + action, {
      method: 'POST',
      body: JSON.stringify({ csrf: token }),
      headers: { 'content-type': 'text/plain', ...same },
    });
    expect(json.status).toBe(415);
  }

  /** Every form of the journey, each forged before it is sent. */
  test('none of them is taken, and nothing comes of them', async () => {
    const browser = createBrowser();
    const at = (page: Page, action: string) => forged(browser, page, action);
    const picture = await pictureOf('097197000021');
    const typed = { identityNumber: '097197000021', fullName: 'Sương', birthdate: '1997-11-02', phone: '+84900000121' };
    await signUp(server, browser, { ...typed, picture }, at);
    let before = (await messagesTo(server.issuer, typed.phone)).length;
    const code = async (): Promise<string> => {
      for (let tries = 0; tries < 400; tries += 1) {
        const found = (await messagesTo(server.issuer, typed.phone))
          .map((text) => /[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{4}/.exec(text)?.[0])
          .find(Boolean);
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error('it was not approved');
    };
    const activation = await code();
    for (const path of ['/sign-up/status', '/sign-up/stop']) {
      const page = await browser.open(server.issuer + path);
      await at(page, path);
      if (path === '/sign-up/status')
        await at(await page.submit({ reference: 'ZZZZZ-ZZZZZ' }, { form: path }), `${path}/code`);
    }
    let page = await browser.open(`${server.issuer}/sign-up/activate`);
    await at(page, '/sign-up/activate');
    before = (await messagesTo(server.issuer, typed.phone)).length;
    page = await page.submit({ code: activation }, { form: '/sign-up/activate' });
    await at(page, '/sign-up/activate/code');
    page = await page.submit(
      { code: await phoneCode(server, typed.phone, before) },
      { form: '/sign-up/activate/code' },
    );
    await at(page, '/sign-up/activate/passkey');
    await at(page, '/sign-up/activate/password');
    const done = await page.submit({ password: 'mười hai con cá chép đỏ' }, { form: '/sign-up/activate/password' });
    expect(done.words).toContain('Tài khoản đã sẵn sàng');
    // Whoever else opens the page, with the address or without, is told nothing.
    for (const address of [done.url, `${server.issuer}/sign-up/activated`])
      expect(new URL((await createBrowser().open(address)).url).pathname).toBe('/sign-up');
  });

  test('nor those about an application that waits for a picture', async () => {
    const browser = createBrowser();
    const at = (page: Page, action: string) => forged(browser, page, action);
    // Bright enough to be a picture, and nobody's face.
    const { default: sharp } = await import('sharp');
    const picture = await sharp({ create: { width: 400, height: 500, channels: 3, background: '#f4f4f4' } })
      .jpeg()
      .toBuffer();
    const typed = { identityNumber: '097050000024', fullName: 'Lò Văn Ưởng', birthdate: '1950', phone: '+84900000124' };
    await signUp(server, browser, { ...typed, picture });
    let page = await browser.open(`${server.issuer}/sign-up/application`);
    for (let tries = 0; tries < 200 && !page.words.includes('Cần một ảnh khác'); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      page = await browser.open(`${server.issuer}/sign-up/application`);
    }
    await at(page, '/sign-up/withdraw');
    await at(await browser.open(`${server.issuer}/sign-up/picture`), '/sign-up/picture');
    const left = await page.submit({}, { form: '/sign-up/withdraw' });
    expect(left.status).toBe(200);
  });

  test('nor a guardian’s', async () => {
    const claimant = server.claimant('level-2-chip');
    const passkey = await bindPasskey(server.issuer, claimant);
    const browser = createBrowser();
    const page = await signIn(
      await browser.open(`${server.issuer}/account/wards/new`),
      { ...claimant, passkey },
      'passkey',
    );
    await forged(browser, page, '/account/wards/new');
    const sent = await page.submit(
      {
        accountType: 'citizen',
        identityNumber: '097316000025',
        fullName: 'Nguyễn Gạo Nếp',
        day: '5',
        month: '4',
        year: '2016',
        agree: 'yes',
      },
      { form: '/account/wards/new' },
    );
    expect(sent.words).toContain('Đã nhận hồ sơ');
    const lock = await (await browser.open(`${server.issuer}/account/wards`)).follow('/account/wards/lock');
    await forged(browser, lock, '/account/wards/lock');
    const locked = await lock.submit({}, { form: 'ward-lock', button: 'continue' });
    await forged(browser, locked, '/account/wards/unlock');
  });

  test('and that is every route of the journey that takes a post', () => {
    expect([...walked].sort()).toEqual([...ENROLMENT_POSTS].sort());
  });
});
