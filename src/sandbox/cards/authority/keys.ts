import { createHash } from 'node:crypto';
import { bitString, integer, octetString, oid, sequence } from '../../../standards/icao9303/asn1/write.ts';
import { type CurveName, curveOf, encodePoint, fromOctets, type Point, timesGenerator, toOctets } from './curves.ts';

/** A key pair of the sandbox. Its private half is derived from a public label: everything here is public by intent. */
export interface EcKey {
  readonly curve: CurveName;
  readonly secret: bigint;
  readonly point: Point;
  /** What `point` is a multiple of; the curve's own unless somebody chose another (CVE-2020-0601). */
  readonly generator: Point;
}

const digest = (...parts: readonly (string | Buffer)[]): bigint => {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return fromOctets(hash.digest());
};

/** The key of a label, the same in every process of every sandbox. */
export function testKey(label: string, curve: CurveName = 'P-256'): EcKey {
  const { points } = curveOf(curve);
  const secret = (digest(`senid sandbox card ${label}`) % (points.Fn.ORDER - 1n)) + 1n;
  return { curve, secret, point: timesGenerator(curve, secret), generator: points.BASE };
}

/**
 * The key of whoever knows only the public half of `key` and chooses the generator to fit: G' = Q, so that the private key
 * is 1 (CVE-2020-0601). Who compares public points alone takes it for `key`.
 */
export const chosenGenerator = (key: EcKey): EcKey => ({ ...key, secret: 1n, generator: key.point });

/** How a public key names its curve: by name, or by writing every parameter out (9303-12 §4.4.1). */
export type Parameters = 'named' | 'explicit';

/** SubjectPublicKeyInfo of a key (RFC 5480 §2; explicit parameters of RFC 3279 §2.3.5). */
export const publicKeyInfo = (key: EcKey, parameters: Parameters = 'named'): Buffer =>
  sequence(
    sequence(
      oid('1.2.840.10045.2.1'),
      parameters === 'named' ? oid(curveOf(key.curve).oid) : explicitParameters(key.curve, key.generator),
    ),
    bitString(encodePoint(key.point)),
  );

function explicitParameters(curve: CurveName, generator: Point): Buffer {
  const { points, size } = curveOf(curve);
  const { p, a, b, n, h } = points.CURVE();
  return sequence(
    integer(1),
    sequence(oid('1.2.840.10045.1.1'), integer(p)),
    sequence(octetString(toOctets(a, size)), octetString(toOctets(b, size))),
    octetString(encodePoint(generator)),
    integer(n),
    integer(h),
  );
}

/** An ECDSA signature over a digest, r ‖ s (FIPS 186-5 §6.4). The nonce is derived, so that every process signs alike. */
export function signDigest(key: EcKey, hashed: Buffer): Buffer {
  const { points, size } = curveOf(key.curve);
  const { Fn } = points;
  const order = Fn.ORDER;
  const nonce = (digest(toOctets(key.secret, size), hashed) % (order - 1n)) + 1n;
  const excess = BigInt(Math.max(0, hashed.length * 8 - order.toString(2).length));
  const multiple = key.generator === points.BASE ? timesGenerator(key.curve, nonce) : key.generator.multiply(nonce);
  const r = multiple.x % order;
  const s = (Fn.inv(nonce) * ((fromOctets(hashed) >> excess) + r * key.secret)) % order;
  return Buffer.concat([toOctets(r, size), toOctets(s, size)]);
}

/** The same signature as the SEQUENCE of two INTEGERs that certificates carry (RFC 3279 §2.2.3). */
export function asDer(plain: Buffer): Buffer {
  const half = plain.length / 2;
  return sequence(integer(plain.subarray(0, half)), integer(plain.subarray(half)));
}
