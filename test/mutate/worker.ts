import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Mutant } from './mutants.ts';

/** One after another, each mutant in modules of its own: the tests run until one of them fails. */
export interface Task {
  /** Nothing: the sources as they are. */
  readonly mutant?: Mutant;
  /** Test files, in this order. */
  readonly tests: readonly string[];
  readonly bail: boolean;
}
export interface Result {
  /** The tests that failed; with `bail` the first one. */
  readonly failed: readonly string[];
  readonly ran: number;
  /** Milliseconds, by test file. */
  readonly times: Readonly<Record<string, number>>;
}

const root = pathToFileURL(`${process.cwd()}/`).href;
const OURS = ['src/domain/assurance/', 'src/standards/canonical-json.ts', 'test/unit/domain/assurance/'];
const shim = new URL('./vitest-here.ts', import.meta.url).href;

let run = 0;
let mutated: { readonly url: string; readonly text: string } | undefined;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'vitest') return { url: shim, shortCircuit: true };
    const found = next(specifier, context);
    const ours = OURS.some((place) => found.url.startsWith(root + place));
    return ours ? { ...found, url: `${found.url.split('?')[0]}?run=${run}` } : found;
  },
  load(url, context, next) {
    const bare = url.split('?')[0]!;
    if (mutated?.url === bare) return { format: 'module-typescript', source: mutated.text, shortCircuit: true };
    return next(url, context);
  },
});

const { collectedTests } = await import('./vitest-here.ts');
const { configureGlobal } = (await import('fast-check')).default;
// The same cases each time: what killed a mutant once kills it again.
configureGlobal({ seed: 20261128 });

async function perform({ mutant, tests, bail }: Task): Promise<Result> {
  run += 1;
  mutated = mutant && { url: pathToFileURL(join(process.cwd(), mutant.file)).href, text: textOf(mutant) };
  const failed: string[] = [];
  const times: Record<string, number> = {};
  let ran = 0;
  for (const file of tests) {
    const began = performance.now();
    collectedTests();
    try {
      await import(`${pathToFileURL(join(process.cwd(), file)).href}?run=${run}`);
    } catch (error) {
      // A module that cannot even be loaded: its first use is the test that fails.
      failed.push(`${basename(file)}: ${error instanceof Error ? error.message : String(error)}`);
    }
    for (const { name, body } of collectedTests()) {
      if (bail && failed.length > 0) break;
      ran += 1;
      try {
        await body();
      } catch {
        failed.push(`${basename(file)}: ${name}`);
      }
    }
    times[file] = Math.round(performance.now() - began);
    if (bail && failed.length > 0) break;
  }
  return { failed, ran, times };
}

const textOf = ({ file, start, end, to }: Mutant): string => {
  const text = readFileSync(fileURLToPath(new URL(file, root)), 'utf8');
  return text.slice(0, start) + to + text.slice(end);
};

process.on('message', (task: Task) => {
  void perform(task).then((result) => process.send!(result));
});
process.send!('ready');
