import { createHash, generateKeyPair, type JsonWebKey } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * What we sign with (RFC 7518 §3.1, RFC 8037). FAPI 2.0 Security Profile §5.4 allows ES256, PS256 and EdDSA; RS256 is what
 * OpenID Connect Core §15.1 makes every provider offer. ES256 comes first: it is the default and the cheapest to sign.
 */
export const ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;

/** One of `ALGORITHMS`. */
export type Algorithm = (typeof ALGORITHMS)[number];

/** `next` is published and signs nothing yet; `current` signs; `retired` is published until what it signed has expired. */
export type KeyState = 'next' | 'current' | 'retired';

/** A key with its private half. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly state: KeyState;
  readonly privateJwk: JsonWebKey;
  readonly createdAt: Date;
  readonly activatedAt?: Date;
  readonly retiredAt?: Date;
}

/** A key as it is handed out: named, with its one algorithm and its one use. */
export type NamedJwk = JsonWebKey & { readonly kid: string; readonly alg: Algorithm; readonly use: 'sig' };

const generate = promisify(generateKeyPair);

// RFC 7518 §3.3: RSA keys of at least 2048 bits. RS256 and PS256 get a key each: one key is never used with two algorithms.
const generators = {
  ES256: () => generate('ec', { namedCurve: 'P-256' }),
  RS256: () => generate('rsa', { modulusLength: 2048 }),
  PS256: () => generate('rsa', { modulusLength: 2048 }),
  EdDSA: () => generate('ed25519'),
} satisfies Record<Algorithm, () => Promise<unknown>>;

/** Makes a key that is published from now on and signs later. */
export async function generateSigningKey(algorithm: Algorithm, now: Date): Promise<SigningKey> {
  const { privateKey } = await generators[algorithm]();
  const privateJwk = privateKey.export({ format: 'jwk' });
  return { kid: thumbprint(privateJwk), algorithm, state: 'next', privateJwk, createdAt: now };
}

/** The name of a key is its own hash (RFC 7638 §3: required members only, in lexicographic order). */
export function thumbprint({ kty, crv, x, y, e, n }: JsonWebKey): string {
  const required = kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x };
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
}

/** The key with its private half, as oidc-provider takes it. */
export const privateJwkOf = ({ kid, algorithm, privateJwk }: SigningKey): NamedJwk => ({
  ...privateJwk,
  kid,
  alg: algorithm,
  use: 'sig',
});

/** What may be published: named members only, so that no private one can slip through. */
export function publicJwkOf({ kid, algorithm, privateJwk }: SigningKey): NamedJwk {
  const { kty, crv, x, y, e, n } = privateJwk;
  const members = { kty, crv, x, y, e, n, kid, alg: algorithm, use: 'sig' };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as NamedJwk;
}
