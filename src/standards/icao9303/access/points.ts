import { type WeierstrassPoint, type WeierstrassPointCons, weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { CURVES, type CurveName } from '../pki/algorithms/curve-parameters.ts';
import { demand, refuse } from '../refusal.ts';
import { widthOf } from './scalar.ts';

/** A point of a named curve; never infinity when it came from `pointFrom`. */
export type Point = WeierstrassPoint<bigint>;

const made = new Map<CurveName, WeierstrassPointCons<bigint>>();
const number = (hex: string): bigint => BigInt(`0x${hex}`);

/** Points of a curve; `node:crypto` has no generators but the standard ones, which PACE replaces by its own. */
function pointsOf(curve: CurveName): WeierstrassPointCons<bigint> {
  const found = made.get(curve);
  if (found) return found;
  const { p, a, b, n, x, y } = CURVES[curve];
  const parameters = { p: number(p), a: number(a), b: number(b), n: number(n), h: 1n, Gx: number(x), Gy: number(y) };
  const points = weierstrass(parameters);
  made.set(curve, points);
  return points;
}

export const generatorOf = (curve: CurveName): Point => pointsOf(curve).BASE;

/** A point from its uncompressed octets (9303-11 §9.4.4). Refuses `access.key`: off the curve, infinity, another form. */
export function pointFrom(curve: CurveName, octets: Buffer): Point {
  demand(octets.length === 1 + 2 * widthOf(curve) && octets[0] === 0x04, 'access.key', 'form of a point');
  try {
    return pointsOf(curve).fromBytes(octets);
  } catch {
    return refuse('access.key', `a point that is not on ${curve}`);
  }
}

export const octetsOf = (point: Point): Buffer => Buffer.from(point.toBytes(false));

/** The x-coordinate, of full width: the shared secret (9303-11 §9.4.5). */
export const abscissaOf = (curve: CurveName, point: Point): Buffer => octetsOf(point).subarray(1, 1 + widthOf(curve));

/**
 * The generator of generic mapping: G' = s·G + H (9303-11 §4.4.3.3.1). Refuses `access.key` when it is infinity, which no
 * honest pair of sides ever meets.
 */
export function mappedGenerator(curve: CurveName, nonce: Buffer, shared: Point): Point {
  const points = pointsOf(curve);
  const scalar = points.Fn.create(number(nonce.toString('hex')));
  const mapped = points.BASE.multiplyUnsafe(scalar).add(shared);
  return mapped.is0() ? refuse('access.key', 'mapped generator') : mapped;
}

/** scalar · point, in a time that does not tell the scalar; all curves here have cofactor 1, so that it is never infinity. */
export const multiply = (point: Point, scalar: Buffer): Point => point.multiply(number(scalar.toString('hex')));
