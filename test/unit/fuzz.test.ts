import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { read } from '../../src/standards/icao9303/asn1/read.ts';
import { attempt } from '../fuzz/attempt.ts';
import { batchesOf } from '../fuzz/batch.ts';
import { files } from '../fuzz/issued.ts';
import { mutants } from '../fuzz/mutations.ts';
import { TARGETS } from '../fuzz/targets.ts';
import { placesOf, replaced } from '../fuzz/tree.ts';

/** Cases of a cheap target; the others have as many as take about as long. `npm run fuzz` is the long run. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 1_000);

describe.each(TARGETS)('$name', ({ seeds, parse, cost = 1 }) => {
  test('is read as it stands, and when it is not as it stands it is read or refused, in a moment and in little memory', async () => {
    const known = await seeds();
    expect(await attempt(parse, known[0]!)).toBeUndefined();
    let refused = 0;
    const property = fc.asyncProperty(mutants(known), async (bytes) => {
      if ((await attempt(parse, bytes)) !== undefined) refused += 1;
    });
    await fc.assert(property, { numRuns: Math.max(20, Math.ceil(RUNS / cost)) });
    expect(refused).toBeGreaterThan(0);
  }, 60_000);
});

test('a part of a file that is exchanged leaves every length around it right', () => {
  const sod = files().SOD!;
  const places = placesOf(sod);
  expect(places.length).toBeGreaterThan(100);
  for (const [index, { start, end }] of places.entries()) {
    expect(replaced(sod, places, index, sod.subarray(start, end)).equals(sod)).toBe(true);
    if (index > 0) expect(read(replaced(sod, places, index, Buffer.alloc(301, 5)), { encoding: 'ber' }).tag).toBe(0x77);
  }
});

test('the same seed gives the same cases, and all of them', () => {
  const [one, other] = [1, 2].map((seed) => batchesOf(TARGETS, 5_000_000, seed));
  expect(batchesOf(TARGETS, 5_000_000, 1)).toEqual(one);
  expect(other).not.toEqual(one);
  const cases = one!.reduce((sum, batch) => sum + batch.cases, 0);
  expect(Math.abs(cases - 5_000_000)).toBeLessThan(TARGETS.length);
  const sample = (seed: number) => fc.sample(mutants([files().COM!]), { numRuns: 50, seed });
  expect(sample(1)).toEqual(sample(1));
  expect(sample(1)).not.toEqual(sample(2));
});

describe('found is', () => {
  const what = (parse: (bytes: Buffer) => unknown): Promise<string> =>
    attempt(parse, Buffer.alloc(4)).then(String, (error: Error) => `${error.name}: ${error.message}`);

  test('a parser that throws something of its own', async () => {
    expect(await what((bytes) => bytes.readUInt32BE(1_000))).toContain('RangeError');
    expect(await what(async (bytes) => bytes.readUInt32BE(1_000))).toContain('RangeError');
  });

  test('one that takes long', async () => {
    const slow = (): void => {
      // Of this thread's own time, as it is counted: a busy machine gives it in small pieces.
      const spent = (): number => process.threadCpuUsage().user + process.threadCpuUsage().system;
      for (const end = spent() + 400_000; spent() < end; );
    };
    expect(await what(slow)).toMatch(/took \d+ ms/);
  });

  test('one that takes much memory', async () => {
    const kept: Buffer[] = [];
    expect(await what(() => kept.push(Buffer.alloc(120 * 1024 * 1024)))).toMatch(/took \d+ MB/);
  });
});
