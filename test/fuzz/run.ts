import { randomInt } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Batch, batchesOf, type Found } from './batch.ts';
import { createTally } from './tally.ts';
import { TARGETS } from './targets.ts';
import { work } from './thread.ts';

/**
 * `npm run fuzz -- --cases 5000000 --only NAME,NAME --seed N --threads N --json`: malformed input for every parser of cards,
 * certificates and readers. Each case is read or refused, in a moment and in little memory. Ends with 1, and the bytes in a
 * file, when one is not.
 */
const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '5000000' },
    only: { type: 'string' },
    seed: { type: 'string', default: String(randomInt(2 ** 31 - 1)) },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
  },
});
const [cases, seed, threads] = [options.cases, options.seed, options.threads].map(Number) as [number, number, number];
const only = options.only?.split(',');
const chosen = TARGETS.filter(({ name }) => !only || only.some((part) => name.includes(part)));
if (chosen.length === 0 || ![cases, seed, threads].every(Number.isSafeInteger) || cases < 1 || threads < 1) {
  console.error(
    `--cases, --seed and --threads are whole numbers; --only is part of a name:\n${TARGETS.map(({ name }) => `  ${name}`).join('\n')}`,
  );
  process.exit(64);
}

const queue = batchesOf(chosen, cases, seed);
const tally = createTally({
  targets: chosen,
  cases: queue.reduce((sum, batch) => sum + batch.cases, 0),
  seed,
  json: options.json,
});
let found: [Batch, Found] | undefined;
const next = (): Batch | undefined => (found ? undefined : queue.shift());
const one = async (): Promise<void> => {
  const mine = await work(next, tally.add);
  found ??= mine;
};
// Promise.race would leave the others running: each stops at its next batch once something was found.
await Promise.all(Array.from({ length: Math.min(threads, queue.length) }, one));
tally.end();
if (found) {
  const [{ name }, { bytes, what }] = found;
  const file = join(mkdtempSync(join(tmpdir(), 'senid-fuzz-')), `${name.replace(/\W+/g, '-')}.hex`);
  writeFileSync(file, Buffer.from(bytes).toString('hex'));
  if (options.json) console.log(JSON.stringify({ found: name, what, file, seed }));
  else console.log(`\n✗ ${name}: ${what}\n  ${bytes.length} octets: ${file}`);
}
process.exit(found ? 1 : 0);
