import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/** What the cookie library asks of its keys: the first signs, any of them verifies. */
export interface CookieSigner {
  sign(data: string): string;
  verify(data: string, signature: string): boolean;
  /** Which key has signed; -1 for none. Behind the first, the cookie is signed anew. */
  index(data: string, signature: string): number;
}

/** Signs cookies by HMAC-SHA-256. The library's own signer uses SHA-1 and hashes three times to compare once. */
export function createCookieSigner(secrets: readonly string[]): CookieSigner {
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret)));
  const mac = (data: string, key: (typeof keys)[number]): string =>
    createHmac('sha256', key).update(data).digest('base64url');
  const index = (data: string, signature: string): number => {
    const given = Buffer.from(signature);
    return keys.findIndex((key) => {
      const own = Buffer.from(mac(data, key));
      return given.length === own.length && timingSafeEqual(given, own);
    });
  };
  return {
    sign: (data) => mac(data, keys[0]!),
    verify: (data, signature) => index(data, signature) >= 0,
    index,
  };
}
