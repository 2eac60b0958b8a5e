import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attempt } from '../fuzz/attempt.ts';
import { mutants } from '../fuzz/mutations.ts';
import { TARGETS } from '../fuzz/targets.ts';

/** Cases of a cheap target; the others have as many as take about as long. `npm run fuzz` is the long run. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);

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

describe('found is', () => {
  const what = (parse: (bytes: Buffer) => unknown): Promise<string> =>
    attempt(parse, Buffer.alloc(4)).then(String, (error: Error) => `${error.name}: ${error.message}`);

  test('a parser that throws something of its own', async () => {
    expect(await what((bytes) => bytes.readUInt32BE(1_000))).toContain('RangeError');
    expect(await what(async (bytes) => bytes.readUInt32BE(1_000))).toContain('RangeError');
  });

  test('one that takes long', async () => {
    const slow = (): void => {
      for (const end = performance.now() + 400; performance.now() < end; );
    };
    expect(await what(slow)).toMatch(/took \d+ ms/);
  });

  test('one that takes much memory', async () => {
    const kept: Buffer[] = [];
    expect(await what(() => kept.push(Buffer.alloc(120 * 1024 * 1024)))).toMatch(/took \d+ MB/);
  });
});
