import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { importJWK, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSend, type Reply } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { fapiClient, plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Case 14, all but the race. RFC 7523 §3 and FAPI 2.0 §5.3.2.1: who signs, for whom, until when, once.
describe('a client assertion', () => {
  let server: TestServer;
  let rp: RelyingParty;
  let key: JWK;
  const send = createSend();
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  beforeAll(async () => {
    server = await startServer();
    rp = await fapiClient(server.issuer, server.client('sandbox-fapi'));
    key = server.client('sandbox-fapi').jwks!.keys[0]!;
  });
  afterAll(() => server.end());

  const now = (): number => Math.floor(Date.now() / 1000);

  /** Pushes a good request under this assertion. */
  const push = (assertion: string, more: Record<string, string> = {}): Promise<Reply> =>
    send(rp.server.pushed_authorization_request_endpoint!, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        ...rp.request({ scope: 'openid' }).params,
        client_assertion_type: type,
        client_assertion: assertion,
        ...more,
      }).toString(),
    });
  const signed = async (
    claims: object = {},
    header: object = {},
    by: Parameters<SignJWT['sign']>[0] | undefined = undefined,
  ) =>
    new SignJWT({
      iss: 'sandbox-fapi',
      sub: 'sandbox-fapi',
      aud: server.issuer,
      jti: randomUUID(),
      iat: now(),
      exp: now() + 60,
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', kid: key.kid, ...header } as never)
      .sign(by ?? (await importJWK(key, 'ES256')));

  const faulty: [string, () => Promise<string> | string][] = [
    ['that is no JWT', () => 'x'],
    ['for another server', () => signed({ aud: 'https://evil.example' })],
    ['for no server', () => signed({ aud: undefined })],
    ['for a list of servers', () => signed({ aud: [server.issuer, 'https://evil.example'] })],
    ['for the token endpoint instead of the issuer', () => signed({ aud: rp.server.token_endpoint })],
    ['for the endpoint it is sent to', () => signed({ aud: rp.server.pushed_authorization_request_endpoint })],
    ['with a slash too many', () => signed({ aud: `${server.issuer}/` })],
    ['of another issuer', () => signed({ iss: 'sandbox-fapi-2' })],
    ['about another client', () => signed({ sub: 'sandbox-fapi-2' })],
    ['about nobody', () => signed({ sub: undefined })],
    ['from nobody', () => signed({ iss: undefined })],
    ['without an end', () => signed({ exp: undefined })],
    ['that ends too far ahead', () => signed({ exp: now() + 3_600 })],
    ['that ends in the year 9999', () => signed({ exp: 253_402_300_799 })],
    ['that has ended', () => signed({ iat: now() - 600, exp: now() - 60 })],
    ['that begins later', () => signed({ nbf: now() + 300 })],
    ['made in the future', () => signed({ iat: now() + 300 })],
    ['without a jti', () => signed({ jti: undefined })],
    ['with an exp that is no number', () => signed({ exp: 'soon' as never })],
    [
      'without a signature',
      () =>
        new UnsecuredJWT({
          iss: 'sandbox-fapi',
          sub: 'sandbox-fapi',
          aud: server.issuer,
          jti: randomUUID(),
          exp: now() + 60,
        }).encode(),
    ],
    [
      'under its public key as HMAC secret',
      () => signed({}, { alg: 'HS256' }, Buffer.from(JSON.stringify({ ...key, d: undefined }))),
    ],
    ['under the placeholder that stands for a secret', () => signed({}, { alg: 'HS256' }, Buffer.alloc(32))],
    ['under RS256', () => signed({}, { alg: 'RS256' }, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)],
    [
      'under another key of the same kind',
      () => signed({}, {}, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
    ],
    [
      'that brings its own key along',
      () => {
        const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        return signed({}, { jwk: own.publicKey.export({ format: 'jwk' }), kid: undefined }, own.privateKey);
      },
    ],
    [
      'whose header asks for extensions',
      () => signed({}, { crit: ['evil'], evil: true } as never).catch(() => 'e30.e30.e30'),
    ],
  ];
  test.each(faulty)('%s is refused', async (_, make) => {
    const reply = await push(await make());
    expect(reply.status, reply.text).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect(['invalid_client', 'invalid_request']).toContain(reply.json().error);
    // Which of its claims was wrong is for the client's own log, not for whoever guesses.
    expect(reply.text).not.toMatch(/"error_description":"[^"]*(signature|kid|jwks)/i);
  });

  test('that is good is taken once, and again under another jti only', async () => {
    const assertion = await signed();
    expect((await push(assertion)).status).toBe(201);
    expect((await push(assertion)).json()).toMatchObject({ error: 'invalid_client' });
    expect((await push(await signed())).status).toBe(201);
    await checkInvariants(server.database, server.app);
  });

  test('proves nothing for another client, whatever client_id stands beside it', async () => {
    for (const client_id of ['sandbox-fapi-2', 'sandbox-confidential', 'sandbox-public', 'senid-account']) {
      const reply = await push(await signed(), { client_id });
      expect([400, 401], client_id).toContain(reply.status);
    }
  });

  test('is not joined with another proof of who asks (RFC 6749 §2.3)', async () => {
    const basic = Buffer.from('sandbox-confidential:x').toString('base64');
    const reply = await send(rp.server.token_endpoint!, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: type,
        client_assertion: await signed(),
      }).toString(),
    });
    expect([400, 401]).toContain(reply.status);
    expect(['invalid_client', 'invalid_request']).toContain(reply.json().error);
  });

  test('is the only way in for a client that has keys, and none for one that has a secret', async () => {
    const { client_id } = server.client('sandbox-fapi');
    for (const client_secret of ['', 'undefined', 'null', 'x'.repeat(43)]) {
      const asSecret = await plainClient(server.issuer, { client_id, client_secret, redirect_uris: [] });
      expect([400, 401]).toContain((await asSecret.clientCredentials()).status);
      const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret }).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      expect([400, 401]).toContain((await send(rp.server.token_endpoint!, { method: 'POST', headers, body })).status);
    }
    const secret = server.client('sandbox-confidential').client_secret!;
    // client_secret_jwt: the secret is stored as a hash and is nobody's HMAC key.
    const claims = { iss: 'sandbox-confidential', sub: 'sandbox-confidential' };
    const reply = await push(await signed(claims, { alg: 'HS256', kid: undefined }, Buffer.from(secret)), {
      client_id: 'sandbox-confidential',
    });
    expect(reply.status).toBe(401);
    expect(rp.server.token_endpoint_auth_methods_supported).not.toContain('client_secret_jwt');
  });
});
