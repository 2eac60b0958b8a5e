import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** A key that tokens are bound to (RFC 9449). */
export interface DpopKey {
  readonly jwk: JWK;
  /** What a token bound to this key names in `cnf.jkt`. */
  readonly thumbprint: string;
  /** The last nonce the server gave; goes into each proof. */
  nonce: string | undefined;
  /** One proof; claims and header given replace the usual ones. */
  proof(
    about: { method: string; url: string; accessToken?: string },
    claims?: Record<string, unknown>,
    header?: Record<string, unknown>,
  ): Promise<string>;
}

/** A fresh ES256 (or other) key. */
export async function createDpopKey(alg = 'ES256'): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const jwk = await exportJWK(publicKey);
  const key: DpopKey = {
    jwk,
    thumbprint: await calculateJwkThumbprint(jwk),
    nonce: undefined,
    proof({ method, url, accessToken }, claims = {}, header = {}) {
      const target = new URL(url);
      const payload = {
        jti: randomUUID(),
        htm: method,
        htu: target.origin + target.pathname,
        iat: Math.floor(Date.now() / 1000),
        ...(key.nonce ? { nonce: key.nonce } : {}),
        ...(accessToken ? { ath: createHash('sha256').update(accessToken).digest('base64url') } : {}),
        ...claims,
      };
      return new SignJWT(payload).setProtectedHeader({ typ: 'dpop+jwt', alg, jwk, ...header }).sign(privateKey);
    },
  };
  return key;
}
