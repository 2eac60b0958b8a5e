import { createECDH } from 'node:crypto';
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

/** OpenSSL's names of the curves, where they differ from ours. */
const OPENSSL: Partial<Record<CurveName, string>> = {
  'P-224': 'secp224r1',
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

/** So many times the curve's own generator: by OpenSSL, a thousand times sooner than the first time by our own arithmetic. */
export function timesGenerator(name: CurveName, scalar: bigint): Point {
  const { points, size } = curveOf(name);
  const exchange = createECDH(OPENSSL[name] ?? name);
  exchange.setPrivateKey(toOctets(scalar, size));
  return points.fromBytes(exchange.getPublicKey());
}

/** A coordinate, or another number of the curve's size, in octets. */
export const toOctets = (value: bigint, size: number): Buffer =>
  Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');

export const fromOctets = (octets: Buffer): bigint => BigInt(`0x${octets.toString('hex')}`);

/** A point as `04 ‖ x ‖ y`. */
export const encodePoint = (point: Point): Buffer => Buffer.from(point.toBytes(false));
