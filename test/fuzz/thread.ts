import { Worker } from 'node:worker_threads';
import { type Batch, BENCHED, CASE, type Found, type Outcome } from './batch.ts';

/** Milliseconds that a thread may be at one case by the clock: whatever the machine does beside, it is a loop. */
const LOOP = 20_000;
const LOOK = 500;
/** The stack is that of the main thread of a server. */
const LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64, stackSizeMb: 1 };

/**
 * Lets a thread of bounded memory work through batches until `next` has no more, and watches it from outside. Ends with what
 * was found when a case threw, was slow, looped, or took too much memory.
 */
export async function work(
  next: () => Batch | undefined,
  told: (outcome: Outcome) => void,
): Promise<[Batch, Found] | undefined> {
  const shared = new SharedArrayBuffer(CASE.bytes + CASE.largest);
  const place = new Int32Array(shared, 0, CASE.bytes / 4);
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: shared, resourceLimits: LIMITS });
  let batch: Batch | undefined;
  const atHand = (): Uint8Array => {
    const length = Math.min(Atomics.load(place, CASE.length), CASE.largest);
    return new Uint8Array(shared, CASE.bytes, length).slice();
  };
  const { promise, resolve, reject } = Promise.withResolvers<[Batch, Found] | undefined>();
  const found = (what: string, bytes = atHand()): void =>
    batch ? resolve([batch, { bytes, what }]) : reject(new Error(what));

  let [seen, since] = [-1, performance.now()];
  const watch = setInterval(() => {
    const number = Atomics.load(place, CASE.number);
    if (number !== seen || Atomics.load(place, CASE.busy) === 0) [seen, since] = [number, performance.now()];
    else if (performance.now() - since > LOOP) found(`still at it after ${LOOP / 1000} s`);
  }, LOOK);
  worker.on('error', (error) => found(error.stack ?? error.message));
  worker.on('message', (said: Outcome | typeof BENCHED) => {
    if (said !== BENCHED) {
      told(said);
      if (said.found) return found(said.found.what, said.found.bytes);
    }
    batch = next();
    if (batch) worker.postMessage(batch);
    else resolve(undefined);
  });
  try {
    return await promise;
  } finally {
    clearInterval(watch);
    // A loop in native code ends with the process alone: nobody waits for it.
    void worker.terminate();
  }
}
