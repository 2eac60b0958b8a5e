import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerIn, authorized } from '../support/attack.ts';
import { type Browser, createBrowser, createSend } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, signIn } from '../support/sign-in.ts';

describe('case 24: a session id that an attacker knows beforehand', () => {
  let server: TestServer;
  let party: RelyingParty;
  beforeAll(async () => {
    server = await startServer();
    party = await plainClient(server.issuer, server.client('sandbox-confidential'));
  });
  afterAll(() => server.end());

  const acr = (name: string): string => `${server.issuer}/assurance/test/${name}`;

  /** Somebody else's browser with the cookies as they were copied out of the first. */
  function copyOf(browser: Browser): Browser {
    const copy = createBrowser();
    for (const name of browser.cookies.names) copy.cookies.set(server.issuer, name, browser.cookies.get(name) ?? '');
    return copy;
  }
  /** What a silent request gets: a code when the browser has a session, else the error. */
  async function silently(browser: Browser): Promise<string> {
    const started = await party.begin({ prompt: 'none' });
    const page = await browser.open(started.url);
    const answer = answerIn(page.location);
    return answer.code ? 'code' : (answer.error ?? `${page.status}`);
  }

  test('signing in makes a new id: a planted one is worth nothing before and after', async () => {
    const victim = createBrowser();
    // An honest visit gives a browser its cookies; the attacker copies them, which is more than fixation needs.
    const started = await party.begin();
    const page = await victim.open(started.url);
    const planted = copyOf(victim);
    const before = victim.cookies.get('senid');
    expect((await signIn(page, server.claimant('level-1'))).location).toContain('code=');
    expect(victim.cookies.get('senid')).not.toBe(before);
    expect(await silently(victim)).toBe('code');
    expect(await silently(planted)).toBe('login_required');
  });

  test('an id of the attacker’s own choice, signed or not, is never taken over', async () => {
    const attacker = await authorized(party, server.claimant('single-name'));
    const signed = attacker.browser.cookies.get('senid') ?? '';
    expect(signed).not.toBe('');
    for (const chosen of ['chosen-by-the-attacker', '../../etc', signed.replace(/^.{4}/, 'AAAA')]) {
      const victim = createBrowser();
      victim.cookies.set(server.issuer, 'senid', chosen);
      const started = await party.begin();
      const done = await signIn(await victim.open(started.url), server.claimant('level-1'));
      expect(done.location).toContain('code=');
      expect(victim.cookies.get('senid')).not.toBe(chosen);
    }
  });

  test('a victim who signs in inside the attacker’s session leaves the attacker without one', async () => {
    // The attacker's whole cookie jar is planted, signature and all; the victim then signs in as themselves.
    const attacker = await authorized(party, server.claimant('no-phone'));
    const victim = copyOf(attacker.browser);
    const started = await party.begin({ prompt: 'login' });
    const done = await signIn(await victim.open(started.url), server.claimant('level-1'));
    // The other account is signed out first, by a page of ours that works without script, and then the sign-in goes on.
    expect(done.text).not.toContain('<script>');
    expect(done.headers['content-security-policy']).toContain("form-action 'self' http://localhost:9999;");
    const end = await done.submit({}, { form: '/logout/confirm' });
    const tokens = (await party.exchange(end.location ?? '', started)).json<{ access_token: string }>();
    expect((await party.userinfo(tokens.access_token)).json()).toHaveProperty('sub');
    expect(await silently(victim)).toBe('code');
    expect(await silently(attacker.browser)).toBe('login_required');
  });

  test('signing out where nobody is signed in any more is no dead end either', async () => {
    const page = await createBrowser().open(
      party.endSessionUrl({ client_id: party.config.client_id, post_logout_redirect_uri: 'http://localhost:9999/' }),
    );
    expect(page.text).not.toContain('<script>');
    expect((await page.submit({}, { form: '/logout/confirm' })).location).toBe('http://localhost:9999/');
  });

  test('stepping up makes a new id too, and the old one is dead', async () => {
    const claimant = server.claimant('level-2-chip');
    const passkey = await bindPasskey(server.issuer, claimant);
    const { browser } = await authorized(party, claimant, { acr_values: acr('1.1') });
    const copied = copyOf(browser);
    const before = browser.cookies.get('senid');
    expect(await silently(copied)).toBe('code');
    const started = await party.begin({ acr_values: acr('level-2') });
    const done = await signIn(await browser.open(started.url), { ...claimant, passkey }, 'passkey');
    expect(answerIn(done.location)).toHaveProperty('code');
    expect(browser.cookies.get('senid')).not.toBe(before);
    expect(await silently(browser)).toBe('code');
    expect(await silently(copied)).toBe('login_required');
  });

  test('the cookie is for this host alone, out of reach of scripts, and not kept on disk', async () => {
    const plain = createSend();
    const set: string[] = [];
    const browser = createBrowser({
      send: async (url, sending) => {
        const reply = await plain(url, sending);
        set.push(...[reply.headers['set-cookie'] ?? []].flat().filter((one) => /^senid(\.sig)?=./.test(one)));
        return reply;
      },
    });
    await authorized(party, server.claimant('level-1'), {}, { browser });
    expect(set.length).toBeGreaterThan(0);
    for (const cookie of set) {
      expect(cookie).toMatch(/; httponly/i);
      expect(cookie).toMatch(/; samesite=lax/i);
      expect(cookie).toMatch(/; path=\/(;|$)/i);
      expect(cookie).not.toMatch(/; (expires|max-age|domain)=/i);
    }
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
