import { createPublicKey, verify } from 'node:crypto';
import { exportPKCS8, jwtVerify } from 'jose';
import Provider, { type ExternalSigningKey } from 'oidc-provider';
import { describe, expect, test } from 'vitest';
import { ALGORITHMS, signJwt } from '../../../src/domain/signing-keys/index.ts';
import { generateSoftwareKey, privateJwkOf } from '../../../src/domain/signing-keys/software-key.ts';
import { signingKeysOf } from '../../../src/oidc/signing.ts';

const aKey = (algorithm: (typeof ALGORITHMS)[number]) => generateSoftwareKey(algorithm, 'database', new Date(0));

describe('a signing key', () => {
  test('of P-256 signs as a JWS holds it, R and S at their full length (RFC 7518 §3.4)', async () => {
    const own = await aKey('ES256');
    const [key] = signingKeysOf([own]).keys as [ExternalSigningKey];
    const publicKey = createPublicKey(own.privateKey);
    // One signature in 128 has a half that begins with a zero byte.
    for (let times = 0; times < 600; times += 1) {
      const data = Buffer.from(`signed ${times}`);
      const signature = key.sign(data) as Uint8Array;
      expect(signature).toHaveLength(64);
      expect(verify('sha256', data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
    }
  });

  test('of Ed25519 signs without a digest of its own (RFC 8037 §3.1)', async () => {
    const own = await aKey('EdDSA');
    const [key] = signingKeysOf([own]).keys as [ExternalSigningKey];
    const data = Buffer.from('signed');
    expect(verify(null, data, createPublicKey(own.privateKey), key.sign(data) as Uint8Array)).toBe(true);
  });

  test('of RSA signs in another thread, PS256 with a salt as long as the hash (RFC 7518 §3.5)', async () => {
    for (const algorithm of ['RS256', 'PS256'] as const) {
      const own = await aKey(algorithm);
      const signature = own.sign(Buffer.from('signed'));
      expect(signature).toBeInstanceOf(Promise);
      const token = await signJwt(own, { typ: 'JWT', claims: { sub: 'one' } });
      const { protectedHeader, payload } = await jwtVerify(token, createPublicKey(own.privateKey), {
        algorithms: [algorithm],
      });
      expect(protectedHeader).toEqual({ alg: algorithm, kid: own.kid, typ: 'JWT' });
      expect(payload).toEqual({ sub: 'one' });
    }
  });

  test.each(ALGORITHMS)(
    'of %s says its name and its public half, and the library is never told the private one',
    async (algorithm) => {
      const own = await aKey(algorithm);
      const [key] = signingKeysOf([own]).keys as [ExternalSigningKey];
      expect(key).toMatchObject({ kid: own.kid, alg: algorithm, kty: own.publicJwk.kty, use: 'sig' });
      expect((key.keyObject() as { type: string }).type).toBe('public');
      const { d } = privateJwkOf(own);
      expect(d).toMatch(/^[\w-]{40,}$/);
      expect(await exportPKCS8(own.privateKey)).toContain('PRIVATE KEY');
      expect(JSON.stringify([key, own])).not.toContain(d);
      const provider = new Provider('https://id.example', {
        jwks: signingKeysOf([own]) as never,
        features: { externalSigningSupport: { enabled: true, ack: 'experimental-01' } },
      });
      expect(provider.issuer).toBe('https://id.example');
    },
  );
});
