import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerIn, type SignedIn, signedIn } from '../support/attack.ts';
import { createBrowser } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Case 31. ASVS 10.6.2: another site may ask to sign somebody out, but the person says so, on our page.
describe('a sign-out that the person did not ask for', () => {
  let server: TestServer;
  let rp: RelyingParty;
  beforeAll(async () => {
    server = await startServer();
    rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
  });
  afterAll(() => server.end());

  const enter = (): Promise<SignedIn> => signedIn(rp, server.claimant('level-1'), { scope: 'openid' });
  const stillIn = async ({ browser, tokens }: SignedIn): Promise<boolean> => {
    const started = await rp.begin({ scope: 'openid', prompt: 'none' });
    const { location } = await browser.open(started.url);
    return 'code' in answerIn(location) && (await rp.userinfo(tokens.access_token)).status === 200;
  };
  const crossSite = {
    origin: 'https://evil.example',
    referer: 'https://evil.example/',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
  };

  test('by a link, an image or a frame asks first, with a valid hint too', async () => {
    const signed = await enter();
    const urls = [
      rp.endSessionUrl(),
      rp.endSessionUrl({ client_id: 'sandbox-confidential' }),
      rp.endSessionUrl({ id_token_hint: signed.tokens.id_token }),
      rp.endSessionUrl({ id_token_hint: signed.tokens.id_token, post_logout_redirect_uri: 'http://localhost:9999/' }),
    ];
    for (const url of urls) {
      const reply = await signed.browser.send(url, { headers: crossSite });
      expect(reply.status, url).toBe(200);
      expect(reply.location).toBeUndefined();
      expect(reply.headers['content-security-policy']).toContain("frame-ancestors 'none'");
      // The page waits: nothing on it posts by itself.
      expect(reply.text).not.toMatch(/submit\.js|http-equiv=.?refresh/);
      expect(await stillIn(signed), url).toBe(true);
    }
  });

  test('by a form of another site does nothing: without the page’s own value, with another’s, or from elsewhere', async () => {
    const signed = await enter();
    const other = await enter();
    const page = await other.browser.open(rp.endSessionUrl());
    const { xsrf = '' } = Object.fromEntries(page.form().values);
    expect(xsrf).not.toBe('');
    const confirm = new URL(page.form().action, page.url).href;
    const body = (value: string | undefined): string =>
      new URLSearchParams({ logout: 'yes', ...(value === undefined ? {} : { xsrf: value }) }).toString();
    for (const value of [undefined, '', xsrf, 'undefined', '__proto__']) {
      for (const headers of [crossSite, {}]) {
        await signed.browser.open(rp.endSessionUrl());
        const reply = await signed.browser.send(confirm, {
          method: 'POST',
          body: body(value),
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        });
        expect(reply.status, String(value)).toBeGreaterThanOrEqual(400);
        expect(await stillIn(signed), String(value)).toBe(true);
      }
    }
  });

  test('by a form that knows the right value but comes from another site is refused', async () => {
    const signed = await enter();
    const page = await signed.browser.open(rp.endSessionUrl());
    const { xsrf = '' } = Object.fromEntries(page.form().values);
    const reply = await signed.browser.send(new URL(page.form().action, page.url).href, {
      method: 'POST',
      body: new URLSearchParams({ logout: 'yes', xsrf }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...crossSite },
    });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(await stillIn(signed)).toBe(true);
  });

  test('by My account’s button from elsewhere does not even ask', async () => {
    const signed = await enter();
    const reply = await signed.browser.send(`${server.issuer}/account/sign-out`, {
      method: 'POST',
      body: 'sign-out=yes',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...crossSite },
    });
    expect(reply.status).toBe(403);
    expect(await stillIn(signed)).toBe(true);
  });

  test('does not happen when the person says no, and happens once when they say yes', async () => {
    const signed = await enter();
    const no = await signed.browser.open(rp.endSessionUrl({ id_token_hint: signed.tokens.id_token }));
    const cancel = no.forms.flatMap((form) => form.buttons).find(({ name }) => name === 'cancel');
    expect(cancel).toBeDefined();
    await no.submit({}, { button: 'cancel' });
    const browser = signed.browser;
    const asked = await rp.begin({ scope: 'openid', prompt: 'none' });
    expect(answerIn((await browser.open(asked.url)).location), 'the session goes on').toHaveProperty('code');

    const yes = await browser.open(rp.endSessionUrl({ id_token_hint: signed.tokens.id_token }));
    await yes.submit({}, { button: 'logout' });
    const after = await rp.begin({ scope: 'openid', prompt: 'none' });
    expect(answerIn((await browser.open(after.url)).location)).toMatchObject({ error: 'login_required' });
    expect((await rp.userinfo(signed.tokens.access_token)).status).toBe(401);
    expect((await rp.refresh(signed.tokens.refresh_token!)).json()).toMatchObject({ error: 'invalid_grant' });
    await checkInvariants(server.database, server.app);
  });

  test('in one browser leaves the others in', async () => {
    const here = await enter();
    const there = await enter();
    const yes = await here.browser.open(rp.endSessionUrl());
    await yes.submit({}, { button: 'logout' });
    expect(await stillIn(there)).toBe(true);
    expect(await stillIn(here)).toBe(false);
  });

  test('by a request that carries no cookie does not take the cookie away', async () => {
    const signed = await enter();
    // SameSite=Lax: a cross-site POST comes without it. The answer must not put another session in its place.
    const started = await rp.begin({ scope: 'openid' });
    const bare = createBrowser();
    const reply = await bare.send(started.url.split('?')[0]!, {
      method: 'POST',
      body: started.url.split('?')[1] ?? '',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...crossSite },
    });
    const set = [reply.headers['set-cookie'] ?? []].flat().filter((cookie) => /^(__Host-)?senid=/.test(cookie));
    expect(set).toEqual([]);
    expect(await stillIn(signed)).toBe(true);
  });
});
