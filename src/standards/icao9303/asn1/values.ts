import { refuse } from '../refusal.ts';
import type { Node } from './read.ts';

/** Universal tags (X.690 §8.14, X.680 Table 1), identifier octets as `Node.tag` has them. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** A context-specific, constructed tag: `[n]` EXPLICIT, or IMPLICIT of something constructed. */
export const context = (number: number): number => 0xa0 + number;
/** A context-specific, primitive tag: `[n]` IMPLICIT of something primitive. */
export const contextPrimitive = (number: number): number => 0x80 + number;

/** The node, if it is of this type. */
export const expect = (node: Node | undefined, tag: number): Node =>
  node?.tag === tag
    ? node
    : refuse('asn1.unexpected', `tag ${node?.tag.toString(16) ?? 'none'}, not ${tag.toString(16)}`);

/** The parts of a SEQUENCE (or of another constructed `tag`). */
export const partsOf = (node: Node | undefined, tag: number = TAG.sequence): readonly Node[] =>
  expect(node, tag).children;

/** An INTEGER as a bigint. At most 4,100 octets, far above any key here. */
export function integer(node: Node | undefined): bigint {
  const { value } = expect(node, TAG.integer);
  if (value.length === 0 || value.length > 4100) refuse('asn1.unexpected', 'integer');
  const unsigned = BigInt(`0x${value.toString('hex')}`);
  return value[0]! < 0x80 ? unsigned : unsigned - (1n << BigInt(value.length * 8));
}

/** An INTEGER that is a small count or version. */
export function smallInteger(node: Node | undefined): number {
  const { value } = expect(node, TAG.integer);
  if (value.length === 0 || value.length > 4) refuse('asn1.unexpected', 'integer');
  return value.readIntBE(0, value.length);
}

/** An INTEGER that must not be negative, as octets without leading zeros (serial numbers, r, s, moduli). */
export function unsignedOctets(node: Node | undefined): Buffer {
  const { value } = expect(node, TAG.integer);
  if (value.length === 0 || value[0]! >= 0x80) refuse('asn1.unexpected', 'integer');
  let from = 0;
  while (from < value.length - 1 && value[from] === 0) from += 1;
  return value.subarray(from);
}

/** An OBJECT IDENTIFIER in dotted form; at most 20 arcs of 32 bits. */
export function oid(node: Node | undefined): string {
  const { value } = expect(node, TAG.oid);
  if (value.length === 0 || value.length > 64) refuse('asn1.unexpected', 'object identifier');
  let dotted = '';
  let arc = 0;
  let fresh = true;
  for (const octet of value) {
    if (fresh && octet === 0x80) refuse('asn1.unexpected', 'object identifier');
    fresh = (octet & 0x80) === 0;
    arc = arc * 128 + (octet & 0x7f);
    if (arc > 0xffff_ffff) refuse('asn1.unexpected', 'object identifier');
    if (fresh) {
      // The first number holds two arcs (X.690 §8.19.4).
      const root = Math.min(2, Math.floor(arc / 40));
      dotted += dotted === '' ? `${root}.${arc - root * 40}` : `.${arc}`;
      arc = 0;
    }
  }
  return fresh ? dotted : refuse('asn1.unexpected', 'object identifier');
}

/** The octets of an OCTET STRING; BER may have cut it into pieces (X.690 §8.7.3). */
export function octets(node: Node | undefined): Buffer {
  if (node?.tag === 0x24) return Buffer.concat(node.children.map(octets));
  return expect(node, TAG.octetString).value;
}

/** The octets of a BIT STRING without unused bits. */
export function bits(node: Node | undefined): Buffer {
  const { value } = expect(node, TAG.bitString);
  return value.length > 0 && value[0] === 0 ? value.subarray(1) : refuse('asn1.unexpected', 'bit string');
}

/** The bits of a named BIT STRING (keyUsage), the first bit first. */
export function namedBits(node: Node | undefined): boolean[] {
  const { value } = expect(node, TAG.bitString);
  const unused = value[0] ?? 8;
  if (unused > 7 || value.length > 9 || (value.length === 1 && unused > 0)) refuse('asn1.unexpected', 'bit string');
  return [...value.subarray(1)]
    .flatMap((octet) => [7, 6, 5, 4, 3, 2, 1, 0].map((place) => ((octet >> place) & 1) === 1))
    .slice(0, Math.max(0, (value.length - 1) * 8 - unused));
}

/** A BOOLEAN. */
export function boolean(node: Node | undefined): boolean {
  const { value } = expect(node, TAG.boolean);
  return value.length === 1 ? value[0] !== 0 : refuse('asn1.unexpected', 'boolean');
}

/** A UTCTime or GeneralizedTime in UTC (RFC 5280 §4.1.2.5; fractions are not allowed). */
export function time(node: Node | undefined): Date {
  const text = (node?.value ?? Buffer.alloc(0)).toString('latin1');
  const digits =
    node?.tag === TAG.utcTime && /^\d{12}Z$/.test(text)
      ? (Number(text.slice(0, 2)) < 50 ? '20' : '19') + text
      : node?.tag === TAG.generalizedTime && /^\d{14}Z$/.test(text)
        ? text
        : refuse('asn1.unexpected', 'time');
  const [year, month, day, hour, minute, second] = [
    digits.slice(0, 4),
    ...[4, 6, 8, 10, 12].map((at) => digits.slice(at, at + 2)),
  ].map(Number) as [number, number, number, number, number, number];
  const made = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const same = made.getUTCMonth() === month - 1 && made.getUTCDate() === day && made.getUTCHours() === hour;
  return same && minute < 60 && second < 60 ? made : refuse('asn1.unexpected', 'time');
}
