import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Node, read } from '../../asn1/read.ts';
import { bits, integer, oid, partsOf, unsignedOctets } from '../../asn1/values.ts';
import * as write from '../../asn1/write.ts';
import { demand, refuse } from '../../refusal.ts';
import { CURVES, type CurveName } from './curve-parameters.ts';
import { curveOf } from './curves.ts';

const RSA = '1.2.840.113549.1.1.1';
const RSA_PSS = '1.2.840.113549.1.1.10';
const EC = '1.2.840.10045.2.1';
/** AlgorithmIdentifier of each curve by its name. */
const IDENTIFIERS = new Map(
  Object.entries(CURVES).map(([name, curve]) => [name, write.sequence(write.oid(EC), write.oid(curve.oid))]),
);
const MAX_MODULUS_BITS = 8192;

/**
 * A public key for signatures. `spki` is written anew by us (named curve, minimal integers), so that what the bytes of a
 * file say in a strange way never reaches another decoder; it is also what two certificates of one key have in common.
 */
export interface PublicKey {
  readonly kind: 'RSA' | 'EC';
  /** Of the modulus, or of the field of the curve. */
  readonly bits: number;
  readonly curve?: CurveName;
  /** RSA keys that may be used for PSS only (RFC 4055 §1.2). */
  readonly pssOnly: boolean;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  /** The key for `node:crypto`; made once, when first needed (0.1 ms). Refuses a point that is not on the curve. */
  object(): KeyObject;
}

/** Reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7); refuses with `algorithm.curve`, `algorithm.unknown` or `asn1.*`. */
export function publicKeyFrom(spki: Node | undefined): PublicKey {
  const [algorithm, key, ...rest] = partsOf(spki);
  demand(rest.length === 0, 'asn1.unexpected', 'public key');
  const [type, parameters] = partsOf(algorithm);
  const name = oid(type);
  if (name === EC) return ecKey(curveOf(parameters), bits(key));
  if (name === RSA || name === RSA_PSS) return rsaKey(bits(key), name === RSA_PSS);
  return refuse('algorithm.unknown', `key ${name}`);
}

/** The same of bytes that stand alone. */
export const parsePublicKey = (spki: Buffer): PublicKey =>
  publicKeyFrom(read(spki, { encoding: 'ber', maxNodes: 100 }));

function ecKey(curve: CurveName, point: Buffer): PublicKey {
  const { bits: size } = CURVES[curve];
  const width = Math.ceil(size / 8);
  const uncompressed = point[0] === 4 && point.length === 1 + 2 * width;
  const compressed = (point[0] === 2 || point[0] === 3) && point.length === 1 + width;
  demand(uncompressed || compressed, 'algorithm.curve', `point of ${curve}`);
  const spki = write.sequence(IDENTIFIERS.get(curve)!, write.bitString(point));
  return { kind: 'EC', bits: size, curve, pssOnly: false, spki, object: decodedOnce(spki) };
}

/** Sizes too small are refused where a signature is checked; here only what would be no key, or hours of work. */
function rsaKey(der: Buffer, pssOnly: boolean): PublicKey {
  const [n, e, ...rest] = partsOf(read(der, { encoding: 'ber', maxNodes: 10 }));
  const modulus = unsignedOctets(n);
  const exponent = integer(e);
  const size = modulus.length * 8 - Math.clz32(modulus[0]!) + 24;
  const usable = (modulus.at(-1)! & 1) === 1 && exponent >= 3n && (exponent & 1n) === 1n && exponent < 1n << 64n;
  demand(rest.length === 0 && usable && size <= MAX_MODULUS_BITS, 'algorithm.unknown', 'RSA key');
  const numbers = write.sequence(write.integer(modulus), write.integer(exponent));
  const spki = write.sequence(write.sequence(write.oid(RSA), write.nothing()), write.bitString(numbers));
  return { kind: 'RSA', bits: size, pssOnly, spki, object: decodedOnce(spki) };
}

function decodedOnce(spki: Buffer): () => KeyObject {
  let made: KeyObject | undefined;
  return () => {
    made ??= decoded(spki);
    return made;
  };
}

/** As PEM: of an object that says what it holds, Node takes twice as long to see that it is no key already. */
function decoded(spki: Buffer): KeyObject {
  const lines = spki.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  try {
    return createPublicKey(`-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n`);
  } catch {
    // The bytes are ours and well-formed: what is left to be wrong is the point.
    return refuse('algorithm.curve', 'a point that is not on its curve');
  }
}
