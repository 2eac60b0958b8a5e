import fc from 'fast-check';

/** One edit of some bytes; places are fractions of the length, so that they fit whatever came before. */
const place = fc.double({ min: 0, max: 1, noNaN: true });
const edit = fc.oneof(
  fc.tuple(fc.constant('set' as const), place, fc.integer({ min: 0, max: 255 })),
  fc.tuple(fc.constant('flip' as const), place, fc.integer({ min: 0, max: 7 })),
  fc.tuple(fc.constant('cut' as const), place, fc.integer({ min: 1, max: 40 })),
  fc.tuple(fc.constant('end' as const), place, fc.constant(0)),
  fc.tuple(fc.constant('put' as const), place, fc.integer({ min: 0, max: 65_535 })),
  fc.tuple(fc.constant('copy' as const), place, fc.integer({ min: 1, max: 64 })),
  // What is most often a length: the largest ones, and the indefinite one.
  fc.tuple(fc.constant('set' as const), place, fc.constantFrom(0x7f, 0x80, 0x81, 0x82, 0x84, 0xff)),
);

function edited(bytes: Buffer, [kind, where, what]: readonly [string, number, number]): Buffer {
  const at = Math.min(Math.floor(where * bytes.length), Math.max(0, bytes.length - 1));
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  if (bytes.length === 0) return Buffer.from([what & 0xff]);
  if (kind === 'end') return Buffer.from(before);
  if (kind === 'cut') return Buffer.concat([before, after.subarray(what)]);
  if (kind === 'put') return Buffer.concat([before, Buffer.from([what >> 8, what & 0xff]), after]);
  if (kind === 'copy') return Buffer.concat([before, after.subarray(0, what), after]);
  const changed = Buffer.from(bytes);
  changed[at] = kind === 'flip' ? changed[at]! ^ (1 << what) : what;
  return changed;
}

/** Bytes near honest ones, and now and then nothing but noise. */
export const near = (seeds: readonly Buffer[]): fc.Arbitrary<Buffer> =>
  fc.oneof(
    {
      weight: 19,
      arbitrary: fc
        .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 4 }))
        .map(([seed, edits]) => edits.reduce(edited, seed)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  );
