import { parentPort } from 'node:worker_threads';
import { attempt } from './attempt.ts';
import { fuzzTargets } from './targets.ts';

// One thread of `npm run fuzz`: takes a target after another.
const targets = await fuzzTargets();
parentPort!.on('message', async ({ name, cases, seed }: { name: string; cases: number; seed: number }) => {
  const target = targets.find((one) => one.name === name)!;
  const from = performance.now();
  const found = await attempt(target, { cases, seed, beat: (done) => parentPort!.postMessage({ name, done }) });
  parentPort!.postMessage({ name, ended: true, ms: performance.now() - from, ...(found ? { found } : {}) });
});
parentPort!.postMessage({ ready: true });
