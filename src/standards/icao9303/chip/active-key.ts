import { read } from '../asn1/read.ts';
import { partsOf } from '../asn1/values.ts';
import { type PublicKey, publicKeyFrom } from '../pki/algorithms/public-key.ts';
import { asRefusal, demand, refuse } from '../refusal.ts';

const DG15 = 0x6f;
const LARGEST = 4096;

/**
 * The public key for active authentication (9303-10 §4.7.15, 9303-11 §6.1): DG15 is a SubjectPublicKeyInfo within its tag.
 * It counts only once passive authentication covers the file. Refuses `input.too_large`, `asn1.*`, and `aa.key` for a key
 * of another kind, on another curve, or with an exponent that is even or 1.
 */
export function activePublicKey(dg15: Buffer): PublicKey {
  demand(dg15.length <= LARGEST, 'input.too_large');
  const [spki, ...more] = partsOf(read(dg15, { encoding: 'ber', maxDepth: 8, maxNodes: 100 }), DG15);
  demand(more.length === 0, 'asn1.unexpected', 'DG15');
  return asChipKey('aa.key', () => publicKeyFrom(spki));
}

/** Reading a key of the chip: what is wrong with the algorithm or the curve is wrong with the key. */
export function asChipKey<T>(code: 'aa.key' | 'ca.key', act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code: found, about } = asRefusal(error);
    if (found.startsWith('algorithm.')) return refuse(code, about);
    throw error;
  }
}
