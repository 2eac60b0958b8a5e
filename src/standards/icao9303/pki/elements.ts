import { demand, refuse } from '../refusal.ts';

/**
 * The parts of one definite-length structure, each as its own bytes and not read any deeper: a master list has hundreds of
 * certificates, of which a few are ever needed. Refuses with `asn1.*`; at most `max` parts.
 */
export function elementsOf(bytes: Buffer, tag: number, max: number): Buffer[] {
  const outer = headerAt(bytes, 0);
  demand(bytes[0] === tag, 'asn1.unexpected', `tag ${bytes[0]?.toString(16)}`);
  demand(outer.end === bytes.length, outer.end > bytes.length ? 'asn1.malformed' : 'asn1.trailing');
  const parts: Buffer[] = [];
  for (let at = outer.contents; at < bytes.length; ) {
    const { end } = headerAt(bytes, at);
    demand(end <= bytes.length, 'asn1.malformed');
    demand(parts.length < max, 'asn1.too_many');
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return parts;
}

/** Where the contents of the element at `at` begin and end; one octet of tag, definite length of at most four octets. */
function headerAt(bytes: Buffer, at: number): { contents: number; end: number } {
  const first = bytes[at + 1];
  if (first === undefined || (bytes[at]! & 0x1f) === 0x1f || first === 0x80) return refuse('asn1.malformed');
  if (first < 0x80) return { contents: at + 2, end: at + 2 + first };
  const octets = first & 0x7f;
  if (octets > 4 || at + 2 + octets > bytes.length) return refuse('asn1.malformed');
  const contents = at + 2 + octets;
  return { contents, end: contents + bytes.readUIntBE(at + 2, octets) };
}
