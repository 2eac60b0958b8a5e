import { createHash, type JsonWebKey } from 'node:crypto';

/**
 * What we sign with (RFC 7518 §3.1, RFC 8037). FAPI 2.0 Security Profile §5.4 allows ES256, PS256 and EdDSA; RS256 is what
 * OpenID Connect Core §15.1 makes every provider offer. ES256 comes first: it is the default and the cheapest to sign.
 */
export const ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'] as const;

/** One of `ALGORITHMS`. */
export type Algorithm = (typeof ALGORITHMS)[number];

/** `next` is published and signs nothing yet; `current` signs; `retired` is published until what it signed has expired. */
export type KeyState = 'next' | 'current' | 'retired';

/** Where private halves rest: sealed in the database or in a file and opened in this process, or in a module that keeps them. */
export const CUSTODIES = ['database', 'file', 'pkcs11'] as const;

/** One of `CUSTODIES`. */
export type Custody = (typeof CUSTODIES)[number];

/** A key that signs. Where its private half is, only its keystore knows. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly state: KeyState;
  readonly custody: Custody;
  readonly publicJwk: JsonWebKey;
  readonly createdAt: Date;
  readonly activatedAt?: Date;
  readonly retiredAt?: Date;
  /** The signature of a JWS over `data` (RFC 7518 §3.1), at once where that is quicker than to ask another thread for it. */
  sign(data: Uint8Array): Buffer | Promise<Buffer>;
}

/** A key as it is handed out: named, with its one algorithm and its one use. */
export type NamedJwk = JsonWebKey & { readonly kid: string; readonly alg: Algorithm; readonly use: 'sig' };

/** The name of a key is its own hash (RFC 7638 §3: required members only, in lexicographic order). */
export function thumbprint({ kty, crv, x, y, e, n }: JsonWebKey): string {
  const required = kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x };
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
}

/** The members of a public key, named one by one, so that no private one can slip through. */
export function publicHalf({ kty, crv, x, y, e, n }: JsonWebKey): JsonWebKey {
  const members = { kty, crv, x, y, e, n };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** What is published. */
export const publicJwkOf = ({ kid, algorithm, publicJwk }: Pick<SigningKey, 'kid' | 'algorithm' | 'publicJwk'>) =>
  ({ ...publicHalf(publicJwk), kid, alg: algorithm, use: 'sig' }) as NamedJwk;
