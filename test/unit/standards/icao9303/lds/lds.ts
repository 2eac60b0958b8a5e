import fc from 'fast-check';
import { asRefusal, type RefusalCode } from '../../../../../src/standards/icao9303/refusal.ts';

/** Cases of a property: a short run by default, as many as FUZZ_RUNS says otherwise. */
export const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);

/** The code that something is refused with, `undefined` when it is not; anything else thrown passes through. */
export const refusalOf = (work: () => unknown): RefusalCode | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return asRefusal(error).code;
  }
};

/** The original with a few octets changed, or cut short, or with something behind it. */
export const changed = (original: Buffer): fc.Arbitrary<Buffer> =>
  fc.oneof(
    fc
      .array(fc.tuple(fc.nat(Math.min(original.length, 400) - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
      .map((changes) => {
        const copy = Buffer.from(original);
        for (const [at, to] of changes) copy[at] = to;
        return copy;
      }),
    fc.nat(original.length).map((length) => original.subarray(0, length)),
    fc.uint8Array({ minLength: 1, maxLength: 20 }).map((more) => Buffer.concat([original, more])),
  );

const number = (value: number, octets: number): Buffer => {
  const bytes = Buffer.alloc(octets);
  bytes.writeUIntBE(value, 0, octets);
  return bytes;
};

/** The head of a JPEG, with an application segment before its frame; no picture behind it. */
export const jpeg = (width: number, height: number, { bits = 8, components = 3 } = {}): Buffer =>
  Buffer.concat([
    Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0', 'hex'),
    number(8 + 3 * components, 2),
    number(bits, 1),
    number(height, 2),
    number(width, 2),
    number(components, 1),
    Buffer.alloc(3 * components, 0x11),
    Buffer.from('ffd9', 'hex'),
  ]);

/** The head of a JPEG 2000 codestream (ITU-T T.800 §A.5.1); no picture behind it. */
export function codestream(siz: {
  readonly width: number;
  readonly height: number;
  readonly left?: number;
  readonly top?: number;
  readonly tileWidth?: number;
  readonly components?: number;
  readonly bits?: number;
  readonly sampling?: number;
}): Buffer {
  const { width, height, left = 0, top = 0, components = 3, bits = 8, sampling = 1 } = siz;
  const edges = [left + width, top + height];
  return Buffer.concat([
    Buffer.from('ff4fff51', 'hex'),
    number(38 + 3 * components, 2),
    number(0, 2),
    ...[...edges, left, top, siz.tileWidth ?? edges[0]!, edges[1]!, 0, 0].map((value) => number(value, 4)),
    number(components, 2),
    ...Array.from({ length: components }, () => Buffer.from([bits - 1, sampling, sampling])),
  ]);
}

/** A JP2 file around a codestream; its header box may say another size. */
export const jp2 = (stream: Buffer, said = { width: 300, height: 400 }): Buffer => {
  const box = (type: string, ...contents: Buffer[]): Buffer => {
    const value = Buffer.concat(contents);
    return Buffer.concat([number(8 + value.length, 4), Buffer.from(type), value]);
  };
  return Buffer.concat([
    Buffer.from('0000000c6a5020200d0a870a', 'hex'),
    box('ftyp', Buffer.from('jp2 \0\0\0\0jp2 ')),
    box(
      'jp2h',
      box('ihdr', number(said.height, 4), number(said.width, 4), Buffer.from('00030707000000'.slice(0, 12), 'hex')),
    ),
    box('jp2c', stream),
  ]);
};
