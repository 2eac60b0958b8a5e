import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { findOrInstallChromium } from './support/chromium.ts';

/**
 * `npm test`: everything, one turn after another, and at the end one line for each step and one of figures. A check without
 * tests of its own (types, lint) counts as one. `npm test -- unit security` runs those steps only.
 */
interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  /** Of a step that shares its turn: from its first file to its last. */
  seconds?: number;
  note?: string;
  /** The tests that failed, each with the first line of why. */
  names?: readonly string[];
}
/** Steps that are done together; a turn `beside` the next ones says what it has to say when it is over. */
interface Turn {
  readonly steps: readonly string[];
  /** Of those of its steps that are wanted. */
  run(steps: readonly string[]): Promise<Outcome[]>;
  readonly beside?: true;
}

/** A step of tests: the vitest project they are of, and what their paths begin with. */
const SUITES: Readonly<Record<string, { readonly project: string; readonly paths: readonly string[] }>> = {
  architecture: { project: 'unit', paths: ['test/architecture/'] },
  unit: { project: 'unit', paths: ['test/unit/', 'test/vectors/'] },
  integration: { project: 'integration', paths: ['test/integration/', 'test/conformance/'] },
  security: { project: 'security', paths: ['test/security/'] },
  timed: { project: 'timed', paths: ['test/security/'] },
  e2e: { project: 'e2e', paths: ['test/e2e/', 'test/security/browser/'] },
};

// Steps of one turn are one run of vitest: the databases are made and the modules loaded once, and no worker waits for the last
// file of one step while the next has not begun. What measures time, and what has browsers, has the machine to itself.
const turns: Turn[] = [
  { steps: ['types'], run: () => check('tsc', ['--noEmit', '-p', '.'], 'pipe'), beside: true },
  { steps: ['lint'], run: () => check('biome', ['check', '--error-on-warnings', '--max-diagnostics=50']) },
  { steps: ['architecture', 'unit'], run: suites },
  { steps: ['integration', 'security'], run: suites },
  { steps: ['timed'], run: suites },
  { steps: ['e2e'], run: inBrowser },
];

/** The running steps' processes; they are told when we are. */
const running = new Set<ChildProcess>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const each of running) each.kill(signal);
    process.exit(130);
  });
}

const execute = (program: string, words: readonly string[], out: 'inherit' | 'pipe' = 'inherit'): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(join('node_modules/.bin', program), words, { stdio: ['inherit', out, out], env: process.env });
    running.add(child);
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => said.push(chunk));
    const end = (code: number): void => {
      running.delete(child);
      process.stdout.write(Buffer.concat(said));
      resolve(code);
    };
    child.on('error', () => end(1));
    child.on('close', (code) => end(code ?? 1));
  });

async function check(program: string, words: readonly string[], out?: 'pipe'): Promise<Outcome[]> {
  const failed = (await execute(program, words, out)) === 0 ? 0 : 1;
  return [{ passed: 1 - failed, failed, skipped: 0 }];
}

/** One run of vitest, counted from its own report, step by step. No test that ran, or a fault outside any test, is a failure too. */
async function suites(steps: readonly string[]): Promise<Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'senid-report-'));
  const file = join(folder, 'report.json');
  const wanted = steps.map((step) => SUITES[step]!);
  const projects = [...new Set(wanted.map(({ project }) => project))];
  const code = await execute('vitest', [
    'run',
    ...projects.map((project) => `--project=${project}`),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...wanted.flatMap(({ paths }) => paths),
  ]);
  const report = read(file);
  rmSync(folder, { recursive: true, force: true });
  const outcomes = wanted.map(({ paths }) => ofFiles(report.testResults?.filter((one) => isBelow(one, paths)) ?? []));
  // Whose it was nobody says: the first step of the turn has it.
  if (code !== 0 && outcomes.every(({ failed }) => failed === 0))
    Object.assign(outcomes[0]!, { failed: 1, note: 'fault outside a test' });
  return outcomes;
}

const isBelow = ({ name }: FileReport, paths: readonly string[]): boolean =>
  paths.some((path) => relative(process.cwd(), name).startsWith(path));

/** What the files of a step came to. */
function ofFiles(files: readonly FileReport[]): Outcome {
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const count = (...states: readonly string[]): number => tests.filter(({ status }) => states.includes(status)).length;
  // A file that fails without a test that did: it could not be loaded, or made ready.
  const unfit = files.filter((one) => one.status === 'failed' && !one.assertionResults.some(isFailed)).length;
  const [passed, failed] = [count('passed'), count('failed') + unfit];
  const seconds =
    (Math.max(...files.map((one) => one.endTime)) - Math.min(...files.map((one) => one.startTime))) / 1000;
  const counts = { passed, failed, skipped: count('skipped', 'pending', 'todo', 'disabled'), seconds };
  return passed + failed === 0
    ? { ...counts, failed: 1, seconds: 0, note: 'no test ran' }
    : { ...counts, names: failures(files) };
}

interface FileReport {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages?: readonly string[];
  }[];
}
interface Report {
  readonly testResults?: readonly FileReport[];
}

const isFailed = ({ status }: { readonly status: string }): boolean => status === 'failed';
const firstLine = (text = ''): string => text.split('\n', 1)[0]?.slice(0, 200) ?? '';

/** What failed, once more at the end: whoever sees the last page of a long run learns what it was. */
const failures = (files: readonly FileReport[]): string[] =>
  files.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter(isFailed);
    if (failed.length === 0) return status === 'failed' ? [`${file}: ${firstLine(message)}`] : [];
    return failed.map((each) => `${file}: ${each.fullName}: ${firstLine(each.failureMessages?.[0])}`);
  });

const read = (file: string): Report => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
};

async function inBrowser(steps: readonly string[]): Promise<Outcome[]> {
  const found = findOrInstallChromium();
  if (!found.path) return [{ passed: 0, failed: 1, skipped: 0, note: found.problem ?? '' }];
  process.env.CHROMIUM_PATH = found.path;
  return suites(steps);
}

const inRepository = (): boolean => spawnSync('git', ['rev-parse', '--git-dir'], { stdio: 'ignore' }).status === 0;

const asked = process.argv.slice(2);
const known = turns.flatMap(({ steps }) => steps);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`No step is called ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  process.exit(64);
}
if (!inRepository()) console.log('(not a git repository: lint looks at every file, ignored ones included)');

const from = performance.now();
/** What the steps of a turn came to, with the seconds they took. */
const timed = async (turn: Turn, steps: readonly string[]) => {
  const began = performance.now();
  const outcomes = await turn.run(steps);
  const seconds = (performance.now() - began) / 1000;
  return outcomes.map((one, at) => ({ name: steps[at]!, seconds, ...(steps.length > 1 ? one : { ...one, seconds }) }));
};
const begun: ReturnType<typeof timed>[] = [];
for (const turn of turns) {
  const steps = turn.steps.filter((name) => asked.length === 0 || asked.includes(name));
  if (steps.length === 0) continue;
  const title = steps.join(', ');
  if (!turn.beside) console.log(`\n── ${title} ${'─'.repeat(70 - title.length)}`);
  const outcome = timed(turn, steps);
  begun.push(outcome);
  if (!turn.beside) await outcome;
}
const outcomes = (await Promise.all(begun)).flat();
const rows = outcomes.map(({ name, seconds, passed, failed, skipped, note }) => {
  const more = `${skipped > 0 ? `, ${skipped} skipped` : ''}${note ? `: ${note}` : ''}`;
  const took = `${seconds.toFixed(0)} s`.padStart(6);
  return `${failed > 0 ? '✗' : '✓'} ${name.padEnd(13)} ${took}  ${passed} passed, ${failed} failed${more}`;
});
const sum = (of: 'passed' | 'failed' | 'skipped'): number => outcomes.reduce((total, each) => total + each[of], 0);
const names = outcomes.flatMap((each) => each.names ?? []);
console.log(`\n${rows.join('\n')}\n`);
if (names.length > 0) console.log(`${names.map((name) => `✗ ${name}`).join('\n')}\n`);
if (sum('skipped') > 0) console.log(`${sum('skipped')} skipped`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed in ${((performance.now() - from) / 1000).toFixed(0)} s`);
process.exitCode = sum('failed') > 0 ? 1 : 0;
