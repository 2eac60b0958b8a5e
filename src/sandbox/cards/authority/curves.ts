import { type WeierstrassPoint, type WeierstrassPointCons, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { type CurveName, CURVES as LISTED } from '../../../standards/icao9303/pki/algorithms/curve-parameters.ts';
import { onceEach } from './once.ts';

export type { CurveName } from '../../../standards/icao9303/pki/algorithms/curve-parameters.ts';

/** A point of a curve. */
export type Point = WeierstrassPoint<bigint>;

/** A curve with its arithmetic: keys under a generator of somebody's choice are beyond `node:crypto`. */
export interface Curve {
  readonly oid: string;
  readonly points: WeierstrassPointCons<bigint>;
  /** Octets of a coordinate. */
  readonly size: number;
}

/** A curve by its name. */
export const curveOf = onceEach((name: CurveName): Curve => {
  const { oid, bits, p, a, b, n, x, y } = LISTED[name];
  const number = (hex: string): bigint => BigInt(`0x${hex}`);
  const points = weierstrass({
    ...{ p: number(p), n: number(n), h: 1n, a: number(a), b: number(b) },
    ...{ Gx: number(x), Gy: number(y) },
  });
  return { oid, points, size: Math.ceil(bits / 8) };
});

/** A coordinate, or another number of the curve's size, in octets. */
export const toOctets = (value: bigint, size: number): Buffer =>
  Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');

export const fromOctets = (octets: Buffer): bigint => BigInt(`0x${octets.toString('hex')}`);

/** A point as `04 ‖ x ‖ y`. */
export const encodePoint = (point: Point): Buffer => Buffer.from(point.toBytes(false));
