import { UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { createBrowser } from '../../../support/http-client.ts';
import { expectErrorPage, refused, registerClient, visit } from '../suite.ts';
import { expectTokens, redeem } from '../tokens.ts';
import { type BasicPlan, exemption, NO_PKCE } from './basic-plan.ts';

/** What a request may hold, and what it may not. */
export function requestModules(plan: () => BasicPlan): void {
  test('oidcc-response-type-missing: an error with the state', async () => {
    const { client, browser, mode } = plan();
    const params = { ...NO_PKCE, response_type: undefined };
    const { error, state } = await refused(browser, client, { params, mode });
    expect(['unsupported_response_type', 'invalid_request', 'page']).toContain(error);
    if (error !== 'page') expect(state).toBeTruthy();
  });

  test('oidcc-ensure-request-with-unknown-parameter-succeeds', async () => {
    const { answer } = await plan().authorize({ extra: 'foobar', 'ô-lạ[]': '1' });
    expect(answer.code).toBeTruthy();
    // RFC 6749 §3.3: a scope that nobody knows is ignored; one that this client may not have is refused.
    expect((await plan().authorize({ scope: 'openid nobody-knows-this' })).answer.code).toBeTruthy();
    expect((await plan().authorize({ scope: 'openid vn_pin' })).answer.error).toBe('invalid_scope');
  });

  test('oidcc-ensure-post-request-succeeds: the request may come as a form post', async () => {
    const { client, authorize, person } = plan();
    const signedIn = await authorize({}, { post: true });
    expect(signedIn.answer.code).toBeTruthy();
    const flow = await authorize({}, { post: true, as: person, browser: createBrowser() });
    await expectTokens(client, await redeem(client, flow, false), { nonce: flow.started.nonce });
    const post = (body: string, type: string) =>
      createBrowser().open(client.server.authorization_endpoint!, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
    expect((await post(`state=${'s'.repeat(13_000)}`, 'application/x-www-form-urlencoded')).status).toBe(413);
    expect((await post('{}', 'application/json')).status).toBe(415);
  });

  test('oidcc-ensure-registered-redirect-uri: a page with the reason, and no way out', async () => {
    const { browser, begin } = plan();
    for (const redirect_uri of [
      'http://localhost:9999/callback/other',
      'http://localhost:9999/callback?foo=bar',
      'http://localhost:9998/callback',
      'http://LOCALHOST:9999/callback',
      'https://evil.example/',
    ]) {
      const started = await begin({ redirect_uri });
      const page = await visit(browser, started);
      expectErrorPage(page);
      expect(page.words).toMatch(/oidc\.invalid_redirect_uri/);
    }
  });

  test('oidcc-unsigned-request-object, oidcc-ensure-request-object-with-redirect-uri: not supported, so neither advertised nor ignored', async () => {
    const { client, browser, mode } = plan();
    expect(client.server.request_object_signing_alg_values_supported).not.toContain('none');
    const request = new UnsecuredJWT({
      client_id: client.config.client_id,
      response_type: 'code',
      redirect_uri: 'http://localhost:9999/callback',
      scope: 'openid',
    }).encode();
    const { error } = await refused(browser, client, { params: { ...NO_PKCE, request }, mode });
    expect(['request_not_supported', 'invalid_request_object']).toContain(error);
  });

  test('oidcc-request-uri-unsigned: request_uri_not_supported, and nothing is fetched', async () => {
    const { client, browser, mode } = plan();
    expect(client.server.request_uri_parameter_supported).toBe(false);
    const request_uri = 'https://client.example/request.jwt#1';
    const { error } = await refused(browser, client, { params: { ...NO_PKCE, request_uri }, mode });
    expect(error).toBe('request_uri_not_supported');
  });

  test('state: 1,000 characters, odd characters, or none at all', async () => {
    const { authorize } = plan();
    for (const state of ['s'.repeat(1_000), 'a b+c%20&=#"<>ế', '']) {
      expect((await authorize({ state })).answer.state ?? '').toBe(state);
    }
    expect((await authorize({ state: undefined })).answer).not.toHaveProperty('state');
  });

  test('errors that the relying party can be told: the exact code, with its state', async () => {
    const { client, browser, mode } = plan();
    for (const [params, code] of [
      [{ prompt: 'none login' }, ['invalid_request']],
      [{ prompt: 'create' }, ['invalid_request']],
      [{ max_age: '-1' }, ['invalid_request']],
      [{ max_age: 'soon' }, ['invalid_request']],
      [{ code_challenge: 'x', code_challenge_method: 'plain' }, ['invalid_request']],
      [{ registration: '{}' }, ['registration_not_supported']],
      [{ resource: 'https://nobody.example/' }, ['invalid_target']],
    ] as const) {
      const { error, state } = await refused(browser, client, { params: { ...NO_PKCE, ...params }, mode });
      expect(code, JSON.stringify(params)).toContain(error);
      expect(state).toBeTruthy();
    }
  });

  test('implicit and hybrid response types do not exist: no token and no code leaves', async () => {
    const { client, browser } = plan();
    for (const response_type of ['token', 'id_token', 'id_token token', 'code id_token', 'code token']) {
      const page = await browser.open((await client.begin({ ...NO_PKCE, response_type })).url);
      // Their answers go into the fragment, errors too (Multiple Response Types §2.1).
      const answer = new URLSearchParams(new URL(page.location ?? '').hash.slice(1));
      expect(['unsupported_response_type', 'unauthorized_client']).toContain(answer.get('error'));
      for (const name of ['code', 'access_token', 'id_token']) expect(answer.has(name)).toBe(false);
    }
  });

  test('PKCE exemption: without its record a request without PKCE is refused; one that keeps the nonce wants it', async () => {
    const { server, party, browser, person, mode, authorize } = plan();
    const suffix = mode.replace('_', '-');
    const strict = await party(await registerClient(server, `suite-strict-${suffix}`));
    expect((await refused(browser, strict, { params: NO_PKCE, mode })).error).toBe('invalid_request');
    const legacy = await party(await registerClient(server, `suite-legacy-${suffix}`, exemption(true)));
    expect((await refused(browser, legacy, { params: { ...NO_PKCE, nonce: undefined }, mode })).error).toBe(
      'invalid_request',
    );
    const flow = await authorize({}, { party: legacy, as: person });
    await expectTokens(legacy, await redeem(legacy, flow, false), { nonce: flow.started.nonce });
    const publicly = { ...exemption(false), metadata: { token_endpoint_auth_method: 'none' } };
    await expect(registerClient(server, `suite-public-${suffix}`, publicly)).rejects.toThrow('pkceExemption');
  });
}
