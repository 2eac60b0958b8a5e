/** A structure of tag, length and contents somewhere in a file, found without believing anything. */
export interface Place {
  readonly start: number;
  readonly contents: number;
  readonly end: number;
  /** The place around it, as an index; -1 at the top. */
  readonly parent: number;
}

const MOST_PLACES = 4_000;
const DEEPEST = 24;
/** What an octet string is looked into for: SEQUENCE, SET, and the files of a card. */
const isContainer = (tag: number): boolean => (tag & 0x20) !== 0;
const mayHold = (tag: number): boolean => tag === 0x04 || tag === 0x03;

/** Every structure of definite length, outer ones first; what is wrapped in an OCTET STRING or BIT STRING too. */
export function placesOf(bytes: Buffer): Place[] {
  const places: Place[] = [];
  const walk = (from: number, end: number, parent: number, depth: number): boolean => {
    for (let at = from; at < end; ) {
      const head = headAt(bytes, at, end);
      if (!head || places.length >= MOST_PLACES) return false;
      const place = places.push({ start: at, ...head, parent }) - 1;
      if (depth < DEEPEST) within(at, head, place, depth + 1);
      at = head.end;
    }
    return true;
  };
  const within = (
    start: number,
    { contents, end }: { contents: number; end: number },
    place: number,
    depth: number,
  ) => {
    const tag = bytes[start]!;
    if (isContainer(tag)) return walk(contents, end, place, depth);
    const from = contents + (tag === 0x03 ? 1 : 0);
    if (!mayHold(tag) || end - from < 4 || !isContainer(bytes[from]!)) return true;
    const before = places.length;
    // Octets that only look like a structure are none.
    if (!walk(from, end, place, depth)) places.length = before;
    return true;
  };
  walk(0, bytes.length, -1, 0);
  return places;
}

function headAt(bytes: Buffer, start: number, limit: number): { contents: number; end: number } | undefined {
  let at = start + 1;
  if ((bytes[start]! & 0x1f) === 0x1f) while (at < limit && at < start + 3 && bytes[at++]! & 0x80);
  const first = bytes[at++];
  if (first === undefined || first === 0x80 || first > 0x84) return undefined;
  let length = first;
  if (first > 0x80) {
    const octets = first & 0x7f;
    if (at + octets > limit) return undefined;
    length = bytes.readUIntBE(at, octets);
    at += octets;
  }
  return at + length <= limit ? { contents: at, end: at + length } : undefined;
}

/** The same file with other octets in the place, and every length around it put right. */
export function replaced(bytes: Buffer, places: readonly Place[], place: number, by: Buffer): Buffer {
  let { start, end, parent } = places[place]!;
  let part = by;
  while (parent >= 0) {
    const around = places[parent]!;
    const contents = Buffer.concat([bytes.subarray(around.contents, start), part, bytes.subarray(end, around.end)]);
    part = Buffer.concat([tagOf(bytes, around), lengthOf(contents.length), contents]);
    ({ start, end, parent } = around);
  }
  return Buffer.concat([bytes.subarray(0, start), part, bytes.subarray(end)]);
}

/** The identifier octets. */
export const tagOf = (bytes: Buffer, { start }: Place): Buffer => {
  let end = start + 1;
  if ((bytes[start]! & 0x1f) === 0x1f) while (end < start + 3 && bytes[end++]! & 0x80);
  return bytes.subarray(start, end);
};

export function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const octets = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return Buffer.concat([Buffer.from([0x80 | octets.length]), octets]);
}
