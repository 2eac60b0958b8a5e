import '../config/runtime.ts';
import { fileURLToPath } from 'node:url';
import { refuseToStart } from '../config/load.ts';
import { Unfit } from '../config/unfit.ts';
import { startSandbox } from './sandbox.ts';

/** `npm start`: everything the sandbox needs, in one process tree that ends when this one does. */
process.chdir(fileURLToPath(new URL('../..', import.meta.url)));

const undo: (() => unknown)[] = [];
let ending: Promise<void> | undefined;

/** Undoes what was done, the last first, once: a second Ctrl-C waits like the first. */
const undoAll = (): Promise<void> => {
  ending ??= (async () => {
    for (const step of undo.reverse()) await step();
  })();
  return ending;
};
const end = async (code: number): Promise<never> => {
  await undoAll();
  process.exit(code);
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (!ending) process.stdout.write('\n  stopping …\n');
    void end(0);
  });
}

// npm may be killed without a chance to tell us: then we have another parent, and nobody who would ever stop us.
const parent = process.ppid;
if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && void end(0), 500).unref();

try {
  await startSandbox({
    undo: (step) => void undo.push(step),
    failed: (sentence) => {
      if (ending) return;
      process.stderr.write(`${sentence}\n`);
      void end(1);
    },
  });
} catch (error) {
  // Told to stop while starting: whatever failed of that, failed because it was being undone.
  if (ending) await end(0);
  await undoAll();
  if (error instanceof Unfit) refuseToStart(error.faults);
  process.stderr.write(`SenID could not start. ${(error as Error).message}\n`);
  process.exit(1);
}
