import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';
import { describe, expect, test } from 'vitest';
import { signingKeysOf } from '../../../src/oidc/signing.ts';

const jwkOf = (pair: ReturnType<typeof generateKeyPairSync>, alg: string) =>
  ({ ...(pair as { privateKey: CryptoKeyLike }).privateKey.export({ format: 'jwk' }), kid: 'one', alg }) as never;
interface CryptoKeyLike {
  export(options: { format: 'jwk' }): object;
}

describe('a signing key', () => {
  test('of P-256 signs as a JWS holds it, R and S at their full length (RFC 7518 §3.4)', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [key] = signingKeysOf({ keys: [jwkOf(pair as never, 'ES256')] }).keys as [ExternalSigningKey];
    const publicKey = createPublicKey(pair.privateKey);
    // One signature in 128 has a half that begins with a zero byte.
    for (let times = 0; times < 600; times += 1) {
      const data = Buffer.from(`signed ${times}`);
      const signature = key.sign(data) as Uint8Array;
      expect(signature).toHaveLength(64);
      expect(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    }
  });

  test('of Ed25519 signs without a digest of its own (RFC 8037 §3.1)', () => {
    const pair = generateKeyPairSync('ed25519');
    const [key] = signingKeysOf({ keys: [jwkOf(pair as never, 'EdDSA')] }).keys as [ExternalSigningKey];
    const data = Buffer.from('signed');
    expect(verify(null, data, createPublicKey(pair.privateKey), key.sign(data) as Uint8Array)).toBe(true);
  });

  test('says its name and its public half, and shows nothing of the private one', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [key] = signingKeysOf({ keys: [jwkOf(pair as never, 'ES256')] }).keys as [ExternalSigningKey];
    expect(key).toMatchObject({ kid: 'one', alg: 'ES256', kty: 'EC', crv: 'P-256', use: 'sig' });
    const { d } = pair.privateKey.export({ format: 'jwk' });
    expect(
      JSON.stringify({
        ...key,
        public: (key.keyObject() as ReturnType<typeof createPublicKey>).export({ format: 'jwk' }),
      }),
    ).not.toContain(d);
  });

  test('of RSA stays with the library', () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const [key] = signingKeysOf({ keys: [jwkOf(pair as never, 'RS256')] }).keys;
    expect(key).not.toBeInstanceOf(ExternalSigningKey);
    expect(key).toMatchObject({ kty: 'RSA', kid: 'one', alg: 'RS256' });
  });
});
