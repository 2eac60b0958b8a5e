import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, createBrowser, createSend, type Page } from '../../support/http-client.ts';
import { freePort, runSample } from '../../support/samples.ts';
import { type Pair, pairOf } from './bare.ts';

let pair: Pair;
const asked = (values: string[]): string | undefined => values[0];
beforeAll(async () => {
  pair = await pairOf('airline');
});
afterEach(() => Object.assign(pair.provider.answers, { acr: asked, error: undefined, accountId: 'someone' }));
afterAll(() => pair.end());

/** Until the provider's page with its one button. */
const begin = (path: string, browser = createBrowser()): Promise<Page> => browser.open(pair.sample.origin + path);
/** Through the provider up to the address that the airline is called back at, not yet opened. */
async function callback(path: string, browser = createBrowser()) {
  browser.stopAt(`${pair.sample.origin}/callback`);
  const { location = '' } = await (await begin(path, browser)).submit();
  return { address: new URL(location), open: async (url: URL) => pageOf(await browser.send(url.href)) };
}
const pageOf = ({ status, text }: { status: number; text: string }) => ({ status, text });

describe('Lotus Air', () => {
  it('says in one line where it listens', () => {
    expect(pair.sample.line).toBe(`listening ${pair.sample.origin}`);
  });

  it('checks a passenger in at level 2 and shows the boarding pass beside the decoded ID token', async () => {
    const pass = await (await begin('/check-in')).submit();
    expect(pass.url).toBe(`${pair.sample.origin}/`);
    expect(pass.words).toContain('Thẻ lên máy bay');
    expect(pass.words).toContain('Nguyễn Thị Bảo Trân');
    expect(pass.words).toContain('● mức 2');
    expect(pass.words).toContain(`"acr": "${pair.provider.issuer}/assurance/test/level-2"`);
    expect(pass.words).toContain('Trang thử nghiệm');
  });

  it('asks level 1 of a frequent flyer, and level 2 of the same browser at check-in', async () => {
    const browser = createBrowser();
    const miles = await (await begin('/sign-in', browser)).submit();
    expect(miles.words).toContain('12.480 dặm');
    expect(miles.words).toContain('● mức 1');
    expect((await (await miles.follow('/check-in')).submit()).words).toContain('Thẻ lên máy bay');
  });

  it.each([
    ['less than it asked', (values: string[]) => values[0]?.replace('level-2', 'level-1')],
    ['another pair than it asked', (values: string[]) => values[0]?.replace('level-2', '2.3')],
    ['a level of another provider', () => 'https://elsewhere.example/assurance/level-2'],
    ['no level at all', () => undefined],
  ])('refuses %s', async (_, acr) => {
    pair.provider.answers.acr = acr;
    const page = await (await begin('/check-in')).submit();
    expect(page.status).toBe(400);
    expect(page.words).toContain('SenID chưa xác nhận mức chúng tôi cần.');
    expect(page.words).not.toContain('Thẻ lên máy bay');
  });

  it.each(['state', 'iss', 'code'])('refuses a callback with another %s', async (name) => {
    const { address, open } = await callback('/check-in');
    address.searchParams.set(name, name === 'iss' ? 'https://elsewhere.example' : 'another');
    const { status, text } = await open(address);
    expect(status).toBe(400);
    expect(text).toContain('role="alert"');
    expect(text).not.toContain('boarding-pass');
  });

  it('refuses a callback without iss', async () => {
    const { address, open } = await callback('/check-in');
    address.searchParams.delete('iss');
    expect((await open(address)).status).toBe(400);
  });

  it('refuses a callback in a browser that did not begin, and a second use in the one that did', async () => {
    const { address, open } = await callback('/check-in');
    expect((await createSend()(address.href)).status).toBe(400);
    expect((await open(address)).status).toBe(302);
    const second = await open(address);
    expect(second.status).toBe(400);
    expect(second.text).toContain('Lần đăng nhập này không bắt đầu từ đây.');
  });

  it('tells a passenger who shares nothing what that means, in the language of the page', async () => {
    pair.provider.answers.error = 'access_denied';
    const browser = createBrowser();
    expect((await (await begin('/check-in', browser)).submit()).words).toContain('không chia sẻ thông tin');
    await begin('/language/en', browser);
    expect((await (await begin('/check-in', browser)).submit()).words).toContain('You chose not to share anything');
  });

  it('changes its cookie at the sign-in, so that a planted one is worth nothing', async () => {
    const browser = createBrowser();
    const page = await begin('/check-in', browser);
    const planted = browser.cookies.get('airline_session');
    await page.submit();
    expect(browser.cookies.get('airline_session')).not.toBe(planted);
    const thief = createBrowser();
    thief.cookies.set(pair.sample.origin, 'airline_session', planted ?? '');
    expect((await begin('/', thief)).words).not.toContain('Thẻ lên máy bay');
  });

  it('signs out here and at the provider', async () => {
    const browser = createBrowser();
    const pass = await (await begin('/check-in', browser)).submit();
    const confirm = await pass.submit({}, { form: '/sign-out' });
    expect(confirm.url).toContain(`${pair.provider.issuer}/session/end`);
    expect(confirm.url).toContain('id_token_hint=');
    expect((await begin('/', browser)).words).not.toContain('Thẻ lên máy bay');
    expect((await confirm.submit({ logout: 'yes' })).url).toBe(`${pair.sample.origin}/`);
  });

  it('refuses a form that another site sends', async () => {
    const headers = { origin: 'https://elsewhere.example' };
    const reply = await createSend()(`${pair.sample.origin}/sign-out`, { method: 'POST', headers });
    expect(reply.status).toBe(403);
  });

  it('ends the session when the provider says over the back channel that the person signed out', async () => {
    const browser = createBrowser();
    await (await begin('/check-in', browser)).submit();
    // Signing out at the provider itself: the airline is told server to server.
    const confirm = await browser.open(`${pair.provider.issuer}/session/end`);
    await confirm.submit({ logout: 'yes' });
    expect((await begin('/', browser)).words).not.toContain('Thẻ lên máy bay');
  });

  it('refuses a logout token that is none, and an ID token in its place', async () => {
    const browser = createBrowser();
    const pass = await (await begin('/check-in', browser)).submit();
    const told = (logout_token: string) =>
      createSend()(`${pair.sample.origin}/backchannel_logout`, {
        method: 'POST',
        body: new URLSearchParams({ logout_token }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    browser.stopAt(`${pair.provider.issuer}/session/end`);
    const idToken =
      new URL((await pass.submit({}, { form: '/sign-out' })).location ?? '').searchParams.get('id_token_hint') ?? '';
    expect(decodeJwt(idToken).aud).toBe('sample-airline');
    expect((await told('nonsense')).status).toBe(400);
    expect((await told(idToken)).status).toBe(400);
  });

  describe('told of a withdrawn consent', () => {
    const told = (body: string) =>
      createSend()(`${pair.sample.origin}/events`, {
        ...{ method: 'POST', body, headers: { 'content-type': 'application/secevent+jwt' } },
      });
    const claims = (more: Record<string, unknown> = {}) => ({
      ...{ aud: 'sample-airline', iat: Math.floor(Date.now() / 1000), jti: randomUUID() },
      sub_id: { format: 'iss_sub', iss: pair.provider.issuer, sub: 'someone' },
      events: { [`${pair.provider.issuer}/events/consent-withdrawn`]: { purpose: 'sign_in' } },
      ...more,
    });
    const seen = async (browser: Browser): Promise<string> => (await begin('/', browser)).words;

    it('forgets the passenger, says so in their browser, and takes the same event once', async () => {
      const browser = createBrowser();
      await (await begin('/check-in', browser)).submit();
      const token = await pair.provider.signed('secevent+jwt', claims());
      expect((await told(token)).status).toBe(202);
      expect(await seen(browser)).toContain('bạn đã rút lại sự đồng ý');
      // The provider knows this browser still.
      await begin('/check-in', browser);
      expect((await told(token)).status).toBe(202);
      expect(await seen(browser)).toContain('Thẻ lên máy bay');
      expect((await told(await pair.provider.signed('secevent+jwt', claims()))).status).toBe(202);
      expect(await seen(browser)).not.toContain('Thẻ lên máy bay');
    });

    it.each([
      ['of another type', 'logout+jwt', {}],
      ['for another client', 'secevent+jwt', { aud: 'sample-bank' }],
      [
        'about a person of another issuer',
        'secevent+jwt',
        { sub_id: { format: 'iss_sub', iss: 'https://x', sub: 'someone' } },
      ],
      ['of yesterday', 'secevent+jwt', { iat: Math.floor(Date.now() / 1000) - 86_400 }],
    ])('refuses a token %s', async (_, typ, more) => {
      const browser = createBrowser();
      await (await begin('/check-in', browser)).submit();
      expect((await told(await pair.provider.signed(typ, claims(more)))).status).toBe(400);
      expect(await seen(browser)).toContain('Thẻ lên máy bay');
    });

    it('refuses what is no token', async () => expect((await told('nonsense')).status).toBe(400));
  });

  it('answers pages that exist, escapes what it shows, and forbids scripts', async () => {
    const home = await begin('/');
    expect(home.headers['content-security-policy']).toContain("default-src 'none'");
    expect((await begin('/nowhere')).status).toBe(404);
    expect((await begin('/style.css')).headers['content-type']).toContain('text/css');
  });

  it('starts before its provider, and serves sign-ins once that is there', async () => {
    const sample = await runSample('airline', {
      issuer: `http://localhost:${await freePort()}`,
      clientSecret: 'unused',
    });
    expect((await createBrowser().open(sample.origin)).words).toContain('Làm thủ tục');
    expect(await sample.stop()).toBe(0);
  });
});

describe('Lotus Air, at a provider without PAR', () => {
  it('refuses an ID token with another nonce', async () => {
    const plain = await pairOf('airline', { par: false });
    try {
      const browser = createBrowser();
      browser.stopAt(`${plain.provider.issuer}/auth`);
      const { location = '' } = await browser.open(`${plain.sample.origin}/check-in`);
      const request = new URL(location);
      expect(request.searchParams.get('code_challenge_method')).toBe('S256');
      request.searchParams.set('nonce', 'another');
      const follower = createBrowser();
      follower.cookies.set(plain.sample.origin, 'airline_session', browser.cookies.get('airline_session') ?? '');
      const page = await (await follower.open(request.href)).submit();
      expect(page.status).toBe(400);
      expect(page.words).toContain('không khớp với yêu cầu');
    } finally {
      await plain.end();
    }
  });
});
