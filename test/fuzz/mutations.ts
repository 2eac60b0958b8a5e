import fc from 'fast-check';
import { changedJson, jsonOf } from './json.ts';
import { lengthOf, type Place, placesOf, replaced, tagOf } from './tree.ts';

/** One change: what is done, where (0 to 1), and the numbers and octets that it takes. */
interface Edit {
  readonly kind: number;
  readonly at: number;
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** A file under change, and the other seeds, from which parts may be taken. */
interface Work {
  readonly bytes: Buffer;
  readonly places: readonly Place[];
  readonly others: readonly Seed[];
}
interface Seed {
  readonly bytes: Buffer;
  readonly places: readonly Place[];
  readonly json: unknown;
}

/** Longer ones are let be: they would only be refused for their size. */
const LONGEST = 1_500_000;
const LENGTHS = ['00', '80', '8100', '82ffff', '83ffffff', '84ffffffff', '847fffffff', '85ffffffffff', 'ff'].map(
  (hex) => Buffer.from(hex, 'hex'),
);

type Change = (work: Work, edit: Edit) => Buffer;

const set: Change = ({ bytes }, { at, bytes: by }) => spliced(bytes, at, by.length, by);
const put: Change = ({ bytes }, { at, bytes: by }) => spliced(bytes, at, 0, by);
const cut: Change = ({ bytes }, { at, number }) => spliced(bytes, at, 1 + (number % 64), EMPTY);
const end: Change = ({ bytes }, { at }) => bytes.subarray(0, offset(bytes, at));
const twice: Change = ({ bytes }, { at, number }) =>
  spliced(bytes, at, 0, bytes.subarray(offset(bytes, at), offset(bytes, at) + 1 + (number % 256)));
const flip: Change = ({ bytes }, { at, number }) => {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  copy[offset(bytes, at)]! ^= 1 << (number % 8);
  return copy;
};
const more: Change = ({ bytes }, { bytes: by }) => Buffer.concat([bytes, by]);
/** An octet that counts, one more or less. */
const count: Change = ({ bytes }, { at, number }) => {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  copy[offset(bytes, at)]! += number % 2 === 0 ? 1 : -1;
  return copy;
};
const anyhow: readonly Change[] = [set, set, put, cut, end, twice, flip, flip, more, count];

/** A length that lies: everything around it stays as it was. */
const lie: Change = (work, { at, number }) =>
  inPlace(work, at, ({ start, contents, end: to }) => {
    const { bytes } = work;
    const tag = tagOf(bytes, { start, contents, end: to, parent: -1 });
    const near = lengthOf(Math.max(0, to - contents + [1, -1, 2, 127, 128, 255, 256][number % 7]!));
    const length = number % 3 === 0 ? near : LENGTHS[number % LENGTHS.length]!;
    return Buffer.concat([bytes.subarray(0, start), tag, length, bytes.subarray(contents)]);
  });
/** One structure in place of another, the lengths around it right: what follows the first look at the lengths is reached. */
const within =
  (make: (work: Work, place: Place, edit: Edit) => Buffer): Change =>
  (work, edit) => {
    const { bytes, places } = work;
    if (places.length === 0) return set(work, edit);
    const index = Math.floor(edit.at * places.length);
    return replaced(bytes, places, index, make(work, places[index]!, edit));
  };
const drop = within(() => EMPTY);
const again = within(({ bytes }, place) => Buffer.concat([whole(bytes, place), whole(bytes, place)]));
const often = within(({ bytes }, place, { number }) => {
  const one = whole(bytes, place);
  const times = Math.min(2 + (number % 600), Math.ceil(100_000 / Math.max(1, one.length)));
  return Buffer.concat(Array.from({ length: times }, () => one));
});
const other = within(({ others }, _, { number }) => {
  const { bytes, places } = others[number % others.length]!;
  const place = places[(number >> 3) % Math.max(1, places.length)];
  return place ? whole(bytes, place) : EMPTY;
});
const refill = within(({ bytes }, place, { bytes: by }) => tlv(tagOf(bytes, place), Buffer.from(by)));
const resize = within(({ bytes }, place, { number }) => {
  const contents = bytes.subarray(place.contents, place.end);
  const size = [0, 1, contents.length - 1, contents.length + 1, 255, 2_000, 70_000][number % 7]!;
  return tlv(
    tagOf(bytes, place),
    Buffer.concat([contents, Buffer.alloc(Math.max(0, size))]).subarray(0, Math.max(0, size)),
  );
});
const retag = within(({ bytes }, place, { bytes: by, number }) =>
  tlv(number % 2 ? Buffer.from(by.subarray(0, 2)) : Buffer.from([TAGS[number % TAGS.length]!]), inside(bytes, place)),
);
const nest = within(({ bytes }, place, { number }) => {
  const headers: Buffer[] = [];
  let { length } = whole(bytes, place);
  for (let depth = number % (number % 8 === 0 ? 4_000 : 60); depth >= 0; depth -= 1) {
    const header = Buffer.concat([SEQUENCE, lengthOf(length)]);
    headers.push(header);
    length += header.length;
  }
  return Buffer.concat([...headers.reverse(), whole(bytes, place)]);
});
const endless = within(({ bytes }, place) =>
  Buffer.concat([tagOf(bytes, place), Buffer.from([0x80]), inside(bytes, place), Buffer.from([0, 0])]),
);
const touch = within(({ bytes }, place, edit) => {
  const contents = Buffer.from(inside(bytes, place));
  if (contents.length > 0) contents[edit.number % contents.length] = edit.bytes[0] ?? 0;
  return tlv(tagOf(bytes, place), contents);
});
const structured: readonly Change[] = [
  ...[lie, lie, drop, again, often, other, other, refill, resize, retag, nest, endless, touch, touch],
  ...anyhow,
];

/** Tags of ASN.1, CMS, secure messaging and the files of a card. */
const TAGS = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x18, 0x1e, 0x30, 0x31, 0x80, 0xa0, 0xa1, 0xa3, 0x87, 0x8e,
  0x77,
];
const EMPTY = Buffer.alloc(0);
const SEQUENCE = Buffer.from([0x30]);
const whole = (bytes: Buffer, { start, end: to }: Place): Buffer => bytes.subarray(start, to);
const inside = (bytes: Buffer, { contents, end: to }: Place): Buffer => bytes.subarray(contents, to);
const tlv = (tag: Buffer, contents: Buffer): Buffer => Buffer.concat([tag, lengthOf(contents.length), contents]);
const offset = (bytes: Buffer, at: number): number => Math.floor(at * bytes.length);
const inPlace = (work: Work, at: number, act: (place: Place) => Buffer): Buffer => {
  const place = work.places[Math.floor(at * work.places.length)];
  return place ? act(place) : work.bytes;
};
const spliced = (bytes: Buffer, at: number, gone: number, by: Uint8Array): Buffer => {
  const place = offset(bytes, at);
  return Buffer.concat([bytes.subarray(0, place), by, bytes.subarray(place + gone)]);
};

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.nat(0xffff),
  // Without the value 1, so that a fraction is always a place.
  at: fc.nat(0xfffff).map((value) => value / 0x100000),
  number: fc.nat(0xffff),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 6 }),
    // Octets that mean something come more often than chance would bring them.
    fc
      .constantFrom(
        '30',
        '3080',
        '0000',
        '0500',
        '020100',
        '0201ff',
        '800000',
        'ff',
        '7f',
        '1f8001',
        '84ffffffff',
        '2b',
        '3c3c',
      )
      .map((hex) => Uint8Array.from(Buffer.from(hex, 'hex'))),
  ),
});

/**
 * Bytes made from seeds: octets set, put in, cut out, doubled, the end missing; lengths that lie; structures left out,
 * doubled, exchanged, nested, of another tag or without end, with every length around them right; in JSON, other values. One
 * in ten is random altogether.
 */
export function mutants(seeds: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const known: Seed[] = seeds.map((bytes) => {
    const json = jsonOf(bytes);
    return { bytes, json, places: json === undefined ? placesOf(bytes) : [] };
  });
  const changed = fc
    .tuple(fc.nat(known.length - 1), fc.array(edit, { minLength: 1, maxLength: 4, size: 'max' }))
    .map(([which, edits]) => mutant(known[which]!, edits, known));
  const random = fc.uint8Array({ maxLength: 64, size: 'max' }).map((bytes) => Buffer.from(bytes));
  return fc.oneof({ weight: 9, arbitrary: changed }, { weight: 1, arbitrary: random });
}

function mutant(seed: Seed, edits: readonly Edit[], others: readonly Seed[]): Buffer {
  if (seed.json !== undefined && edits[0]!.kind % 8 > 0) return changedJson(seed.json, edits);
  let { bytes, places } = seed;
  for (const each of edits) {
    const changes = places.length > 1 ? structured : anyhow;
    const next = changes[each.kind % changes.length]!({ bytes, places, others }, each);
    if (next.length > LONGEST) break;
    if (next === bytes) continue;
    // Of a large file the places are not found again: they are those of most cases' first change.
    places = places.length > 1 && next.length < 20_000 ? placesOf(next) : [];
    bytes = next;
  }
  return bytes;
}
