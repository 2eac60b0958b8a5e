import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { findOrInstallChromium } from './support/chromium.ts';

/**
 * `npm test`: everything, one step after another, and at the end one line for each and one of figures. A check without
 * tests of its own (types, lint) counts as one. `npm test -- unit security` runs those steps only.
 */
interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  note?: string;
  /** The tests that failed, each with the first line of why. */
  names?: readonly string[];
}
/** A step `beside` the next ones says what it has to say when it is over. */
type Step = [name: string, run: () => Promise<Outcome>, beside?: 'beside'];

const steps: Step[] = [
  ['types', () => check('tsc', ['--noEmit', '-p', '.'], 'pipe'), 'beside'],
  ['lint', () => check('biome', ['check', '--error-on-warnings', '--max-diagnostics=50'])],
  ['architecture', () => suite('unit', ['test/architecture/'])],
  ['unit', () => suite('unit', ['test/unit/', 'test/vectors/'])],
  ['integration', () => suite('integration', [])],
  ['security', () => suite('security', [])],
  ['timed', () => suite('timed', [])],
  ['e2e', () => inBrowser(() => suite('e2e', []))],
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

async function check(program: string, words: readonly string[], out?: 'pipe'): Promise<Outcome> {
  const failed = (await execute(program, words, out)) === 0 ? 0 : 1;
  return { passed: 1 - failed, failed, skipped: 0 };
}

/** One vitest project, counted from its own report. No test that ran, or a fault outside any test, is a failure too. */
async function suite(project: string, words: readonly string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'senid-report-'));
  const file = join(folder, 'report.json');
  const code = await execute('vitest', [
    'run',
    `--project=${project}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...words,
  ]);
  const report = read(file);
  rmSync(folder, { recursive: true, force: true });
  const passed = report.numPassedTests ?? 0;
  const skipped = (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
  let failed = report.numFailedTests ?? 0;
  if (failed === 0 && passed === 0) return { passed, failed: 1, skipped, note: 'no test ran' };
  if (failed === 0 && code !== 0) failed = 1;
  const note = code !== 0 && !report.numFailedTests ? { note: 'fault outside a test' } : {};
  return { passed, failed, skipped, ...note, names: failures(report) };
}

interface Report {
  numPassedTests?: number;
  numFailedTests?: number;
  numPendingTests?: number;
  numTodoTests?: number;
  testResults?: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
}

const firstLine = (text = ''): string => text.split('\n', 1)[0]?.slice(0, 200) ?? '';

/** What failed, once more at the end: whoever sees the last page of a long run learns what it was. */
const failures = (report: Report): string[] =>
  (report.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter((each) => each.status === 'failed');
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

async function inBrowser(run: () => Promise<Outcome>): Promise<Outcome> {
  const found = findOrInstallChromium();
  if (!found.path) return { passed: 0, failed: 1, skipped: 0, note: found.problem ?? '' };
  process.env.CHROMIUM_PATH = found.path;
  return run();
}

const inRepository = (): boolean => spawnSync('git', ['rev-parse', '--git-dir'], { stdio: 'ignore' }).status === 0;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some(([known]) => known === name));
if (unknown.length > 0) {
  console.error(`No step is called ${unknown.join(', ')}. There are: ${steps.map(([name]) => name).join(', ')}.`);
  process.exit(64);
}
if (!inRepository()) console.log('(not a git repository: lint looks at every file, ignored ones included)');

const from = performance.now();
/** What a step came to, with the seconds it took. */
const timed = async ([name, run]: Step) => {
  const began = performance.now();
  return { name, ...(await run()), seconds: (performance.now() - began) / 1000 };
};
const begun: ReturnType<typeof timed>[] = [];
for (const step of steps.filter(([name]) => wanted.length === 0 || wanted.includes(name))) {
  const [name, , beside] = step;
  if (!beside) console.log(`\n── ${name} ${'─'.repeat(70 - name.length)}`);
  const outcome = timed(step);
  begun.push(outcome);
  if (!beside) await outcome;
}
const outcomes = await Promise.all(begun);
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
