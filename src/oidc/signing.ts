import { createPublicKey, type KeyObject } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';
import type { SigningKey } from '../domain/signing-keys/index.ts';

/** What the library's types leave out: both names can be given. */
type Named = { kid: string; alg: string };

/** The keys as the library signs with them: it is told their public halves, and asks for each signature. */
export const signingKeysOf = (keys: readonly SigningKey[]): { keys: object[] } => ({
  keys: keys.map((key) => new AskedForSignatures(key)),
});

class AskedForSignatures extends ExternalSigningKey {
  readonly #key: SigningKey;
  readonly #public: KeyObject;

  constructor(key: SigningKey) {
    super();
    this.#key = key;
    this.#public = createPublicKey({ key: key.publicJwk, format: 'jwk' });
    const named: Named = this as unknown as Named;
    named.kid = key.kid;
    named.alg = key.algorithm;
  }

  override keyObject(): KeyObject {
    return this.#public;
  }

  override sign(data: Uint8Array): Buffer | Promise<Buffer> {
    return this.#key.sign(data);
  }
}
