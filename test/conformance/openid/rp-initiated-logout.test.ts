import { decodeJwt, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Page } from '../../support/http-client.ts';
import { createRelyingParty, type Params, type RelyingParty } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { authorize, expectErrorPage, registerClient, signedInBrowser } from './suite.ts';
import { expectTokens, redeem } from './tokens.ts';

const RETURN = 'http://localhost:9999/post_logout_redirect';
const STATE = 'Aa0-_'.repeat(11);
const WANTS_PERSON = ['login_required', 'interaction_required', 'consent_required', 'account_selection_required'];

describe('oidcc-rp-initiated-logout-certification-test-plan', () => {
  let server: TestServer;
  let party: RelyingParty;
  beforeAll(async () => {
    server = await startServer();
    const metadata = { post_logout_redirect_uris: [RETURN], id_token_signed_response_alg: 'RS256' };
    party = await createRelyingParty(server.issuer, await registerClient(server, 'suite-logout', { metadata }));
  });
  afterAll(() => server?.end());

  /** A browser with a session, and the ID token of its sign-in. */
  async function session(): Promise<{ browser: Browser; idToken: string }> {
    const { browser, first } = await signedInBrowser(party, server.claimant('level-1'), { scope: 'openid' });
    const reply = await redeem(party, first);
    const { tokens } = await expectTokens(party, reply, { nonce: first.started.nonce, alg: 'RS256' });
    return { browser, idToken: tokens.id_token ?? '' };
  }

  const logout = (browser: Browser, params: Params): Promise<Page> => browser.open(party.endSessionUrl(params));
  const confirmed = (page: Page): Promise<Page> => page.submit({}, { form: 'logout-form', button: 'logout' });
  const signedIn = async (browser: Browser): Promise<boolean> => {
    const { answer } = await authorize(browser, party, { prompt: 'none' });
    if (!answer.code) expect(WANTS_PERSON).toContain(answer.error);
    return answer.code !== undefined;
  };
  /** Confirms what there is to confirm; the browser must end on a page of ours that says so. */
  async function endsHere(page: Page, browser: Browser): Promise<void> {
    const done = page.forms.some(({ id }) => id === 'logout-form') ? await confirmed(page) : page;
    expect(done.location).toBeUndefined();
    expect(done.status).toBe(200);
    expect(done.words).toContain('đăng xuất');
    expect(await signedIn(browser)).toBe(false);
  }

  test('oidcc-rp-initiated-logout-discovery-endpoint-verification', () => {
    expect(party.server.end_session_endpoint).toMatch(/^https?:\/\//);
  });

  test('oidcc-rp-initiated-logout: back to the registered URI with the exact state; then nobody is signed in', async () => {
    const { browser, idToken } = await session();
    const page = await logout(browser, { id_token_hint: idToken, post_logout_redirect_uri: RETURN, state: STATE });
    // The button's redirect leads out of this origin: the page's policy must let it (abuse case 33).
    expect(page.headers['content-security-policy']).toContain("form-action 'self' http://localhost:9999");
    expect(await signedIn(browser), 'before the person has agreed').toBe(true);
    const again = await logout(browser, { id_token_hint: idToken, post_logout_redirect_uri: RETURN, state: STATE });
    const done = await confirmed(again);
    expect(done.location).toBe(`${RETURN}?state=${STATE}`);
    expect(await signedIn(browser)).toBe(false);
  });

  test('oidcc-rp-initiated-logout-no-state: no state comes back, not even an empty one', async () => {
    const { browser, idToken } = await session();
    const page = await logout(browser, { id_token_hint: idToken, post_logout_redirect_uri: RETURN });
    expect((await confirmed(page)).location).toBe(RETURN);
    expect(await signedIn(browser)).toBe(false);
  });

  test('a posted request does the same (RP-Initiated Logout §2)', async () => {
    const { browser, idToken } = await session();
    const body = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: RETURN, state: STATE });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' };
    const page = await browser.open(party.server.end_session_endpoint!, {
      method: 'POST',
      body: String(body),
      headers,
    });
    expect((await confirmed(page)).location).toBe(`${RETURN}?state=${STATE}`);
  });

  test('oidcc-rp-initiated-logout-no-params, -only-state, -no-post-logout-redirect-uri, -no-id-token-hint: a page says so, no redirect', async () => {
    for (const kind of ['none', 'state', 'hint', 'uri']) {
      const { browser, idToken } = await session();
      const params = {
        none: {},
        state: { state: STATE },
        hint: { id_token_hint: idToken },
        uri: { post_logout_redirect_uri: RETURN },
      }[kind]!;
      await endsHere(await logout(browser, params), browser);
    }
  });

  test('oidcc-rp-initiated-logout-bad-post-logout-redirect-uri, -query-added-to-post-logout-redirect-uri: never redirects', async () => {
    const { browser, idToken } = await session();
    for (const uri of [`${RETURN}/other`, `${RETURN}?foo=bar`, 'https://evil.example/', `${RETURN}#x`]) {
      const page = await logout(browser, { id_token_hint: idToken, post_logout_redirect_uri: uri, state: STATE });
      expectErrorPage(page);
    }
    expect(await signedIn(browser)).toBe(true);
  });

  test('oidcc-rp-initiated-logout-modified-id-token-hint, -bad-id-token-hint: a hint that is not ours leads nowhere', async () => {
    const { browser, idToken } = await session();
    const claims = decodeJwt(idToken);
    const { privateKey } = await generateKeyPair('RS256');
    const header = { alg: 'RS256', kid: JSON.parse(Buffer.from(idToken.split('.')[0]!, 'base64url').toString()).kid };
    const hints = {
      unsigned: new UnsecuredJWT(claims).encode(),
      'signed by somebody else': await new SignJWT(claims).setProtectedHeader(header).sign(privateKey),
      'issuer and audience swapped': await new SignJWT({ ...claims, iss: String(claims.aud), aud: String(claims.iss) })
        .setProtectedHeader(header)
        .sign(privateKey),
      'another payload': idToken.replace(
        /\.[^.]+\./,
        `.${Buffer.from(JSON.stringify({ ...claims, sub: 'x' })).toString('base64url')}.`,
      ),
      'no token': 'nonsense',
      'three dots': 'a.b.c',
    };
    for (const [what, hint] of Object.entries(hints)) {
      const page = await logout(browser, { id_token_hint: hint, post_logout_redirect_uri: RETURN, state: STATE });
      expect(page.status, what).toBe(400);
      expectErrorPage(page);
    }
    expect(await signedIn(browser)).toBe(true);
  });

  test('who has no session is sent back without a question, by a page that posts itself', async () => {
    const { browser, idToken } = await session();
    await confirmed(await logout(browser, {}));
    const page = await logout(browser, { id_token_hint: idToken, post_logout_redirect_uri: RETURN, state: STATE });
    expect(page.forms).toHaveLength(1);
    expect(page.headers['content-security-policy']).toMatch(/script-src 'self'(;|$)/);
    expect(page.text).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect((await page.submit()).location).toBe(`${RETURN}?state=${STATE}`);
  });

  test('staying signed in: the relying party is told nothing, the session lives', async () => {
    const { browser, idToken } = await session();
    const page = await logout(browser, { id_token_hint: idToken });
    const stayed = await page.submit({}, { form: 'logout-form', button: 'cancel' });
    expect(stayed.status).toBe(200);
    const other = await createRelyingParty(server.issuer, await registerClient(server, 'suite-other'));
    expect((await authorize(browser, other, { prompt: 'none' })).answer.code).toBeTruthy();
  });
});
