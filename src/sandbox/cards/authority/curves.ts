import { type WeierstrassPoint, type WeierstrassPointCons, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { p256, p384 } from '@noble/curves/nist.js';

/** A point of one of the curves below. */
export type Point = WeierstrassPoint<bigint>;

/** A curve as test cards use it: its arithmetic, its object identifier, its number in PACE (9303-11 §9.5.1). */
export interface Curve {
  readonly oid: string;
  readonly paceParameter: number;
  readonly points: WeierstrassPointCons<bigint>;
  /** Octets of a coordinate. */
  readonly size: number;
}

const hex = (digits: string): bigint => BigInt(`0x${digits.replaceAll(' ', '')}`);

/** The curves of the sandbox's cards. brainpoolP256r1 is of RFC 5639 §3.4. */
export const CURVES = {
  'P-256': { oid: '1.2.840.10045.3.1.7', paceParameter: 12, points: p256.Point, size: 32 },
  'P-384': { oid: '1.3.132.0.34', paceParameter: 15, points: p384.Point, size: 48 },
  brainpoolP256r1: {
    oid: '1.3.36.3.3.2.8.1.1.7',
    paceParameter: 13,
    points: weierstrass({
      p: hex('a9fb57db a1eea9bc 3e660a90 9d838d72 6e3bf623 d5262028 2013481d 1f6e5377'),
      a: hex('7d5a0975 fc2c3057 eef67530 417affe7 fb8055c1 26dc5c6c e94a4b44 f330b5d9'),
      b: hex('26dc5c6c e94a4b44 f330b5d9 bbd77cbf 95841629 5cf7e1ce 6bccdc18 ff8c07b6'),
      n: hex('a9fb57db a1eea9bc 3e660a90 9d838d71 8c397aa3 b561a6f7 901e0e82 974856a7'),
      h: 1n,
      Gx: hex('8bd2aeb9 cb7e57cb 2c4b482f fc81b7af b9de27e1 e3bd23c2 3a4453bd 9ace3262'),
      Gy: hex('547ef835 c3dac4fd 97f8461a 14611dc9 c2774513 2ded8e54 5c1d54c7 2f046997'),
    }),
    size: 32,
  },
} as const satisfies Record<string, Curve>;

export type CurveName = keyof typeof CURVES;

/** A coordinate, or another number of the curve's size, in octets. */
export const toOctets = (value: bigint, size: number): Buffer =>
  Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');

export const fromOctets = (octets: Buffer): bigint => BigInt(`0x${octets.toString('hex')}`);

/** A point as `04 ‖ x ‖ y`. */
export const encodePoint = (point: Point): Buffer => Buffer.from(point.toBytes(false));
