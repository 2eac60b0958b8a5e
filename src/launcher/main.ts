import '../config/runtime.ts';
import { fileURLToPath } from 'node:url';
import { refuseToStart } from '../config/load.ts';
import { startSandbox } from './sandbox.ts';
import { Unfit } from './unfit.ts';

/** `npm start`: everything the sandbox needs, in one process tree that ends when this one does. */
process.chdir(fileURLToPath(new URL('../..', import.meta.url)));

const undo: (() => unknown)[] = [];
let ending: Promise<never> | undefined;

/** Undoes what was done, the last first, once; a second Ctrl-C waits like the first. */
const end = (code: number): Promise<never> => {
  ending ??= (async () => {
    for (const step of undo.reverse()) await step();
    process.exit(code);
  })();
  return ending;
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
      process.stderr.write(`${sentence}\n`);
      void end(1);
    },
  });
} catch (error) {
  if (!ending) {
    if (error instanceof Unfit) {
      await undoAll();
      refuseToStart([error.message]);
    }
    process.stderr.write(`SenID could not start. ${(error as Error).message}\n`);
    await end(1);
  }
}

async function undoAll(): Promise<void> {
  for (const step of undo.reverse()) await step();
}
