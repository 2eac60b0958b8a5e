import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerIn, signedIn } from '../support/attack.ts';
import { createBrowser } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { fapiClient, type Params, plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Case 6. RFC 9207: every authorization response, errors included, names its issuer, so that a client of two servers cannot be
// made to send the code of one to the other.
describe('an authorization response', () => {
  let server: TestServer;
  let rp: RelyingParty;
  beforeAll(async () => {
    server = await startServer();
    rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
  });
  afterAll(() => server.end());

  const errorOf = async (party: RelyingParty, params: Params, press?: { button: string }) => {
    const started = await party.begin(params);
    let page = await createBrowser().open(started.url);
    if (press) page = await page.submit({}, press);
    return { state: started.state, answer: answerIn(page.location) };
  };

  test('is announced to name its issuer', () => {
    expect(rp.server.authorization_response_iss_parameter_supported).toBe(true);
    expect(rp.server.issuer).toBe(server.issuer);
  });

  test('names it beside the code, and the ID token names the same', async () => {
    const { callback, idToken, started } = await signedIn(rp, server.claimant('level-1'), { scope: 'openid' });
    expect(answerIn(callback)).toMatchObject({ iss: server.issuer, state: started.state });
    expect(idToken.iss).toBe(server.issuer);
    expect(idToken.nonce).toBe(started.nonce);
  });

  const refusals: [string, Params][] = [
    ['login_required', { prompt: 'none' }],
    ['invalid_scope', { scope: 'openid "' }],
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_request', { prompt: 'none login' }],
    ['invalid_request', { code_challenge_method: 'plain' }],
    ['invalid_request', { max_age: '-1' }],
    ['invalid_request', { claims: '{' }],
    ['invalid_target', { resource: 'https://unknown.sen.example/' }],
    ['request_not_supported', { request: 'x.y.z' }],
    ['registration_not_supported', { registration: '{}' }],
    ['request_uri_not_supported', { request_uri: 'https://evil.example/request' }],
  ];
  test.each(refusals)('names it with the error %s', async (error, params) => {
    const { answer, state } = await errorOf(rp, { scope: 'openid', ...params });
    if (error === 'request_not_supported')
      expect(answer.error).toMatch(/^(request_not_supported|invalid_request_object)$/);
    else expect(answer.error).toBe(error);
    expect(answer).toMatchObject({ iss: server.issuer, state });
  });

  test('names it when the person refuses', async () => {
    const { answer, state } = await errorOf(rp, { scope: 'openid' }, { button: 'cancel' });
    expect(answer).toMatchObject({ error: 'access_denied', iss: server.issuer, state });
  });

  test('names it in a posted answer and in a fragment', async () => {
    const posted = await rp.begin({ scope: 'openid', prompt: 'none', response_mode: 'form_post' });
    const page = await createBrowser().open(posted.url);
    expect(page.form().action).toBe(posted.redirectUri);
    expect(Object.fromEntries(page.form().values)).toMatchObject({ error: 'login_required', iss: server.issuer });
    const fragment = await rp.begin({ scope: 'openid', prompt: 'none', response_mode: 'fragment' });
    const { location } = await createBrowser().open(fragment.url);
    expect(location).toContain('#');
    expect(answerIn(location)).toMatchObject({ error: 'login_required', iss: server.issuer });
  });

  test('names it to a FAPI client that pushed its request', async () => {
    const fapi = await fapiClient(server.issuer, server.client('sandbox-fapi'));
    const { answer, state } = await errorOf(fapi, { scope: 'openid', prompt: 'none' });
    expect(answer).toMatchObject({ error: 'login_required', iss: server.issuer, state });
  });

  test('stripped of it, or with another’s, is refused by a client that knows its trade', async () => {
    const config = await rp.openid();
    const { callback, started, browser } = await signedIn(rp, server.claimant('level-1'), { scope: 'openid' });
    const checks = { expectedState: started.state, expectedNonce: started.nonce, pkceCodeVerifier: started.verifier };
    for (const iss of [undefined, 'https://evil.example', `${server.issuer}/`]) {
      const url = new URL(callback);
      if (iss === undefined) url.searchParams.delete('iss');
      else url.searchParams.set('iss', iss);
      const refused = await oidc.authorizationCodeGrant(config, url, checks).catch((error: Error) => error);
      expect(String((refused as Error).cause), String(iss)).toContain('"iss"');
    }
    const again = await rp.begin({ scope: 'openid' });
    const { location } = await browser.open(again.url);
    const tokens = await oidc.authorizationCodeGrant(config, new URL(location!), {
      expectedState: again.state,
      expectedNonce: again.nonce,
      pkceCodeVerifier: again.verifier,
    });
    expect(tokens.claims()?.iss).toBe(server.issuer);
  });

  test('and nothing is broken afterwards', async () => {
    await checkInvariants(server.database, server.app);
  });
});
