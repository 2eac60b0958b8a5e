import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRelyingParty, type RelyingParty } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { send } from './suite.ts';
import { publishedKeys } from './tokens.ts';

// IANA, OAuth Authorization Server Metadata, and OpenID Connect for Identity Assurance 1.0 §8: what may stand in the document.
/** Members of our own beside them (RFC 8414 §2 allows any; whoever does not know one ignores it). */
const OURS = ['in_person_verification_endpoint'];
const REGISTERED = new Set(
  `issuer authorization_endpoint token_endpoint jwks_uri registration_endpoint scopes_supported response_types_supported
  response_modes_supported grant_types_supported token_endpoint_auth_methods_supported
  token_endpoint_auth_signing_alg_values_supported service_documentation ui_locales_supported op_policy_uri op_tos_uri
  revocation_endpoint revocation_endpoint_auth_methods_supported revocation_endpoint_auth_signing_alg_values_supported
  introspection_endpoint introspection_endpoint_auth_methods_supported
  introspection_endpoint_auth_signing_alg_values_supported code_challenge_methods_supported signed_metadata
  device_authorization_endpoint tls_client_certificate_bound_access_tokens mtls_endpoint_aliases nfv_token_signing_alg_values_supported
  userinfo_endpoint acr_values_supported subject_types_supported id_token_signing_alg_values_supported
  userinfo_signing_alg_values_supported request_object_signing_alg_values_supported display_values_supported
  claim_types_supported claims_supported claims_locales_supported claims_parameter_supported request_parameter_supported
  request_uri_parameter_supported require_request_uri_registration require_signed_request_object
  pushed_authorization_request_endpoint require_pushed_authorization_requests
  introspection_signing_alg_values_supported authorization_response_iss_parameter_supported check_session_iframe
  frontchannel_logout_supported backchannel_logout_supported backchannel_logout_session_supported end_session_endpoint
  dpop_signing_alg_values_supported authorization_details_types_supported authorization_signing_alg_values_supported
  prompt_values_supported protected_resources
  trust_frameworks_supported claims_in_verified_claims_supported evidence_supported documents_supported
  documents_check_methods_supported electronic_records_supported`.split(/\s+/),
);
const WELL_KNOWN = '/.well-known/openid-configuration';

describe('oidcc-config-certification-test-plan', () => {
  let server: TestServer;
  let party: RelyingParty;
  let document: Record<string, unknown>;
  beforeAll(async () => {
    server = await startServer();
    party = await createRelyingParty(server.issuer, server.client('sandbox-confidential'));
    document = party.server;
  });
  afterAll(() => server?.end());

  const list = (name: string): string[] => {
    expect(Array.isArray(document[name]), name).toBe(true);
    return document[name] as string[];
  };

  describe('oidcc-discovery-endpoint-verification', () => {
    test('200, JSON, and the issuer of its own address', async () => {
      const reply = await send(server.issuer + WELL_KNOWN);
      expect(reply.status).toBe(200);
      expect(reply.headers['content-type']).toMatch(/^application\/json/);
      expect(document.issuer).toBe(server.issuer);
      expect(new URL(server.issuer)).toMatchObject({ search: '', hash: '', username: '', password: '' });
    });

    test('every member is registered, or one of ours, and of its type; none is null or empty', () => {
      expect(Object.keys(document).filter((name) => !REGISTERED.has(name))).toEqual(OURS);
      for (const [name, value] of Object.entries(document)) {
        if (name.endsWith('_endpoint') || name === 'jwks_uri' || name === 'issuer') {
          expect(new URL(value as string).origin, name).toBe(server.issuer);
        } else if (Array.isArray(value)) {
          expect(value.length, name).toBeGreaterThan(0);
          expect(
            value.every((item) => typeof item === 'string' && item.length > 0),
            name,
          ).toBe(true);
          expect(new Set(value).size, name).toBe(value.length);
        } else expect(value, name).toBeTypeOf('boolean');
      }
    });

    test('what the Basic plan needs', () => {
      expect(list('response_types_supported')).toContain('code');
      expect(list('subject_types_supported')).toEqual(['pairwise']);
      expect(list('id_token_signing_alg_values_supported')).toContain('RS256');
      expect(list('id_token_signing_alg_values_supported')).not.toContain('none');
      expect(list('request_object_signing_alg_values_supported')).toContain('RS256');
      expect(list('response_modes_supported')).toEqual(expect.arrayContaining(['query', 'form_post']));
      expect(list('token_endpoint_auth_methods_supported')).toEqual(
        expect.arrayContaining(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']),
      );
      expect(list('code_challenge_methods_supported')).toEqual(['S256']);
      expect(list('grant_types_supported')).toEqual(
        expect.arrayContaining(['authorization_code', 'refresh_token', 'client_credentials']),
      );
      for (const name of ['authorization', 'token', 'userinfo', 'end_session']) {
        expect(document[`${name}_endpoint`]).toBeTypeOf('string');
      }
    });

    test('scopes and claims: those of the standard and ours; languages as registered tags', () => {
      for (const scope of list('scopes_supported')) expect(scope).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]+$/);
      expect(list('scopes_supported')).toEqual(
        expect.arrayContaining(['openid', 'offline_access', 'profile', 'email', 'phone', 'address', 'assurance']),
      );
      expect(list('claims_supported')).toEqual(
        expect.arrayContaining([
          'sub',
          'iss',
          'acr',
          'auth_time',
          'name',
          'birthdate',
          'email',
          'phone_number',
          'address',
          'account_level',
        ]),
      );
      expect(document.claims_parameter_supported).toBe(true);
      for (const locales of ['ui_locales_supported', 'claims_locales_supported']) {
        for (const locale of list(locales)) expect(new Intl.Locale(locale).toString()).toBe(locale);
      }
    });

    test('acr values are pages of ours, and answer', async () => {
      const values = list('acr_values_supported');
      for (const acr of values) expect(acr.startsWith(`${server.issuer}/assurance/test/`)).toBe(true);
      for (const acr of values) expect((await send(acr)).status, acr).toBe(200);
    });
  });

  test('what FAPI 2.0 and the logout plans need', () => {
    expect(document.authorization_response_iss_parameter_supported).toBe(true);
    expect(document.backchannel_logout_supported).toBe(true);
    expect(document.backchannel_logout_session_supported).toBe(true);
    for (const name of ['dpop', 'token_endpoint_auth', 'id_token', 'request_object']) {
      expect(list(`${name}_signing_alg_values_supported`)).toEqual(expect.arrayContaining(['ES256', 'PS256', 'EdDSA']));
    }
    for (const name of ['dpop', 'token_endpoint_auth', 'id_token', 'request_object']) {
      expect(list(`${name}_signing_alg_values_supported`).filter((alg) => /^HS|^none$/.test(alg))).toEqual([]);
    }
    expect(document.pushed_authorization_request_endpoint).toBeTypeOf('string');
    expect(document.tls_client_certificate_bound_access_tokens).toBeUndefined();
    expect(document.registration_endpoint).toBeUndefined();
  });

  test('RFC 8414: the same document for OAuth clients', async () => {
    const reply = await send(`${server.issuer}/.well-known/oauth-authorization-server`);
    expect(reply.json()).toEqual(document);
  });

  test('keys: public halves only, each with its own kid, alg and use; strong enough', async () => {
    const { keys } = await publishedKeys(party);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
    const algs = keys.map(({ alg }) => alg);
    for (const alg of list('id_token_signing_alg_values_supported')) expect(algs).toContain(alg);
    for (const key of keys) {
      expect(key.kid).toBeTruthy();
      expect(key.use).toBe('sig');
      expect(['EC', 'RSA', 'OKP']).toContain(key.kty);
      for (const hidden of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) expect(key).not.toHaveProperty(hidden);
      for (const member of ['n', 'e', 'x', 'y'] as const) expect(key[member] ?? '').toMatch(/^[\w-]*$/);
      const { asymmetricKeyDetails } = createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
      expect(asymmetricKeyDetails?.modulusLength ?? 2048).toBeGreaterThanOrEqual(2048);
      if (key.kty === 'EC') expect(key.crv).toBe('P-256');
    }
  });

  describe('transport', () => {
    const paths = [WELL_KNOWN, '/.well-known/oauth-authorization-server', '/jwks'];

    test('discovery and keys may be cached, and are revalidated for nothing', async () => {
      for (const path of paths) {
        const reply = await send(server.issuer + path);
        expect(reply.headers['cache-control']).toMatch(/^public, max-age=\d+/);
        expect(reply.headers['set-cookie']).toBeUndefined();
        const etag = String(reply.headers.etag);
        expect(etag).toMatch(/^"[^"]+"$/);
        for (const match of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
          const again = await send(server.issuer + path, { headers: { 'if-none-match': match } });
          expect([again.status, again.text], match).toEqual([304, '']);
          expect(again.headers.etag).toBe(etag);
        }
        expect((await send(server.issuer + path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
      }
    });

    test('HEAD tells what GET would, without a body', async () => {
      for (const path of paths) {
        const got = await send(server.issuer + path);
        const head = await send(server.issuer + path, { method: 'HEAD' });
        expect([head.status, head.text]).toEqual([200, '']);
        for (const name of ['content-type', 'content-length', 'etag', 'cache-control']) {
          expect(head.headers[name], name).toBe(got.headers[name]);
        }
      }
    });

    test('any page on the web may read discovery and keys; a preflight is answered', async () => {
      const origin = 'https://app.example';
      for (const path of paths) {
        const reply = await send(server.issuer + path, { headers: { origin } });
        expect(['*', origin]).toContain(reply.headers['access-control-allow-origin']);
        expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
        const preflight = await send(server.issuer + path, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'GET' },
        });
        expect(preflight.status).toBe(204);
        expect(preflight.headers['access-control-allow-methods']).toContain('GET');
      }
    });

    test('the token endpoint answers scripts of a public client on its own origin, and of nobody else', async () => {
      const preflight = await send(`${server.issuer}/token`, {
        method: 'OPTIONS',
        headers: {
          origin: 'http://localhost:9999',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,dpop',
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers['access-control-allow-methods']).toContain('POST');
      const ask = (origin: string, client_id: string) =>
        send(`${server.issuer}/token`, {
          method: 'POST',
          headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({
            client_id,
            grant_type: 'authorization_code',
            code: 'x',
            redirect_uri: 'x',
          }).toString(),
        });
      const own = await ask('http://localhost:9999', 'sandbox-public');
      expect(own.headers['access-control-allow-origin']).toBe('http://localhost:9999');
      for (const [origin, client] of [
        ['https://evil.example', 'sandbox-public'],
        ['http://localhost:9999', 'sandbox-confidential'],
      ] as const) {
        expect((await ask(origin, client)).headers['access-control-allow-origin']).toBeUndefined();
      }
    });

    test('a Host that is not the issuer’s is refused everywhere', async () => {
      for (const path of [...paths, '/token', '/authorize', '/']) {
        for (const host of ['evil.example', `127.0.0.1:${new URL(server.issuer).port}`, 'localhost:1']) {
          const reply = await send(server.issuer + path, { headers: { host } });
          expect(reply.status, `${host} ${path}`).toBe(421);
          expect(reply.text).not.toContain('evil.example');
        }
      }
      const forwarded = {
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'host=evil.example',
      };
      expect((await send(server.issuer + WELL_KNOWN, { headers: forwarded })).json()).toEqual(document);
    });

    test('methods that an endpoint does not know get 4xx, and never a fault', async () => {
      for (const [method, path] of [
        ['PUT', '/par'],
        ['GET', '/par'],
        ['GET', '/token'],
        ['DELETE', '/token'],
        ['PUT', '/userinfo'],
        ['POST', '/jwks'],
        ['POST', WELL_KNOWN],
        ['PATCH', '/authorize'],
      ] as const) {
        const { status } = await send(server.issuer + path, { method });
        expect(status, `${method} ${path}`).toBeGreaterThanOrEqual(400);
        expect(status, `${method} ${path}`).toBeLessThan(500);
      }
    });
  });
});
