import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorized } from '../support/attack.ts';
import { createDpopKey, type DpopKey } from '../support/dpop.ts';
import { createSend, type Reply } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { fapiClient, type RelyingParty, type Tokens } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, type Claimant } from '../support/sign-in.ts';

// Case 12. RFC 9449 §4.3, each check of a proof, at the token endpoint, at userinfo and at PAR (FAPI2SPFinalDpopNegativeTests).
describe('a DPoP proof that is not one', () => {
  let server: TestServer;
  let rp: RelyingParty;
  let who: Claimant;
  const send = createSend();
  beforeAll(async () => {
    server = await startServer();
    rp = await fapiClient(server.issuer, server.client('sandbox-fapi'));
    const claimant = server.claimant('level-2-chip');
    who = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
  });
  afterAll(() => server.end());

  const now = (): number => Math.floor(Date.now() / 1000);
  type About = { method: string; url: string; accessToken?: string };

  /** Everything that can be wrong with a proof of `key`. */
  const forgeries = async (key: DpopKey, about: About): Promise<[string, string | undefined][]> => {
    const signed = (claims: object = {}, header: object = {}) =>
      key.proof(about, claims as Record<string, unknown>, header as Record<string, unknown>);
    const good = await signed();
    const [head = '', body = '', signature = ''] = good.split('.');
    const own = await generateKeyPair('ES256', { extractable: true });
    const privateJwk = await exportJWK(own.privateKey);
    const { jwk } = key;
    const payload = JSON.parse(Buffer.from(body, 'base64url').toString());
    const secret = Buffer.from(JSON.stringify(jwk));
    const with_ = (header: object, sign = own.privateKey) =>
      new SignJWT(payload).setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', ...header } as never).sign(sign);
    const rsa = await generateKeyPair('RS256');
    return [
      ['is missing', undefined],
      ['is no JWT', 'proof'],
      ['is empty', ''],
      ['is two proofs', `${good}, ${good}`],
      ['has no type', await signed({}, { typ: undefined })],
      ['has the type JWT', await signed({}, { typ: 'JWT' })],
      ['has alg none', new UnsecuredJWT(payload).encode()],
      [
        'says alg none and is signed',
        `${Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'none', jwk })).toString('base64url')}.${body}.${signature}`,
      ],
      [
        'is an HMAC under the public key',
        await new SignJWT(payload).setProtectedHeader({ typ: 'dpop+jwt', alg: 'HS256', jwk } as never).sign(secret),
      ],
      [
        'is signed by RS256, which is not offered',
        await new SignJWT(payload)
          .setProtectedHeader({ typ: 'dpop+jwt', alg: 'RS256', jwk: await exportJWK(rsa.publicKey) } as never)
          .sign(rsa.privateKey),
      ],
      ['has no key', await with_({})],
      ['names its key by kid alone', await with_({ kid: 'anything' })],
      ['has a private key in it', await with_({ jwk: privateJwk })],
      ['has a symmetric key in it', await with_({ jwk: { kty: 'oct', k: 'AAAA' } })],
      ['has another key than the one that signed', await with_({ jwk })],
      [
        'was changed after it was signed',
        `${head}.${Buffer.from(JSON.stringify({ ...payload, jti: randomUUID() })).toString('base64url')}.${signature}`,
      ],
      ['has no signature', `${head}.${body}.`],
      ['has no jti', await signed({ jti: undefined })],
      ['has a jti that is no text', await signed({ jti: 12 })],
      ['has no htm', await signed({ htm: undefined })],
      ['is for another method', await signed({ htm: 'PUT' })],
      ['has its method in small letters', await signed({ htm: about.method.toLowerCase() })],
      ['has no htu', await signed({ htu: undefined })],
      ['is for another endpoint', await signed({ htu: `${server.issuer}/introspect` })],
      ['is for another host', await signed({ htu: about.url.replace('localhost', 'evil.example') })],
      ['is for a longer path', await signed({ htu: `${about.url}/more` })],
      ['has no iat', await signed({ iat: undefined })],
      ['has an iat that is no number', await signed({ iat: 'now' })],
      // A nonce of ours tells the time of a proof better than its sender does (RFC 9449 §4.3, check 11).
      ['is ten minutes old', await signed({ iat: now() - 600, nonce: undefined })],
      ['comes from the future', await signed({ iat: now() + 600, nonce: undefined })],
    ];
  };

  const atToken = (code: string, started: { verifier: string; redirectUri: string }) => (proof: string | undefined) =>
    rp.token(
      { grant_type: 'authorization_code', code, redirect_uri: started.redirectUri, code_verifier: started.verifier },
      { dpop: false, headers: proof === undefined ? {} : { dpop: proof } },
    );

  /** A nonce of the server's, as an honest client gets it. */
  const nonce = async (): Promise<string> => {
    const key = await createDpopKey();
    await rp.refresh('no such token', {}, { dpop: key });
    return key.nonce ?? expect.fail('no nonce was given');
  };

  test('redeems no code, whatever is wrong with it, and burns none', async () => {
    const { callback, started } = await authorized(rp, who, { scope: 'openid' }, { means: 'passkey' });
    const code = new URL(callback).searchParams.get('code') ?? '';
    const redeem = atToken(code, started);
    const key = await createDpopKey();
    key.nonce = await nonce();
    const about = { method: 'POST', url: rp.server.token_endpoint! };
    const list = await forgeries(key, about);
    list.push(
      ['has no nonce', await key.proof(about, { nonce: undefined })],
      ['has a nonce of its own making', await key.proof(about, { nonce: 'A'.repeat(43) })],
    );
    for (const [what, proof] of list) {
      const reply = await redeem(proof);
      expect(reply.status, `${what}: ${reply.text}`).toBe(400);
      expect(reply.text, what).not.toContain('access_token');
      expect(['invalid_dpop_proof', 'use_dpop_nonce', 'invalid_request', 'invalid_grant'], what).toContain(
        reply.json().error,
      );
    }
    const wanted = await redeem(await key.proof(about, { nonce: undefined }));
    expect(wanted.json()).toMatchObject({ error: 'use_dpop_nonce' });
    expect(wanted.headers['dpop-nonce']).toBeTruthy();
    // A query or fragment in htu does not count (RFC 9449 §4.3, check 9); and after all that the code is still good.
    const done = await redeem(await key.proof(about, { htu: `${about.url}?a=b#c` }));
    expect(done.status, done.text).toBe(200);
    await checkInvariants(server.database, server.app);
  });

  test('opens no userinfo', async () => {
    const { callback, started } = await authorized(rp, who, { scope: 'openid profile' }, { means: 'passkey' });
    const { access_token } = (await rp.exchange(callback, started)).json<Tokens>();
    const url = rp.server.userinfo_endpoint!;
    const about = { method: 'GET', url, accessToken: access_token };
    const ask = (proof: string | undefined): Promise<Reply> =>
      send(url, {
        headers: { authorization: `DPoP ${access_token}`, ...(proof === undefined ? {} : { dpop: proof }) },
      });
    const key = rp.dpop!;
    const ath = createHash('sha256').update('another token').digest('base64url');
    const list = await forgeries(key, about);
    list.push(
      ['does not name its token', await key.proof({ method: 'GET', url })],
      ['names another token', await key.proof(about, { ath })],
      [
        'names its token in another spelling',
        await key.proof(about, { ath: createHash('sha256').update(access_token).digest('hex') }),
      ],
      ['is of another key', await (await createDpopKey()).proof(about)],
    );
    for (const [what, proof] of list) {
      const reply = await ask(proof);
      expect([400, 401], `${what}: ${reply.text}`).toContain(reply.status);
      expect(reply.text, what).not.toContain('"sub"');
      expect(String(reply.headers['www-authenticate']), what).toContain('DPoP');
    }
    const proof = await key.proof(about);
    expect((await ask(proof)).status).toBe(200);
    expect((await ask(proof)).status).toBe(401);
  });

  test('pushes no request, and one that was pushed under a key is redeemed under that key only', async () => {
    const key = await createDpopKey();
    const about = { method: 'POST', url: rp.server.pushed_authorization_request_endpoint! };
    for (const [what, proof] of await forgeries(key, about)) {
      // Without one a request may be pushed: the code is then bound by PKCE alone.
      if (!proof) continue;
      const reply = await rp.par(rp.request({ scope: 'openid' }).params, { headers: { dpop: proof } });
      expect(reply.status, `${what}: ${reply.text}`).toBe(400);
      expect(reply.text, what).not.toContain('request_uri":');
    }
    const mismatch = await rp.par(rp.request({ scope: 'openid', dpop_jkt: 'x'.repeat(43) }).params, { dpop: key });
    expect(mismatch.status).toBe(400);
  });
});
