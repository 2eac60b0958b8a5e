import { constants, createHash, type KeyObject, publicEncrypt } from 'node:crypto';
import { same } from '../access/ciphers.ts';
import { demand, refuse } from '../refusal.ts';

/** Partial recovery, no more padding than the border (ISO/IEC 9796-2 §8.1.2, scheme 1). */
const HEADER = 0x6a;
/** The trailer of one octet says SHA-1, that of two names its hash (ISO/IEC 10118-3) before CC. */
const ONE_OCTET = 0xbc;
const TWO_OCTETS = 0xcc;

const HASHES = {
  51: { name: 'sha1', length: 20 },
  52: { name: 'sha256', length: 32 },
  53: { name: 'sha512', length: 64 },
  54: { name: 'sha384', length: 48 },
  56: { name: 'sha224', length: 28 },
} as const;
export type RecoveryHash = (typeof HASHES)[keyof typeof HASHES]['name'];

/**
 * Opens a signature of ISO/IEC 9796-2 scheme 1: raises it to the public exponent. All octets of the modulus are kept, zeros
 * in front included. Refuses `aa.format`: of another length than the modulus, or not below it.
 */
export function openSignature(key: KeyObject, modulusOctets: number, signature: Buffer): Buffer {
  demand(signature.length === modulusOctets, 'aa.format', 'length of the RSA signature');
  try {
    return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  } catch {
    // The key is whole and the length fits: what OpenSSL can still complain of is a number above the modulus.
    return refuse('aa.format', 'RSA signature above its modulus');
  }
}

/**
 * Checks a message representative F = 6A ‖ M1 ‖ H(M1 ‖ challenge) ‖ trailer (9303-11 §6.1.2.2). Returns its hash. Refuses
 * `aa.format`, `aa.hash` for SHA-1 where it is not allowed, and `aa.signature` for the digest of something else.
 */
export function checkRepresentative(
  representative: Buffer,
  challenge: Buffer,
  { allowSha1 = false }: { readonly allowSha1?: boolean } = {},
): RecoveryHash {
  const trailer = representative.at(-1) === ONE_OCTET ? 1 : representative.at(-1) === TWO_OCTETS ? 2 : 0;
  demand(representative[0] === HEADER && trailer > 0, 'aa.format', 'header or trailer');
  const number = trailer === 1 ? 0x33 : representative.at(-2);
  const hash = HASHES[number as keyof typeof HASHES] ?? refuse('aa.format', 'hash of the trailer');
  const at = representative.length - trailer - hash.length;
  demand(at >= 1, 'aa.format', 'no room for a digest');
  // Forgeries of this scheme are within reach with 160 bits (Coron, Naccache, Tibouchi, Weinmann: CRYPTO 2009).
  demand(hash.name !== 'sha1' || allowSha1, 'aa.hash', 'SHA-1');
  const digest = createHash(hash.name).update(representative.subarray(1, at)).update(challenge).digest();
  demand(same(digest, representative.subarray(at, at + hash.length)), 'aa.signature');
  return hash.name;
}
