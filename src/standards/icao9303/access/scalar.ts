import { CURVES, type CurveName } from '../pki/algorithms/curve-parameters.ts';

/** So many random octets, from a source fit for keys. */
export type Random = (octets: number) => Buffer;

/** Octets of a coordinate. */
export const widthOf = (curve: CurveName): number => Math.ceil(CURVES[curve].bits / 8);

const ATTEMPTS = 128;

/**
 * A private key: a number from 1 to n - 1, every one as likely, as octets of full width (FIPS 186-5 §A.2.2). What does not
 * fit is drawn again, never reduced.
 */
export function drawScalar(curve: CurveName, random: Random): Buffer {
  const { bits, n } = CURVES[curve];
  const order = BigInt(`0x${n}`);
  const width = widthOf(curve);
  for (let left = ATTEMPTS; left > 0; left -= 1) {
    const octets = Buffer.from(random(width));
    octets[0]! &= 0xff >> (width * 8 - bits);
    const scalar = BigInt(`0x${octets.toString('hex')}`);
    if (octets.length === width && scalar > 0n && scalar < order) return octets;
  }
  throw new Error('the random source gives no numbers below the order');
}
