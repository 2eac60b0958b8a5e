import { expect, test } from 'vitest';
import { attempt } from '../fuzz/attempt.ts';
import { fuzzTargets } from '../fuzz/targets.ts';

// `npm run fuzz` gives these parsers five million; here each gets a few hundred, with a new seed each time.
const targets = await fuzzTargets();
const cases = Number(process.env.FUZZ_RUNS ?? 400);

test.each(targets)('$name answers or refuses, whatever comes', async (target) => {
  const found = await attempt(target, { cases, seed: Math.floor(Math.random() * 2 ** 31) });
  expect(found && `${found.what}\n${found.bytes.toString('hex')}`).toBeUndefined();
});

test('a parser that throws, and one that loops, are found', async () => {
  const broken = { name: 'broken', seeds: [Buffer.alloc(4)], weight: 1 };
  const throwing = { ...broken, parse: (bytes: Buffer) => bytes.readUInt32BE(1_000) };
  expect((await attempt(throwing, { cases: 10, seed: 1 }))?.what).toContain('RangeError');
  const slow = {
    ...broken,
    parse: () => {
      for (const end = performance.now() + 300; performance.now() < end; );
    },
  };
  expect((await attempt(slow, { cases: 1, seed: 1 }))?.what).toContain('took');
});
