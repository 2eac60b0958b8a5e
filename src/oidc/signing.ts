import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';

/** A private key with its name and its one algorithm. */
type NamedJwk = JsonWebKey & { readonly kid: string; readonly alg: string };

/** What the library's types leave out: both names can be given. */
type Named = { kid: string; alg: string };

/**
 * The keys as the library signs with them. An elliptic signature takes 0.03 ms; the library would hand each to another thread
 * (WebCrypto), which costs more than the signature itself. RSA takes ten times as long and stays there.
 */
export const signingKeysOf = ({ keys }: { keys: readonly NamedJwk[] }): { keys: object[] } => ({
  keys: keys.map((jwk) => (jwk.kty === 'RSA' ? jwk : new InThisThread(jwk))),
});

class InThisThread extends ExternalSigningKey {
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  readonly #digest: string | null;

  constructor(jwk: NamedJwk) {
    super();
    this.#private = createPrivateKey({ key: jwk, format: 'jwk' });
    this.#public = createPublicKey(this.#private);
    // Ed25519 hashes by itself (RFC 8032 §5.1); ES256 is ECDSA over SHA-256 (RFC 7518 §3.4).
    this.#digest = jwk.kty === 'OKP' ? null : 'sha256';
    const named: Named = this as unknown as Named;
    named.kid = jwk.kid;
    named.alg = jwk.alg;
  }

  override keyObject(): KeyObject {
    return this.#public;
  }

  override sign(data: Uint8Array): Uint8Array {
    const signature = sign(this.#digest, data, this.#private);
    return this.#digest === null ? signature : joined(signature);
  }
}

/** Each half of an ECDSA signature over P-256, in bytes. */
const HALF = 32;

/**
 * R and S side by side, as a JWS holds them (RFC 7518 §3.4), out of the DER that comes by default. Node would do it too, by an
 * option that makes signing take twice as long.
 */
function joined(der: Buffer): Buffer {
  const signature = Buffer.alloc(2 * HALF);
  // SEQUENCE, length, then twice INTEGER, length, value; a value has no leading zeros but the one that keeps it positive.
  let at = 2;
  for (const end of [HALF, 2 * HALF]) {
    const [from, to] = [at + 2, at + 2 + der[at + 1]!];
    const value = der.subarray(Math.max(from, to - HALF), to);
    value.copy(signature, end - value.length);
    at = to;
  }
  return signature;
}
