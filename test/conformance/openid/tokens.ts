import { createHash } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { expect } from 'vitest';
import type { Reply } from '../../support/http-client.ts';
import type { RelyingParty, Tokens } from '../../support/relying-party.ts';
import { type Flow, send } from './suite.ts';

/** The published keys, fetched each time as the suite does. */
export async function publishedKeys(party: Pick<RelyingParty, 'server'>): Promise<JSONWebKeySet> {
  return (await send(party.server.jwks_uri!)).json<JSONWebKeySet>();
}

/** Bits of a value as the suite measures them: Shannon's entropy of its characters. */
function measuredBits(value: string): number {
  const counts = Map.groupBy(value, (character) => character);
  let perCharacter = 0;
  for (const { length } of counts.values()) perCharacter -= (length / value.length) * Math.log2(length / value.length);
  return perCharacter * value.length;
}

/** At least 16 characters and 96 measured bits (RFC 6749 §10.10). */
export function expectEntropy(value: string): void {
  expect(value.length).toBeGreaterThanOrEqual(16);
  expect(measuredBits(value)).toBeGreaterThanOrEqual(96);
}

export interface ExpectedTokens {
  readonly nonce?: string | undefined;
  readonly alg?: string;
  readonly tokenType?: 'Bearer' | 'DPoP';
  /** Claims in the ID token beyond those of the protocol. */
  readonly more?: readonly string[];
}

/** Redeems the code of a flow, without PKCE where none was sent. */
export function redeem(party: RelyingParty, flow: Pick<Flow, 'answer' | 'started'>, pkce = true): Promise<Reply> {
  return party.token({
    grant_type: 'authorization_code',
    code: flow.answer.code,
    redirect_uri: flow.started.redirectUri,
    ...(pkce ? { code_verifier: flow.started.verifier } : {}),
  });
}

/** A token response and its ID token, held against Core §3.1.3.3 and §3.1.3.7. */
export async function expectTokens(
  party: RelyingParty,
  reply: Reply,
  expected: ExpectedTokens = {},
): Promise<{ tokens: Tokens; claims: JWTPayload & Record<string, unknown> }> {
  expect(reply.status, reply.text).toBe(200);
  expect(reply.headers['content-type']).toMatch(/^application\/json/);
  expect(reply.headers['cache-control']).toContain('no-store');
  const tokens = reply.json<Tokens>();
  expect(tokens.token_type).toBe(expected.tokenType ?? 'Bearer');
  expect(Number.isInteger(tokens.expires_in) && tokens.expires_in > 0 && tokens.expires_in < 366 * 86_400).toBe(true);
  expectEntropy(tokens.access_token);
  if (tokens.refresh_token) {
    expectEntropy(tokens.refresh_token);
    expect(tokens.refresh_token).toMatch(/^[\x20-\x7e]+$/);
  }
  const claims = await expectIdToken(party, tokens, expected);
  return { tokens, claims };
}

const PROTOCOL = 'iss sub aud exp iat auth_time nonce acr amr azp at_hash c_hash s_hash nbf jti sid txn'.split(' ');
const YEAR = 365 * 86_400;

async function expectIdToken(
  party: RelyingParty,
  { id_token = '', access_token }: Tokens,
  { nonce, alg = 'ES256', more = [] }: ExpectedTokens,
): Promise<JWTPayload & Record<string, unknown>> {
  const jwks = await publishedKeys(party);
  const header = decodeProtectedHeader(id_token);
  expect(header.alg).toBe(alg);
  expect(header.kid).toBeTruthy();
  const kty = alg.startsWith('ES') ? 'EC' : alg.startsWith('Ed') ? 'OKP' : 'RSA';
  const matching = jwks.keys.filter(
    (key) => key.kid === header.kid && key.kty === kty && (key.alg ?? alg) === alg && (key.use ?? 'sig') === 'sig',
  );
  expect(matching).toHaveLength(1);
  const { payload } = await jwtVerify<Record<string, unknown>>(id_token, createLocalJWKSet(jwks), {
    issuer: party.issuer,
    audience: party.config.client_id,
    algorithms: [alg],
    requiredClaims: ['sub', 'exp', 'iat', 'acr'],
  });
  const now = Math.floor(Date.now() / 1000);
  expect(payload.exp).toBeLessThan(now + 50 * YEAR);
  expect(Math.abs(now - payload.iat!)).toBeLessThan(300);
  if ('auth_time' in payload) {
    expect(payload.auth_time).toBeLessThanOrEqual(now);
    expect(payload.auth_time).toBeGreaterThan(now - YEAR);
  }
  expect(typeof payload.acr === 'string' && payload.acr.length > 0).toBe(true);
  expect(payload.sub?.length).toBeLessThanOrEqual(255);
  // Core §2: echoed exactly, and absent when none was sent.
  expect(payload.nonce).toBe(nonce);
  expect('nonce' in payload).toBe(nonce !== undefined);
  if ('at_hash' in payload) {
    const digest = createHash(alg.startsWith('Ed') ? 'sha512' : 'sha256')
      .update(access_token)
      .digest();
    expect(payload.at_hash).toBe(digest.subarray(0, digest.length / 2).toString('base64url'));
  }
  expect(Object.keys(payload).filter((name) => !PROTOCOL.includes(name) && !more.includes(name))).toEqual([]);
  return payload;
}

/** A userinfo answer held against Core §5.1, §5.3.2: nothing empty, each claim in its form. */
export function expectUserinfo(reply: Reply, sub: string | undefined): Record<string, unknown> {
  expect(reply.status, reply.text).toBe(200);
  expect(reply.headers['content-type']).toMatch(/^application\/json/);
  const claims = reply.json();
  expect(claims.sub).toBe(sub);
  for (const [name, value] of Object.entries(claims)) {
    expect(value, name).not.toBeNull();
    if (typeof value === 'string') expect(value.trim(), name).not.toMatch(/^(null)?$/i);
    if (name.endsWith('_verified')) expect(value, name).toBeTypeOf('boolean');
    if (name === 'updated_at') expect(value).toBeTypeOf('number');
  }
  if (claims.birthdate !== undefined) expect(claims.birthdate).toMatch(/^(\d{4}-\d\d-\d\d|\d{4})$/);
  if (claims.address !== undefined) {
    for (const value of Object.values(claims.address as object)) expect(value).toBeTypeOf('string');
  }
  return claims;
}
