import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type CryptoKey, importJWK, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerIn, registered, type SignedIn, signedIn } from '../support/attack.ts';
import { createBrowser, createSend } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { aListener } from '../support/listener.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Case 19. RFC 8725 §3.1: the verifier chooses algorithm and key, never the header of what it verifies. Three kinds of JWT reach
// us from outside besides client assertions (case 14) and proofs (case 12): request objects, id_token_hint, and that of logout.
describe('a forged JWT', () => {
  let server: TestServer;
  let rp: RelyingParty;
  let own: JWK;
  let signed: SignedIn;
  let listener: Awaited<ReturnType<typeof aListener>>;
  const send = createSend();
  const clientId = 'signs-requests';
  beforeAll(async () => {
    listener = await aListener();
    server = await startServer({ settings: { EGRESS_ALLOWED: listener.origin } });
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    own = { ...pair.privateKey.export({ format: 'jwk' }), kid: 'own', alg: 'ES256', use: 'sig' } as JWK;
    const { d: _, ...shown } = own;
    await registered(server, {
      clientId,
      metadata: {
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [shown] },
      },
    });
    rp = await plainClient(server.issuer, { client_id: clientId, jwks: { keys: [own] } });
    signed = await signedIn(rp, server.claimant('level-1'), { scope: 'openid' });
  });
  afterAll(async () => {
    await server.end();
    await listener.close();
  });

  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const sign = (payload: object, header: object, key: KeyObject | Uint8Array | CryptoKey) =>
    new SignJWT(payload as never).setProtectedHeader(header as never).sign(key);

  /** The forger knows the public half of the key that is trusted. */
  const forgeries = async (payload: object, trusted: JWK, good: string): Promise<[string, string][]> => {
    const shown = createPublicKey({ key: trusted as never, format: 'jwk' });
    const pem = Buffer.from(shown.export({ type: 'spki', format: 'pem' }));
    const { d: _, ...jwk } = trusted as Record<string, unknown>;
    const otherJwk = other.publicKey.export({ format: 'jwk' });
    const kid = trusted.kid;
    const [head = '', body = '', signature = ''] = good.split('.');
    return [
      ['alg none', new UnsecuredJWT(payload as never).encode()],
      ['alg None', `${encode({ alg: 'None' })}.${encode(payload)}.`],
      ['alg none with a signature', `${encode({ alg: 'none', kid })}.${encode(payload)}.${signature}`],
      ['no alg', `${encode({ kid })}.${encode(payload)}.${signature}`],
      ['no signature', `${head}.${body}.`],
      ['the signature of another', `${head}.${encode(payload)}.${signature.slice(0, -4)}AAAA`],
      ['a signature of zeroes', `${head}.${encode(payload)}.${Buffer.alloc(64).toString('base64url')}`],
      ['HS256 under the public key as PEM', await sign(payload, { alg: 'HS256', kid }, pem)],
      [
        'HS256 under the public key as JWK',
        await sign(payload, { alg: 'HS256', kid }, Buffer.from(JSON.stringify(jwk))),
      ],
      ['HS256 under nothing', await sign(payload, { alg: 'HS256' }, Buffer.alloc(32))],
      ['HS512 under the public key', await sign(payload, { alg: 'HS512', kid }, pem)],
      ['another key under the trusted kid', await sign(payload, { alg: 'ES256', kid }, other.privateKey)],
      ['another key that it brings along', await sign(payload, { alg: 'ES256', jwk: otherJwk }, other.privateKey)],
      [
        'another key at an address of its own',
        await sign(payload, { alg: 'ES256', jku: `${listener.origin}/jwks`, kid: 'x' }, other.privateKey),
      ],
      [
        'a certificate at an address of its own',
        await sign(payload, { alg: 'ES256', x5u: `${listener.origin}/x5c`, kid: 'x' }, other.privateKey),
      ],
      ['a kid that is a path', await sign(payload, { alg: 'HS256', kid: '../../../../dev/null' }, Buffer.alloc(1))],
      ['a kid that is SQL', await sign(payload, { alg: 'ES256', kid: "' OR 1=1 --" }, other.privateKey)],
      ['a kid that is an object’s', await sign(payload, { alg: 'ES256', kid: '__proto__' }, other.privateKey)],
      ['RS256', await sign(payload, { alg: 'RS256', kid }, rsa.privateKey)],
      ['an encrypted one', `${encode({ alg: 'dir', enc: 'A128GCM' })}..AAAA.AAAA.AAAA`],
      [
        'an unknown critical extension',
        `${encode({ alg: 'ES256', kid, crit: ['b64'], b64: false })}.${encode(payload)}.${signature}`,
      ],
    ];
  };

  const requestObject = async (claims: object = {}): Promise<{ payload: object; good: string }> => {
    const payload = {
      iss: clientId,
      aud: server.issuer,
      exp: Math.floor(Date.now() / 1000) + 60,
      ...rp.request({ scope: 'openid' }).params,
      ...claims,
    };
    return {
      payload,
      good: await sign(payload, { alg: 'ES256', kid: 'own' }, (await importJWK(own, 'ES256')) as CryptoKey),
    };
  };

  test('is no request object, at /authorize and at /par', async () => {
    const { payload, good } = await requestObject({ scope: 'openid profile' });
    for (const [what, request] of await forgeries(payload, own, good)) {
      const query = new URLSearchParams({ client_id: clientId, request });
      const page = await createBrowser().open(`${rp.server.authorization_endpoint}?${query}`);
      expect(page.has('identifier'), what).toBe(false);
      if (page.location) expect(answerIn(page.location).error, what).toBe('invalid_request_object');
      else expect(page.status, what).toBe(400);
      const pushed = await rp.par({ request });
      expect(pushed.status, `${what}: ${pushed.text}`).toBe(400);
    }
    const page = await createBrowser().open(
      `${rp.server.authorization_endpoint}?${new URLSearchParams({ client_id: clientId, request: good })}`,
    );
    expect(page.has('identifier')).toBe(true);
    expect((await rp.par({ request: good })).status).toBe(201);
  });

  test('is no request object when it is for another server, of another client, over, or not yet', async () => {
    const now = Math.floor(Date.now() / 1000);
    const wrong: object[] = [
      { iss: 'sandbox-fapi' },
      { aud: 'https://evil.example' },
      { exp: now - 120 },
      { nbf: now + 600 },
      { client_id: 'sandbox-fapi' },
      { request: 'x' },
      { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
    ];
    for (const claims of wrong) {
      const { good } = await requestObject(claims);
      const page = await createBrowser().open(
        `${rp.server.authorization_endpoint}?${new URLSearchParams({ client_id: clientId, request: good })}`,
      );
      expect(page.has('identifier'), JSON.stringify(claims)).toBe(false);
      expect((await rp.par({ request: good })).status, JSON.stringify(claims)).toBe(400);
    }
  });

  test('nothing outside a signed request adds to it', async () => {
    const { good } = await requestObject();
    const query = new URLSearchParams({
      client_id: clientId,
      request: good,
      scope: 'openid profile',
      redirect_uri: 'https://evil.example/',
      prompt: 'none',
    });
    const page = await createBrowser().open(`${rp.server.authorization_endpoint}?${query}`);
    expect(page.has('identifier')).toBe(true);
    expect(page.headers['content-security-policy']).not.toContain('evil.example');
  });

  test('is no id_token_hint: it neither names anybody nor answers prompt=none', async () => {
    const [key] = (await send(rp.server.jwks_uri!)).json<{ keys: JWK[] }>().keys.filter(({ alg }) => alg === 'ES256');
    for (const [what, id_token_hint] of await forgeries(signed.idToken, key!, signed.tokens.id_token!)) {
      const { url, state } = await rp.begin({ scope: 'openid', prompt: 'none', id_token_hint });
      const { location } = await signed.browser.open(url);
      expect(answerIn(location), what).toMatchObject({ error: 'invalid_request', state });
    }
    const { url } = await rp.begin({ scope: 'openid', prompt: 'none', id_token_hint: signed.tokens.id_token });
    expect(answerIn((await signed.browser.open(url)).location)).toHaveProperty('code');
  });

  test('is no hint at logout: nobody is sent anywhere on its word', async () => {
    const [key] = (await send(rp.server.jwks_uri!)).json<{ keys: JWK[] }>().keys.filter(({ alg }) => alg === 'ES256');
    for (const [what, id_token_hint] of await forgeries(signed.idToken, key!, signed.tokens.id_token!)) {
      const url = rp.endSessionUrl({ id_token_hint, post_logout_redirect_uri: 'http://localhost:9999/' });
      const page = await signed.browser.open(url);
      expect(page.location, what).toBeUndefined();
      expect(page.status, what).toBe(400);
    }
    for (const aud of [{}, [], [clientId], 1, '__proto__', null]) {
      const token = await sign({ ...signed.idToken, aud }, { alg: 'ES256' }, other.privateKey);
      expect((await signed.browser.open(rp.endSessionUrl({ id_token_hint: token }))).status).toBe(400);
    }
  });

  test('made nobody look anything up at the forger’s', () => {
    expect(listener.connections()).toBe(0);
  });

  test('and nothing is broken afterwards', async () => {
    await checkInvariants(server.database, server.app);
  });
});
