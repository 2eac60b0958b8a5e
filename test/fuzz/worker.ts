import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import { attempt, TooMuch } from './attempt.ts';
import { type Batch, BENCHED, CASE, type Outcome } from './batch.ts';
import { mutants } from './mutations.ts';
import { TARGETS } from './targets.ts';

// One thread of `npm run fuzz`: takes a batch after another. What it is at stands in shared memory before it is tried, so that
// bytes which loop, or take all memory, are known to those outside.
const shared = workerData as SharedArrayBuffer;
const place = new Int32Array(shared, 0, CASE.bytes / 4);
const input = new Uint8Array(shared, CASE.bytes);
const made = new Map<string, Promise<fc.Arbitrary<Buffer>>>();

const arbitraryOf = (name: string): Promise<fc.Arbitrary<Buffer>> => {
  const known = made.get(name) ?? Promise.resolve(target(name).seeds()).then(mutants);
  made.set(name, known);
  return known;
};
const target = (name: string) => TARGETS.find((one) => one.name === name)!;

/**
 * What a thread may hold, octets, looked at after so many cases: with it the largest list of a country is read many times
 * over.
 */
const MOST_HELD = 512 * 1024 * 1024;
const LOOK_EVERY = 100;
const held = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
/** Milliseconds for finding a smaller case that fails as well. */
const SHRINKING = 30_000;

async function run({ name, cases, seed }: Batch): Promise<Outcome> {
  const { parse } = target(name);
  const counts: Record<string, number> = {};
  const arbitrary = await arbitraryOf(name);
  const before = process.threadCpuUsage();
  let tried = 0;
  const property = fc.asyncProperty(arbitrary, async (bytes) => {
    input.set(bytes.subarray(0, input.length));
    place[CASE.length] = bytes.length;
    Atomics.add(place, CASE.number, 1);
    Atomics.store(place, CASE.busy, 1);
    const code = (await attempt(parse, bytes)) ?? 'read';
    Atomics.store(place, CASE.busy, 0);
    counts[code] = (counts[code] ?? 0) + 1;
    tried += 1;
    if (tried % LOOK_EVERY === 0 && held() > MOST_HELD) throw new TooMuch(`the thread holds ${held() >> 20} MB`);
  });
  let details = await fc.check(property, { numRuns: cases, seed, endOnFailure: true });
  const { failed, numRuns, errorInstance: error, counterexamplePath: path } = details;
  // What took too much would take it again and again while a smaller case is looked for.
  if (failed && path !== null && !(error instanceof TooMuch)) {
    const smaller = await fc.check(property, { seed, path, interruptAfterTimeLimit: SHRINKING });
    if (smaller.failed && smaller.counterexample) details = smaller;
  }
  Atomics.store(place, CASE.busy, 0);
  const { user, system } = process.threadCpuUsage(before);
  const outcome = { name, cases: numRuns, counts, cpuMs: (user + system) / 1000, heldBytes: held() };
  if (!details.failed) return outcome;
  const { errorInstance, counterexample } = details;
  const what = errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance);
  return { ...outcome, found: { bytes: counterexample?.[0] ?? Buffer.alloc(0), what } };
}

parentPort!.on('message', async (batch: Batch) => parentPort!.postMessage(await run(batch)));
parentPort!.postMessage(BENCHED);
