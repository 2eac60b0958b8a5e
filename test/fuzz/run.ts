import { randomInt } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { fuzzTargets } from './targets.ts';

/**
 * `npm run fuzz [-- --cases 5000000 --only NAME --seed N --json]`: malformed input for every parser of cards, certificates and
 * readers, spread over threads of bounded memory. Ends with 1 and the bytes in a file when a parser throws anything but its
 * refusal, loops, or holds more than it may.
 */
const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '5000000' },
    only: { type: 'string' },
    seed: { type: 'string', default: String(randomInt(2 ** 31 - 1)) },
    json: { type: 'boolean', default: false },
  },
});
/** A thread that says nothing for so long is in a loop. */
const SILENCE = 60_000;
const targets = (await fuzzTargets()).filter(({ name }) => !options.only || name.includes(options.only));
const weights = targets.reduce((sum, { weight }) => sum + weight, 0);
const seed = Number(options.seed);
// The costly ones first, so that no thread waits for one at the end.
const queue = targets
  .map(({ name, weight }) => ({ name, weight, cases: Math.ceil((Number(options.cases) * weight) / weights), seed }))
  .sort((one, other) => one.weight - other.weight);
const rows: { name: string; cases: number; seconds: number; found: boolean }[] = [];
const folder = mkdtempSync(join(tmpdir(), 'senid-fuzz-'));
const say = (line: string): void => void (options.json || console.log(line));

type Said =
  | { ready: true }
  | { name: string; done: number }
  | { name: string; ended: true; ms: number; found?: { bytes: Uint8Array; what: string } };

const thread = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 768, maxYoungGenerationSizeMb: 64 },
    });
    let current: (typeof queue)[number] | undefined;
    let silence: NodeJS.Timeout | undefined;
    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        reject(new Error(`${current?.name}: nothing was heard for ${SILENCE / 1000} s, seed ${seed}`));
        void worker.terminate();
      }, SILENCE);
    };
    const next = (): void => {
      current = queue.shift();
      if (current) {
        worker.postMessage(current);
        return;
      }
      clearTimeout(silence);
      void worker.terminate().then(() => resolve());
    };
    worker.on('error', (error) => {
      clearTimeout(silence);
      reject(new Error(`${current?.name}, seed ${seed}: ${error.message}`));
    });
    worker.on('message', (said: Said) => {
      heard();
      if ('ready' in said) return next();
      if (!('ended' in said)) return;
      const { cases = 0 } = current ?? {};
      rows.push({ name: said.name, cases, seconds: said.ms / 1000, found: said.found !== undefined });
      if (said.found) {
        const file = join(folder, `${said.name.replace(/\W+/g, '-')}.hex`);
        writeFileSync(file, Buffer.from(said.found.bytes).toString('hex'));
        say(`✗ ${said.name}: ${said.found.what}\n  ${file}`);
      } else
        say(
          `✓ ${said.name.padEnd(30)} ${String(cases).padStart(9)} cases ${(said.ms / 1000).toFixed(1).padStart(7)} s`,
        );
      next();
    });
  });

const from = performance.now();
let failed = false;
await Promise.all(Array.from({ length: Math.min(availableParallelism(), targets.length) }, thread)).catch((error) => {
  failed = true;
  say(`✗ ${error.message}`);
});
const cases = rows.reduce((sum, row) => sum + row.cases, 0);
const seconds = Math.round((performance.now() - from) / 100) / 10;
const bad = rows.filter(({ found }) => found).length;
if (options.json) console.log(JSON.stringify({ cases, seconds, seed, failed: failed || bad > 0, targets: rows }));
else console.log(`${cases} cases for ${rows.length} parsers in ${seconds} s, seed ${seed}: ${bad} found`);
process.exit(failed || bad > 0 ? 1 : 0);
