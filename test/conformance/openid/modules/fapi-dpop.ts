import { createHash, randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { request } from 'undici';
import { expect, test } from 'vitest';
import type { Reply } from '../../../support/http-client.ts';
import { expectError, send } from '../suite.ts';
import { redeem } from '../tokens.ts';
import { type CraftedKey, craftedKey, type FapiPlan, resource, rsaKey } from './fapi-plan.ts';

const now = (): number => Math.floor(Date.now() / 1000);
const REFUSED = ['invalid_request', 'invalid_grant', 'invalid_dpop_proof'] as const;

/** Sender constraint by DPoP (RFC 9449): binding of codes and tokens, and some thirty proofs that are wrong. */
export function fapiDpopModules(plan: () => FapiPlan): void {
  test('ensure-holder-of-key-required: no proof, no token; and never a Bearer token', async () => {
    const { client, authorize } = plan();
    const flow = await authorize();
    const reply = await client.exchange(flow.answer.code!, flow.started, { dpop: false });
    expectError(reply, [400, 401], REFUSED);
    expect((await redeem(client, flow)).status, 'the code is not burned').toBe(200);
  });

  test('use_dpop_nonce: a token request without a nonce is told one, and its retry works', async () => {
    const { client, authorize } = plan();
    const key = await craftedKey();
    const flow = await authorize();
    const url = client.server.token_endpoint!;
    const form = {
      grant_type: 'authorization_code',
      code: flow.answer.code,
      redirect_uri: flow.started.redirectUri,
      code_verifier: flow.started.verifier,
    };
    const ask = async (nonce?: string) => {
      const proof = await key.proof({ method: 'POST', url }, nonce === undefined ? {} : { nonce });
      return client.token(form, { dpop: false, headers: { dpop: proof } });
    };
    const told = await ask();
    expectError(told, 400, 'use_dpop_nonce');
    expect(told.headers['dpop-nonce']).toBeTypeOf('string');
    expectError(await ask('made-up'), 400, 'use_dpop_nonce');
    const got = await ask(String(told.headers['dpop-nonce']));
    expect(got.status, got.text).toBe(200);
    expect(got.json().token_type).toBe('DPoP');
  });

  test('ensure-mismatched-dpop-jkt-fails: a proof at PAR and the thumbprint of another key', async () => {
    const { client } = plan();
    const { params } = client.request({ dpop_jkt: (await craftedKey()).thumbprint });
    expectError(await client.par(params, { dpop: client.dpop! }), 400, ['invalid_request', 'invalid_dpop_proof']);
  });

  test('ensure-dpopproof-at-par-endpoint-binding-success, ensure-dpop-auth-code-binding-success', async () => {
    const { client, authorize } = plan();
    const dpop = client.dpop!;
    for (const [params, par] of [
      [{}, { dpop }],
      [{ dpop_jkt: dpop.thumbprint }, {}],
      [{ dpop_jkt: dpop.thumbprint }, { dpop }],
    ] as const) {
      expect((await redeem(client, await authorize(params, { par }))).status).toBe(200);
    }
  });

  test('ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt, -with-mismatched-dpop-jkt', async () => {
    const { client, authorize } = plan();
    const dpop = await craftedKey();
    for (const [params, par] of [
      [{}, { dpop }],
      [{ dpop_jkt: dpop.thumbprint }, {}],
    ] as const) {
      expectError(await redeem(client, await authorize(params, { par })), 400, REFUSED);
    }
  });

  test('ensure-dpopproof-with-iat-10seconds-before-succeeds, -after-succeeds, check-dpop-proof-nbf-exp: at PAR, token and resource', async () => {
    const { client, authorize } = plan();
    const { token_endpoint, pushed_authorization_request_endpoint, userinfo_endpoint } = client.server;
    const base = client.dpop as CraftedKey;
    for (const claims of [
      () => ({ iat: now() - 10 }),
      () => ({ iat: now() + 8 }),
      () => ({ nbf: now() - 10, exp: now() + 60 }),
    ]) {
      const key: CraftedKey = { ...base, proof: (about) => base.proof(about, claims()) };
      const proofAt = (method: string, url = '', accessToken?: string) =>
        key.proof({ method, url, ...(accessToken ? { accessToken } : {}) });
      const headers = { dpop: await proofAt('POST', pushed_authorization_request_endpoint) };
      const flow = await authorize({}, { par: { headers } });
      const told = await client.exchange(flow.answer.code!, flow.started, {
        dpop: false,
        headers: { dpop: await proofAt('POST', token_endpoint) },
      });
      expect(told.status, told.text).toBe(200);
      const { access_token } = told.json<{ access_token: string }>();
      const got = await send(userinfo_endpoint!, {
        headers: { authorization: `DPoP ${access_token}`, dpop: await proofAt('GET', userinfo_endpoint, access_token) },
      });
      expect(got.status, got.text).toBe(200);
    }
  });

  test('access-token-type-header-case-sensitivity: dPOP is DPoP', async () => {
    const { client, tokens } = plan();
    const { access_token } = (await tokens()).tokens;
    for (const scheme of ['dPOP', 'dpop', 'DPOP']) {
      const headers = { authorization: `${scheme} ${access_token}` };
      expect((await resource(client, access_token, { headers })).status, scheme).toBe(200);
    }
  });

  test('dpop-negative-tests: each wrong proof at the resource gets 400 or 401', async () => {
    const { client, tokens } = plan();
    const { access_token: accessToken } = (await tokens()).tokens;
    const url = client.server.userinfo_endpoint!;
    const key = client.dpop as CraftedKey;
    const other = await craftedKey();
    const rsa = rsaKey('rsa');
    const { kty, n, e } = rsa;
    const authorization = `DPoP ${accessToken}`;
    const ask = (headers: Record<string, string>): Promise<Reply> =>
      send(url, { headers: { authorization, ...headers } });
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    // The usual members, with those of the case in their place; `undefined` leaves one out.
    const usual = () => {
      const { header, payload } = key.usual({ method: 'GET', url, accessToken });
      const { nonce: _, ...rest } = payload;
      return { header, payload: rest };
    };
    const withClaims = (claims: Record<string, unknown>) => {
      const { header, payload } = usual();
      return key.craft(header, { ...payload, ...claims });
    };
    const withHeader = (changes: Record<string, unknown>) => {
      const { header, payload } = usual();
      return key.craft({ ...header, ...changes }, payload);
    };
    const byHand = (changes: Record<string, unknown>, signature: string) => {
      const { header, payload } = usual();
      return `${part({ ...header, ...changes })}.${part(payload)}.${signature}`;
    };
    const good = await withClaims({});
    expect((await ask({ dpop: good })).status, 'the usual proof').toBe(200);

    const rs256 = new SignJWT(usual().payload)
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'RS256', jwk: { kty, n, e } as never })
      .sign(await importJWK({ ...rsa, alg: 'RS256' }, 'RS256'));
    const wrong: Record<string, string | Promise<string>> = {
      'the same jti twice': good,
      'typ missing': withHeader({ typ: undefined }),
      'typ wrong': withHeader({ typ: 'JWT' }),
      'typ wrong, at+jwt': withHeader({ typ: 'at+jwt' }),
      'alg none, without signature': byHand({ alg: 'none' }, ''),
      'alg missing': byHand({ alg: undefined }, good.split('.')[2]!),
      'alg not of the key': byHand({ alg: 'PS256' }, good.split('.')[2]!),
      'alg HS256': byHand({ alg: 'HS256' }, 'AAAA'),
      'alg RS256': rs256,
      'signature broken': `${(await withClaims({})).slice(0, -6)}AAAAAA`,
      'signature empty': byHand({}, ''),
      'signature of another proof': byHand({}, good.split('.')[2]!),
      'jwk missing': withHeader({ jwk: undefined }),
      'jwk not a key': withHeader({ jwk: { kty: 'EC' } }),
      'jwk with its private half': withHeader({ jwk: key.privateJwk }),
      'jwk of another key': withHeader({ jwk: other.jwk }),
      'a proof by another key': other.craft({ typ: 'dpop+jwt', alg: 'ES256', jwk: other.jwk }, usual().payload),
      'jti missing': withClaims({ jti: undefined }),
      'jti empty': withClaims({ jti: '' }),
      'jti a number': withClaims({ jti: 7 }),
      'htm missing': withClaims({ htm: undefined }),
      'htm wrong': withClaims({ htm: 'POST' }),
      'htm in small letters': withClaims({ htm: 'get' }),
      'htu missing': withClaims({ htu: undefined }),
      'htu wrong path': withClaims({ htu: `${url}/other` }),
      'htu wrong host': withClaims({ htu: url.replace('localhost', 'evil.example') }),
      'htu wrong scheme': withClaims({ htu: url.replace('http:', 'https:') }),
      'htu no address': withClaims({ htu: 'userinfo' }),
      'iat missing': withClaims({ iat: undefined }),
      'iat a text': withClaims({ iat: String(now()) }),
      'iat an hour ago': withClaims({ iat: now() - 3_600 }),
      'iat an hour ahead': withClaims({ iat: now() + 3_600 }),
      'exp past': withClaims({ exp: now() - 60 }),
      'nbf an hour ahead': withClaims({ nbf: now() + 3_600 }),
      'ath missing': withClaims({ ath: undefined }),
      'ath of another token': withClaims({ ath: createHash('sha256').update('other').digest('base64url') }),
      'ath in hexadecimal': withClaims({ ath: createHash('sha256').update(accessToken).digest('hex') }),
      'a nonce of its own making': withClaims({ nonce: randomUUID() }),
      'no JWT': 'nonsense',
      empty: '',
    };
    for (const [what, proof] of Object.entries(wrong)) {
      const { status, text } = await ask({ dpop: await proof });
      expect([400, 401], `${what}: ${text}`).toContain(status);
    }
    expect([400, 401], 'no proof').toContain((await ask({})).status);
    const bearer = { authorization: `Bearer ${accessToken}` };
    expect([400, 401], 'as Bearer').toContain((await ask({ ...bearer })).status);
    expect([400, 401], 'as Bearer, with a proof').toContain(
      (await ask({ ...bearer, dpop: await withClaims({}) })).status,
    );
    const two = await request(url, { headers: { authorization, dpop: [await withClaims({}), await withClaims({})] } });
    await two.body.dump();
    expect([400, 401], 'two proofs').toContain(two.statusCode);

    // RFC 9449 §4.2, §4.3: more claims, and a query and fragment in htu, are no fault.
    for (const claims of [{ extra: 'claim', sub: 'x' }, { htu: `${url}?a=b#c` }]) {
      expect((await ask({ dpop: await withClaims(claims) })).status, JSON.stringify(claims)).toBe(200);
    }
  });
}
