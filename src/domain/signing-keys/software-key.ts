import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
  type SignKeyObjectInput,
  sign,
} from 'node:crypto';
import { promisify } from 'node:util';
import { type Algorithm, type Custody, publicHalf, type SigningKey, thumbprint } from './key.ts';

/** A key whose private half is in this process. The object that holds it shows nothing of it when it is printed. */
export interface SoftwareKey extends SigningKey {
  readonly privateKey: KeyObject;
}

const generate = promisify(generateKeyPair);
const inAnotherThread = promisify(
  (data: Uint8Array, key: KeyObject | SignKeyObjectInput, done: (error: Error | null, signature: Buffer) => void) =>
    sign('sha256', data, key, done),
);

// RFC 7518 §3.3: RSA keys of at least 2048 bits. RS256 and PS256 get a key each: one key is never used with two algorithms.
const generators = {
  ES256: () => generate('ec', { namedCurve: 'P-256' }),
  RS256: () => generate('rsa', { modulusLength: 2048 }),
  PS256: () => generate('rsa', { modulusLength: 2048 }),
  EdDSA: () => generate('ed25519'),
} satisfies Record<Algorithm, () => Promise<unknown>>;

/**
 * An elliptic signature takes 0.03 ms: to hand it to another thread costs more than the signature itself. RSA takes ten times
 * as long and goes there. Ed25519 hashes by itself (RFC 8032 §5.1); ES256 is ECDSA over SHA-256 (RFC 7518 §3.4).
 */
const signers = {
  ES256: (key) => (data) => joined(sign('sha256', data, key)),
  EdDSA: (key) => (data) => sign(null, data, key),
  RS256: (key) => (data) => inAnotherThread(data, key),
  PS256: (key) => {
    // RFC 7518 §3.5: MGF1 with the same hash, a salt as long as the hash.
    const padded = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    return (data) => inAnotherThread(data, padded);
  },
} satisfies Record<Algorithm, (key: KeyObject) => SigningKey['sign']>;

/** Makes a key that is published from now on and signs later. */
export async function generateSoftwareKey(algorithm: Algorithm, custody: Custody, now: Date): Promise<SoftwareKey> {
  const { privateKey } = await generators[algorithm]();
  const kid = thumbprint(createPublicKey(privateKey).export({ format: 'jwk' }));
  return softwareKey({ kid, algorithm, state: 'next', custody, createdAt: now }, privateKey);
}

/** A key out of what was kept of it. */
export function softwareKey(
  kept: Omit<SigningKey, 'publicJwk' | 'sign'>,
  privateHalf: KeyObject | JsonWebKey,
): SoftwareKey {
  const privateKey =
    'export' in privateHalf
      ? (privateHalf as KeyObject)
      : createPrivateKey({ key: privateHalf as JsonWebKey, format: 'jwk' });
  return {
    ...kept,
    publicJwk: publicHalf(createPublicKey(privateKey).export({ format: 'jwk' })),
    privateKey,
    sign: signers[kept.algorithm](privateKey),
  };
}

/** The private half of a key that this process made or opened, to be sealed and kept. */
export function privateJwkOf(key: SigningKey): JsonWebKey {
  if (!('privateKey' in key)) throw new Error(`the private half of ${key.kid} is not in this process`);
  return (key as SoftwareKey).privateKey.export({ format: 'jwk' });
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
