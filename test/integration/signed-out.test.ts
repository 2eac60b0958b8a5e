import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedIn } from '../support/attack.ts';
import { fixedClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { createBrowser, type Page } from '../support/http-client.ts';
import { aListener } from '../support/listener.ts';
import { aCitizen, aParty } from '../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { signIn } from '../support/sign-in.ts';

const COOKIE = 'senid-signed-out';

describe('the page after signing out', () => {
  let server: TestServer;
  let listener: Awaited<ReturnType<typeof aListener>>;
  const parties: RelyingParty[] = [];
  /** Who has not been let to answer yet. */
  let held: ServerResponse[] = [];
  beforeAll(async () => {
    listener = await aListener(({ path }, response) => {
      if (path === '/clinic') held.push(response);
      else response.end();
    });
    server = await startServer({ settings: { EGRESS_ALLOWED: listener.origin } });
    for (const name of ['hotel', 'clinic']) {
      const config = await aParty(server, name, { backchannel_logout_uri: `${listener.origin}/${name}` });
      parties.push(await plainClient(server.issuer, config));
    }
  });
  afterAll(async () => {
    await server.end();
    await listener.close();
  });

  const account = () => `${server.issuer}/account`;
  async function signOut(browser = createBrowser()): Promise<{ page: Page; browser: typeof browser; citizen: string }> {
    held = [];
    const citizen = await aCitizen(server, { totp: false, level: 1 });
    for (const party of parties) await signedIn(party, citizen, { scope: 'openid' }, { browser });
    const asked = await browser.open(`${server.issuer}/logout`);
    return { page: await asked.submit({}, { button: 'logout' }), browser, citizen: citizen.id };
  }

  test('says who has confirmed, and at what second, and loads itself anew while somebody has yet to answer', async () => {
    const { page, browser, citizen } = await signOut();
    expect(page.url).toBe(`${server.issuer}/logout/success`);
    expect(page.words).toContain('Đang báo Bên clinic…');
    expect(page.headers.refresh).toBe('3');
    expect(page.text, 'no script takes part in it').not.toContain('<script');
    const { deliveries } = server.app.parts;
    const ofHotel = async () => (await deliveries.ofSubscriber(citizen)).find(({ clientId }) => clientId === 'hotel');
    await eventually(async () => (await ofHotel())?.state).toBe('delivered');
    const half = await page.follow('Kiểm tra lại');
    const second = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Asia/Ho_Chi_Minh',
      timeStyle: 'medium',
    }).format((await ofHotel())?.deliveredAt);
    expect(half.words).toContain(`Bên hotel đã xác nhận lúc ${second}`);
    expect(half.words).toContain('Đang báo Bên clinic…');
    // It does not answer within 2.5 s: that is said too, and once it does the page rests.
    await eventually(async () => (await browser.open(page.url)).words).toContain(
      'Chưa báo được Bên clinic, sẽ thử lại',
    );
    await eventually(async () => {
      for (const response of held) response.end();
      return (await deliveries.ofSubscriber(citizen)).every(({ state }) => state === 'delivered');
    }).toBe(true);
    const english = await browser.open(`${page.url}?lang=en`);
    expect(english.words).toContain('Party clinic confirmed at ');
    expect(english.headers).not.toHaveProperty('refresh');
    // Everybody has been heard of: whoever sits down at this computer next reads nothing of it.
    expect(browser.cookies.get(COOKIE)).toBeUndefined();
    expect((await browser.open(page.url)).words).not.toContain('hotel');
  });

  test('is for this browser: no address tells anything, and the cookie nothing but to the pages of signing out', async () => {
    const { page, browser } = await signOut();
    expect(page.words).toContain('Bên clinic');
    expect((await createBrowser().open(page.url)).words).not.toMatch(/Bên (clinic|hotel)/);
    const value = browser.cookies.get(COOKIE) ?? '';
    expect(Buffer.from(value, 'base64url').toString('latin1')).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
    expect(browser.cookies.header(account())).not.toContain(COOKIE);
    const stranger = createBrowser();
    for (const forged of [value.slice(0, -2), 'x', Buffer.alloc(80, 1).toString('base64url')]) {
      stranger.cookies.set(page.url, COOKIE, forged);
      const shown = await stranger.open(page.url);
      expect(shown.status).toBe(200);
      expect(shown.words).not.toContain('clinic');
    }
  });

  test('My account lists the last sign-outs of its owner and of nobody else', async () => {
    const browser = createBrowser();
    held = [];
    const citizen = await aCitizen(server, { totp: false, level: 1 });
    const other = await aCitizen(server, { totp: false, level: 1 });
    for (const party of parties) await signedIn(party, citizen, { scope: 'openid' }, { browser });
    await (await browser.open(`${server.issuer}/logout`)).submit({}, { button: 'logout' });
    const mine = await signIn(await createBrowser().open(`${account()}/sessions`), citizen, 'password');
    expect(mine.words).toMatch(/Lần đăng xuất gần đây .*(Bên hotel đã xác nhận lúc|Đang báo Bên hotel)/s);
    const theirs = await signIn(await createBrowser().open(`${account()}/sessions`), other, 'password');
    expect(theirs.words).not.toContain('Bên hotel');
  });
});

test('ten minutes later the browser is told nothing any more, whoever has yet to answer', async () => {
  const clock = fixedClock();
  const silent = await aListener(() => {});
  const server = await startServer({ clock, jobs: false, settings: { EGRESS_ALLOWED: silent.origin } });
  try {
    const config = await aParty(server, 'hotel', { backchannel_logout_uri: `${silent.origin}/` });
    const citizen = await aCitizen(server, { totp: false, level: 1 });
    const { browser } = await signedIn(await plainClient(server.issuer, config), citizen, { scope: 'openid' });
    const page = await (await browser.open(`${server.issuer}/logout`)).submit({}, { button: 'logout' });
    expect(page.words).toContain('Đang báo Bên hotel…');
    clock.advance(40);
    const later = await browser.open(page.url);
    expect(later.words).toContain('Đang báo Bên hotel…');
    expect(later.headers, 'it does not reload for ever').not.toHaveProperty('refresh');
    clock.advance(600);
    expect((await browser.open(page.url)).words).not.toContain('Bên hotel');
  } finally {
    await server.end();
    await silent.close();
  }
});
