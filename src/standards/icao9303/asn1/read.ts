import { refuse } from '../refusal.ts';

/**
 * A bounded reader of BER and DER (ITU-T X.690). It reads the whole structure at once, so that everything behind it may
 * rely on well-formed bytes. Input is never copied: nodes are views.
 */
export interface Node {
  /** All identifier octets as one number: 0x30 SEQUENCE, 0xa0 [0] constructed, 0x7f61. */
  readonly tag: number;
  /** Identifier, length and contents, as received. */
  readonly bytes: Buffer;
  /** The contents octets; of an indefinite length without the end-of-contents octets. */
  readonly value: Buffer;
  /** The parts of a constructed node; empty for a primitive one. */
  readonly children: readonly Node[];
}

export interface ReadRules {
  /** `der` refuses indefinite and padded lengths, unordered sets, odd booleans and integers (X.690 §10, §11). */
  readonly encoding: 'ber' | 'der';
  readonly maxDepth?: number;
  readonly maxNodes?: number;
}

const MAX_DEPTH = 40;
const MAX_NODES = 10_000;
const CONSTRUCTED = 0x20;
const INDEFINITE = 0x80;

interface Walk {
  readonly der: boolean;
  readonly maxDepth: number;
  nodesLeft: number;
}

/** Reads exactly one structure and refuses whatever follows it. */
export function read(bytes: Buffer, rules: ReadRules): Node {
  const walk = begin(rules);
  const node = readNode(bytes, 0, bytes.length, walk, 0);
  if (node.bytes.length !== bytes.length) refuse('asn1.trailing');
  return node;
}

/** Reads one structure at the beginning of `bytes`; whatever follows it is left alone (files of a card may be padded). */
export const readFirst = (bytes: Buffer, rules: ReadRules): Node => readNode(bytes, 0, bytes.length, begin(rules), 0);

/** Reads structures one behind another until the end. */
export function readAll(bytes: Buffer, rules: ReadRules): Node[] {
  return readSeries(bytes, 0, bytes.length, begin(rules), 0);
}

const begin = ({ encoding, maxDepth = MAX_DEPTH, maxNodes = MAX_NODES }: ReadRules): Walk => ({
  der: encoding === 'der',
  maxDepth,
  nodesLeft: maxNodes,
});

function readSeries(bytes: Buffer, from: number, end: number, walk: Walk, depth: number): Node[] {
  const nodes: Node[] = [];
  for (let at = from; at < end; ) {
    const node = readNode(bytes, at, end, walk, depth);
    nodes.push(node);
    at += node.bytes.length;
  }
  return nodes;
}

function readNode(bytes: Buffer, start: number, end: number, walk: Walk, depth: number): Node {
  if (depth > walk.maxDepth) refuse('asn1.too_deep');
  if (--walk.nodesLeft < 0) refuse('asn1.too_many');
  let at = start;
  const octet = (): number => (at < end ? bytes[at++]! : refuse('asn1.malformed'));

  let tag = octet();
  const constructed = (tag & CONSTRUCTED) !== 0;
  if ((tag & 0x1f) === 0x1f) {
    // High tag number, at most two more octets (X.690 §8.1.2.4): cards use 5F0E to 7F61.
    const second = octet();
    if (second === 0x80 || (walk.der && second < 0x1f)) refuse('asn1.malformed');
    tag = tag * 256 + second;
    if (second & 0x80) {
      const third = octet();
      if (third & 0x80) refuse('asn1.malformed');
      tag = tag * 256 + third;
    }
  }

  const first = octet();
  if (first === INDEFINITE) {
    if (walk.der) refuse('asn1.not_der');
    if (!constructed) refuse('asn1.malformed');
    return readIndefinite(bytes, { start, contents: at, end, tag }, walk, depth);
  }
  let length = first;
  if (first > INDEFINITE) {
    const octets = first & 0x7f;
    if (octets > 4) refuse('asn1.malformed');
    length = 0;
    for (let left = octets; left > 0; left -= 1) length = length * 256 + octet();
    if (walk.der && (length < 0x80 || length < 256 ** (octets - 1))) refuse('asn1.not_der');
  }
  if (length > end - at) refuse('asn1.malformed');
  const children = constructed ? readSeries(bytes, at, at + length, walk, depth + 1) : [];
  const node: Node = {
    tag,
    bytes: bytes.subarray(start, at + length),
    value: bytes.subarray(at, at + length),
    children,
  };
  if (walk.der) checkDer(node);
  return node;
}

function readIndefinite(
  bytes: Buffer,
  from: { start: number; contents: number; end: number; tag: number },
  walk: Walk,
  depth: number,
): Node {
  const children: Node[] = [];
  let at = from.contents;
  while (!(bytes[at] === 0 && bytes[at + 1] === 0 && at + 2 <= from.end)) {
    if (at >= from.end) refuse('asn1.malformed');
    const child = readNode(bytes, at, from.end, walk, depth + 1);
    children.push(child);
    at += child.bytes.length;
  }
  const value = bytes.subarray(from.contents, at);
  return { tag: from.tag, bytes: bytes.subarray(from.start, at + 2), value, children };
}

/** What X.690 §11 adds to well-formed lengths. */
function checkDer({ tag, value, children }: Node): void {
  if (tag === 0x01 && !(value.length === 1 && (value[0] === 0 || value[0] === 0xff))) refuse('asn1.not_der');
  if (tag === 0x02 && isPadded(value)) refuse('asn1.not_der');
  // Strings are primitive in DER (§10.2).
  if (tag === 0x23 || tag === 0x24 || tag === 0x2c) refuse('asn1.not_der');
  if (tag === 0x31) {
    for (const [place, child] of children.entries()) {
      const before = children[place - 1];
      if (before && Buffer.compare(before.bytes, child.bytes) > 0) refuse('asn1.not_der');
    }
  }
}

/** An integer with a needless first octet (X.690 §8.3.2), or with none at all. */
const isPadded = (value: Buffer): boolean =>
  value.length === 0 ||
  (value.length > 1 && ((value[0] === 0 && value[1]! < 0x80) || (value[0] === 0xff && value[1]! >= 0x80)));
