import { importJWK, type JWK, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import type { Reply } from '../../../support/http-client.ts';
import type { Params, RelyingParty } from '../../../support/relying-party.ts';
import { expectError, registerClient } from '../suite.ts';
import { type FapiPlan, rsaKey } from './fapi-plan.ts';

const now = (): number => Math.floor(Date.now() / 1000);
const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Client assertions (RFC 7523), held to FAPI 2.0 §5.3.2.1 at the PAR and the token endpoint. */
export function fapiAssertionModules(plan: () => FapiPlan): void {
  /** The same assertion rule is tried at both endpoints. */
  const at = async (endpoint: 'par' | 'token', assertion: Params): Promise<Reply> => {
    const { client, authorize } = plan();
    if (endpoint === 'par') {
      const { client_id: _, ...params } = client.request().params;
      return client.par({ ...params, ...assertion }, { authenticate: false });
    }
    const { answer, started } = await authorize();
    return client.token(
      {
        grant_type: 'authorization_code',
        code: answer.code,
        redirect_uri: started.redirectUri,
        code_verifier: started.verifier,
        ...assertion,
      },
      { authenticate: false },
    );
  };
  const signed = async (claims: Record<string, unknown>, party: RelyingParty = plan().client): Promise<Params> => ({
    client_id: plan().client.config.client_id,
    client_assertion_type: type,
    client_assertion: await party.assertion(claims),
  });

  for (const endpoint of ['par', 'token'] as const) {
    for (const [module, claims] of [
      ['par-test-array-as-audience-fails', ({ issuer }) => ({ aud: [issuer] })],
      ['an array of several audiences', ({ issuer, server }) => ({ aud: [issuer, server.token_endpoint] })],
      [
        'par-test-par-endpoint-url-as-audience-fails',
        ({ server }) => ({ aud: server.pushed_authorization_request_endpoint }),
      ],
      ['par-test-token-endpoint-url-as-audience-fails', ({ server }) => ({ aud: server.token_endpoint })],
      ['ensure-client-assertion-with-wrong-aud-fails', () => ({ aud: 'https://other.example' })],
      ['the issuer with a slash', ({ issuer }) => ({ aud: `${issuer}/` })],
      ['no audience', () => ({ aud: undefined })],
      ['ensure-client-assertion-with-no-sub-fails', () => ({ sub: undefined })],
      ['another sub', () => ({ sub: 'suite-fapi2' })],
      ['no iss', () => ({ iss: undefined })],
      ['no jti', () => ({ jti: undefined })],
      ['no exp', () => ({ exp: undefined })],
      ['ensure-client-assertion-with-exp-is-5-minutes-in-past-fails', () => ({ exp: now() - 300, iat: now() - 360 })],
      ['an expiry an hour ahead', () => ({ exp: now() + 3_600 })],
      [
        'par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails',
        () => ({ nbf: now() + 62, exp: now() + 120 }),
      ],
      ['issued 62 seconds ahead', () => ({ iat: now() + 62, exp: now() + 120 })],
    ] as [string, (party: RelyingParty) => Record<string, unknown>][]) {
      test(`${module}: refused at ${endpoint}`, async () => {
        const reply = await at(endpoint, await signed(claims(plan().client)));
        expectError(reply, [400, 401], ['invalid_client', 'invalid_request']);
      });
    }

    test(`par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted at ${endpoint}`, async () => {
      const ahead = now() + 8;
      const reply = await at(endpoint, await signed({ nbf: ahead, iat: ahead, exp: ahead + 60 }));
      expect([200, 201], reply.text).toContain(reply.status);
    });

    test(`ensure-client-assertion-in-token-endpoint: none, or an empty one, at ${endpoint}`, async () => {
      for (const assertion of [{ client_id: 'suite-fapi' }, { client_id: 'suite-fapi', client_assertion: '' }, {}]) {
        expectError(await at(endpoint, assertion), [400, 401], ['invalid_client', 'invalid_request']);
      }
    });

    test(`ensure-signed-client-assertion-with-RS256-fails, and by another key, at ${endpoint}`, async () => {
      const { client, client2 } = plan();
      const jwk = client.config.jwks!.keys[0]!;
      const { alg: _, ...anyAlg } = jwk;
      const { client_id } = client.config;
      const claims = {
        iss: client_id,
        sub: client_id,
        aud: client.issuer,
        jti: crypto.randomUUID(),
        iat: now(),
        exp: now() + 60,
      };
      const by = async (alg: string, key: JWK) =>
        new SignJWT(claims).setProtectedHeader({ alg, kid: jwk.kid! }).sign(await importJWK(key, alg));
      for (const client_assertion of [
        await by('RS256', anyAlg),
        await by('PS256', rsaKey('other')),
        (await signed({ iss: client_id, sub: client_id }, client2)).client_assertion,
      ]) {
        const reply = await at(endpoint, { client_id, client_assertion_type: type, client_assertion });
        expectError(reply, [400, 401], 'invalid_client');
      }
    });
  }

  test('an assertion is good once, at whatever endpoint', async () => {
    const assertion = await signed({});
    expect((await at('par', assertion)).status).toBe(201);
    expectError(await at('par', assertion), [400, 401], 'invalid_client');
    expectError(await at('token', assertion), [400, 401], 'invalid_client');
  });

  test('a registration that keeps less than the profile is refused', async () => {
    const { server, client } = plan();
    const good = {
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'PS256',
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
      jwks: client.config.jwks && { keys: client.config.jwks.keys.map(({ kty, n, e, kid }) => ({ kty, n, e, kid })) },
    };
    for (const worse of [
      { token_endpoint_auth_signing_alg: 'RS256' },
      { token_endpoint_auth_method: 'client_secret_basic' },
      { require_pushed_authorization_requests: false },
      { dpop_bound_access_tokens: false },
      { id_token_signed_response_alg: 'RS256' },
      { userinfo_signed_response_alg: 'RS256' },
    ]) {
      await expect(
        registerClient(server, 'suite-less', { fapi: true, metadata: { ...good, ...worse } }),
      ).rejects.toThrow('FAPI 2.0');
    }
  });

  test('what this server does not do cannot be registered: signed introspection answers, encrypted tokens or UserInfo', async () => {
    const { server, client } = plan();
    expect(client.server.introspection_signing_alg_values_supported).toBeUndefined();
    for (const member of [
      'userinfo_encrypted_response_alg',
      'introspection_signed_response_alg',
      'id_token_encrypted_response_alg',
    ]) {
      await expect(registerClient(server, 'suite-more', { metadata: { [member]: 'ES256' } })).rejects.toThrow(member);
    }
  });

  test('loopback http is a redirect URI of the sandbox alone', async () => {
    const { server } = plan();
    const production = { environment: 'production' as const };
    await expect(registerClient(server, 'suite-production', production)).rejects.toThrow('redirect_uris.0');
    const secure = { ...production, metadata: { redirect_uris: ['https://rp.example/callback'] } };
    // What else production asks for is said, and that no one person registers there; about this address there is nothing to say.
    await expect(registerClient(server, 'suite-production', secure)).rejects.toThrow(/^(?!.*redirect_uris)/s);
  });
}
