import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorized } from '../support/attack.ts';
import { sendForm } from '../support/forgery.ts';
import { type Browser, createBrowser, type Page } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

describe('case 26: an attacker’s interaction in a victim’s browser', () => {
  let server: TestServer;
  let party: RelyingParty;
  beforeAll(async () => {
    server = await startServer();
    party = await plainClient(server.issuer, server.client('sandbox-confidential'));
  });
  afterAll(() => server.end());

  /** A browser that has begun to sign in, and the page it stands at. */
  async function begun(browser: Browser = createBrowser()): Promise<{ browser: Browser; page: Page; uid: string }> {
    const page = await browser.open((await party.begin()).url);
    return { browser, page, uid: new URL(page.url).pathname.split('/')[2] ?? '' };
  }

  test('a link to it leads nowhere, also for a browser that has an interaction or a session of its own', async () => {
    const attacker = await begun();
    const signedIn = await authorized(party, server.claimant('level-1'));
    for (const browser of [createBrowser(), (await begun()).browser, signedIn.browser]) {
      const page = await browser.open(attacker.page.url);
      expect(page.status).toBe(410);
      expect(page.forms.some(({ action }) => action.includes(attacker.uid))).toBe(false);
    }
  });

  test('its forms, with their tokens, are refused from the victim’s browser, and decide nothing', async () => {
    const attacker = await begun();
    const victim = await begun();
    const { identityNumber, password = '' } = server.persona('level-1');
    const asked = await attacker.page.submit({ identifier: identityNumber });
    expect((await sendForm(victim.browser, asked, '/password', { password })).status).toBe(410);
    // Swapped the other way round: the victim's page with the attacker's token.
    const own = await victim.page.submit({ identifier: identityNumber });
    const token = asked.form('/password').values.get('csrf') ?? '';
    expect((await sendForm(victim.browser, own, '/password', { password, csrf: token })).status).toBe(403);
    // And neither browser is signed in by any of it.
    for (const browser of [victim.browser, attacker.browser]) {
      const silent = await browser.open((await party.begin({ prompt: 'none' })).url);
      expect(silent.location).toContain('error=login_required');
    }
    expect((await own.submit({ password })).url).toContain(victim.uid);
  });

  test('a sign-in that the attacker finished is not resumed in the victim’s browser', async () => {
    const attacker = await begun();
    const { identityNumber, password = '' } = server.persona('level-1');
    const asked = await attacker.page.submit({ identifier: identityNumber });
    const finished = await sendForm(attacker.browser, asked, '/password', { password });
    expect(finished.location).toContain('/authorize/');
    for (const browser of [createBrowser(), (await begun()).browser]) {
      const page = await browser.open(finished.location ?? '');
      expect(page.status).toBe(400);
      expect(page.location).toBeUndefined();
      const silent = await browser.open((await party.begin({ prompt: 'none' })).url);
      expect(silent.location).toContain('error=login_required');
    }
    // It was the attacker's all the same: nothing of it was used up.
    const resumed = await attacker.browser.open(finished.location ?? '');
    expect([resumed.status, resumed.location ?? resumed.url]).not.toContain(400);
  });

  test('a consent page of one browser is not answered by another', async () => {
    const attacker = createBrowser();
    const started = await party.begin({ scope: 'openid profile phone' });
    let page = await attacker.open(started.url);
    page = await page.submit({ identifier: server.persona('level-1').identityNumber });
    page = await page.submit({ password: server.persona('level-1').password ?? '' });
    expect(page.form('consent-form').action).toContain('/consent');
    const victim = await authorized(party, server.claimant('single-name'), { scope: 'openid' });
    const answer = await sendForm(victim.browser, page, '/consent', { agree: '' });
    expect(answer.status).toBe(410);
    expect((await page.submit({}, { form: 'consent-form', button: 'agree' })).location).toContain('code=');
  });

  test('a code of the attacker at the victim’s relying party fails by state and PKCE', async () => {
    const attacker = await authorized(party, server.claimant('level-1'));
    const victim = await party.begin();
    const openid = await party.openid();
    const { authorizationCodeGrant } = await import('openid-client');
    const checks = { pkceCodeVerifier: victim.verifier, expectedState: victim.state, expectedNonce: victim.nonce };
    await expect(authorizationCodeGrant(openid, new URL(attacker.callback), checks)).rejects.toThrow();
    const swapped = new URL(attacker.callback);
    swapped.searchParams.set('state', victim.state);
    await expect(authorizationCodeGrant(openid, swapped, checks)).rejects.toThrow();
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
