import type { Node } from '../../asn1/read.ts';
import { expect, integer, octets, oid, partsOf, smallInteger, TAG, unsignedOctets } from '../../asn1/values.ts';
import { refuse } from '../../refusal.ts';
import { CURVES, type CurveName, type CurveParameters } from './curve-parameters.ts';

const PRIME_FIELD = '1.2.840.10045.1.1';
const NAMES = Object.keys(CURVES) as CurveName[];
const BY_OID = new Map<string, CurveName>(NAMES.map((name) => [CURVES[name].oid, name]));
const BY_PRIME = new Map<string, CurveName>(NAMES.map((name) => [bare(CURVES[name].p), name]));

/**
 * The named curve behind the parameters of an EC key (RFC 5480 §2.1.1, RFC 3279 §2.3.5): an object identifier of the
 * allow-list, or explicit parameters every one of which (p, a, b, G, n, cofactor) is exactly that of a listed curve.
 * A generator of somebody's choice makes any public key "theirs" (CVE-2020-0601), so that nothing is left to trust here.
 * Refuses with `algorithm.curve`.
 */
export function curveOf(parameters: Node | undefined): CurveName {
  if (parameters?.tag === TAG.oid) {
    const named = oid(parameters);
    return BY_OID.get(named) ?? refuse('algorithm.curve', named);
  }
  if (parameters?.tag !== TAG.sequence) return refuse('algorithm.curve', 'implicit parameters');
  return explicitCurve(parameters);
}

/** ECParameters (X9.62, RFC 3279 §2.3.5). The seed only tells how a and b were found, and they are compared themselves. */
function explicitCurve(parameters: Node): CurveName {
  const [version, field, curve, base, order, ...rest] = partsOf(parameters);
  const [fieldType, prime] = partsOf(field);
  const [a, b, seed, ...more] = partsOf(curve);
  if (seed) expect(seed, TAG.bitString);
  const cofactor = rest[0]?.tag === TAG.integer ? integer(rest.shift()) : 1n;
  const known = [1, 2, 3].includes(smallInteger(version)) && more.length === 0 && rest.length === 0;
  if (!known || oid(fieldType) !== PRIME_FIELD) return refuse('algorithm.curve', 'explicit parameters');
  const name = BY_PRIME.get(hex(unsignedOctets(prime)));
  if (!name) return refuse('algorithm.curve', 'explicit parameters over another field');
  const listed: CurveParameters = CURVES[name];
  const same =
    hex(octets(a)) === bare(listed.a) &&
    hex(octets(b)) === bare(listed.b) &&
    hex(unsignedOctets(order)) === bare(listed.n) &&
    cofactor === 1n &&
    isGenerator(expect(base, TAG.octetString).value, listed);
  return same ? name : refuse('algorithm.curve', `explicit parameters that are not ${name}`);
}

/** The base point, uncompressed or compressed (SEC 1 §2.3.3). */
function isGenerator(point: Buffer, { x, y }: CurveParameters): boolean {
  const text = point.toString('hex');
  const odd = Number.parseInt(y.slice(-1), 16) % 2;
  return text === `04${x}${y}` || text === `0${2 + odd}${x}`;
}

/** A number without leading zeros, as hexadecimal. */
function bare(text: string): string {
  return text.replace(/^0+/, '');
}
const hex = (number: Buffer): string => bare(number.toString('hex'));
