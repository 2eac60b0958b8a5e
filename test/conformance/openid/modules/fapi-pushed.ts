import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { sql } from '../../../../src/platform/sql.ts';
import { CALLBACK } from '../../../support/http-client.ts';
import { expectError, nextSecond, send } from '../suite.ts';
import { expectEntropy, redeem } from '../tokens.ts';
import { type FapiPlan, refusal } from './fapi-plan.ts';

/** What the PAR and the token endpoint refuse, and with which code. */
export function fapiPushedModules(plan: () => FapiPlan): void {
  test('a pushed request: 201, a request_uri of at least 96 bits, a lifetime from 5 seconds', async () => {
    const { client } = plan();
    const reply = await client.par(client.request().params);
    expect(reply.status).toBe(201);
    expect(reply.headers['cache-control']).toContain('no-store');
    const { request_uri, expires_in } = reply.json<{ request_uri: string; expires_in: number }>();
    expectEntropy(request_uri.split(':').at(-1)!);
    expect(expires_in).toBeGreaterThanOrEqual(5);
    expect(expires_in).toBeLessThan(600);
  });

  for (const [module, params, codes] of [
    [
      'ensure-request-object-without-redirect-uri-fails',
      { redirect_uri: undefined },
      ['invalid_request', 'invalid_request_object'],
    ],
    [
      'plain-fapi-tolerate-unregistered-redirect-uri',
      { redirect_uri: 'https://evil.example/' },
      ['invalid_request', 'invalid_request_object'],
    ],
    [
      'par-authorization-request-containing-request_uri-form-param',
      { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      ['invalid_request', 'invalid_request_object', 'request_uri_not_supported'],
    ],
    [
      'ensure-response-type-code-idtoken-fails',
      { response_type: 'code id_token' },
      ['unsupported_response_type', 'invalid_request', 'unauthorized_client'],
    ],
    [
      'ensure-response-type-token-fails',
      { response_type: 'token' },
      ['unsupported_response_type', 'invalid_request', 'unauthorized_client'],
    ],
    ['par-ensure-pkce-required', { code_challenge: undefined, code_challenge_method: undefined }, ['invalid_request']],
    [
      'par-plain-pkce-rejected',
      { code_challenge: 'p'.repeat(43), code_challenge_method: 'plain' },
      ['invalid_request'],
    ],
    ['a scope that this client may not have', { scope: 'openid vn_pin' }, ['invalid_scope']],
  ] as const) {
    test(`${module}: refused at the PAR endpoint`, async () => {
      const { client } = plan();
      expectError(await client.par(client.request(params).params), 400, codes);
    });
  }

  test('par-attempt-invalid-http-method', async () => {
    const { client } = plan();
    const url = client.server.pushed_authorization_request_endpoint!;
    for (const method of ['PUT', 'GET', 'PATCH', 'DELETE']) {
      expect((await send(url, { method })).status, method).toBeGreaterThanOrEqual(400);
    }
  });

  test('par-attempt-to-use-expired-request_uri', async () => {
    const { client, push, browser, server } = plan();
    const started = await push();
    const id = new URL(started.url).searchParams.get('request_uri')!.split(':').at(-1)!;
    // The test's own clock: the row is made older in place of waiting for a minute.
    const aged = await server.database.execute(sql`UPDATE pushed_authorization_requests
      SET expires_at = expires_at - interval '80 s' WHERE id = ${createHash('sha256').update(id).digest()}`);
    expect(aged).toBe(1);
    expect(['invalid_request_uri', 'page']).toContain(refusal(await browser.open(started.url), started, client).error);
  });

  test('ensure-pkce-code-verifier-required, incorrect-pkce-code-verifier-rejected: invalid_grant', async () => {
    const { client, authorize } = plan();
    const flow = await authorize();
    expectError(await redeem(client, flow, false), 400, 'invalid_grant');
    const wrong = { ...flow, started: { ...flow.started, verifier: 'w'.repeat(43) } };
    expectError(await redeem(client, wrong), 400, 'invalid_grant');
    expect((await redeem(client, flow)).status, 'a wrong guess burns nothing').toBe(200);
  });

  test('ensure-redirect-uri-in-authorization-request: the token request repeats it', async () => {
    const { client, authorize } = plan();
    const flow = await authorize();
    const elsewhere = { ...flow, started: { ...flow.started, redirectUri: `${CALLBACK}?dummy1=lorem&dummy2=ipsum` } };
    expectError(await redeem(client, elsewhere), 400, 'invalid_grant');
  });

  test('ensure-authorization-code-is-bound-to-client', async () => {
    const { client2, authorize } = plan();
    expectError(await redeem(client2, await authorize()), 400, 'invalid_grant');
  });

  test('attempt-reuse-authorization-code-after-one-second: invalid_grant, and the first token is dead', async () => {
    const { client, tokens } = plan();
    const flow = await tokens();
    await nextSecond();
    expectError(await redeem(client, flow), 400, 'invalid_grant');
    expect((await client.userinfo(flow.tokens.access_token)).status).toBe(401);
  });

  test('ensure-token-endpoint-fails-with-expired-auth-code: a minute and no second more', async () => {
    const { client, authorize, server } = plan();
    const age = (code: string, seconds: number) =>
      server.database.execute(sql`UPDATE authorization_codes
        SET expires_at = expires_at - make_interval(secs => ${seconds})
        WHERE id = ${createHash('sha256').update(code).digest()}`);
    // The test's own clock again. The row of a code lives for its 60 seconds.
    const young = await authorize();
    expect(await age(young.answer.code!, 50)).toBe(1);
    expect((await redeem(client, young)).status).toBe(200);
    const old = await authorize();
    expect(await age(old.answer.code!, 61)).toBe(1);
    expectError(await redeem(client, old), 400, 'invalid_grant');
  });

  test('refresh-token: with a new proof; not rotated; not without authentication or proof; not for the other client', async () => {
    const { client, client2, tokens } = plan();
    const { tokens: first } = await tokens(
      { scope: 'openid offline_access', prompt: 'consent' },
      { as: plan().person },
    );
    const refreshToken = first.refresh_token!;
    expect(refreshToken).toBeDefined();
    const one = await client.refresh(refreshToken);
    expect(one.status, one.text).toBe(200);
    // FAPI 2.0 §5.3.2.1: refresh tokens are not rotated; the same one goes on working.
    expect(one.json().refresh_token ?? refreshToken).toBe(refreshToken);
    expect(one.json().token_type).toBe('DPoP');
    expect((await client.refresh(refreshToken)).status).toBe(200);
    expectError(await client2.refresh(refreshToken), 400, 'invalid_grant');
    expectError(
      await client.refresh(refreshToken, {}, { authenticate: false }),
      [400, 401],
      ['invalid_client', 'invalid_request'],
    );
    expectError(await client.refresh(refreshToken, {}, { dpop: false }), 400, [
      'invalid_grant',
      'invalid_request',
      'invalid_dpop_proof',
    ]);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });
}
