import { globSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EQUIVALENT, reasonToLeaveOut } from './equivalent.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { performAll } from './pool.ts';
import type { Result, Task } from './worker.ts';

/**
 * `npm run mutate -- --json --only evaluate`: changes `domain/assurance` in every place, one at a time, and runs its unit tests. A
 * change that no test sees is a survivor, told with its line, and the run fails. Rows of the policy are changed by the tests
 * themselves (`rows.test.ts`), in which the row's own test has to fail; here they are changed as source besides.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    /** Part of a file's path. */
    only: { type: 'string', default: '' },
    processes: { type: 'string', default: '2' },
  },
});
const began = performance.now();
const sources = globSync('src/domain/assurance/**/*.ts')
  .sort()
  .filter((file) => !file.endsWith('/index.ts'));
/** They take from ten seconds to a minute and are not asked: what they alone would see has to be seen by a test of its own. */
const SLOW = ['matrix', 'properties', 'policy-mutation'];
/** The quick ones first: nine of ten mutants never get to it. */
const LAST = ['rows'];
const isAny = (file: string, names: readonly string[]): boolean =>
  names.includes(file.replace(/.*\/|\.test\.ts$/g, ''));
const tests = globSync('test/unit/domain/assurance/**/*.test.ts')
  .filter((file) => !isAny(file, SLOW))
  .sort((a, b) => Number(isAny(a, LAST)) - Number(isAny(b, LAST)));

const counted = new Map<string, number>();
const mutants = sources
  .filter((file) => file.includes(values.only))
  .flatMap((file) => mutantsOf(file, readFileSync(file, 'utf8')))
  .map((mutant) => {
    const alike = `${mutant.file} ${mutant.from} ${mutant.to}`;
    const nth = counted.get(alike) ?? 0;
    counted.set(alike, nth + 1);
    return { mutant, equivalent: reasonToLeaveOut(mutant, nth) };
  });
const tried = mutants.filter(({ equivalent }) => equivalent === undefined).map(({ mutant }) => mutant);
const leftOut = mutants.length - tried.length;

const say = (line: string): void => {
  if (!values.json) console.log(line);
};
const at = ({ file, line, from, to }: Mutant): string => `${file}:${line}: ${from} → ${to}`;
/** What saw the last mutant of a file will probably see the next. */
const lastSeenBy = new Map<string, string>();
const task = (mutant?: Mutant): Task => {
  const first = mutant && lastSeenBy.get(mutant.file);
  const order = first === undefined ? tests : [first, ...tests.filter((file) => file !== first)];
  return { ...(mutant ? { mutant } : {}), tests: order, bail: mutant !== undefined };
};
const survivors: Mutant[] = [];
const killedBy = new Map<string, number>();
let timedOut = 0;
let broken: readonly string[] = [];
let asTheyAre = 0;

// The sources as they are: a test that fails without a mutant would kill every one of them.
await performAll([undefined], { taskOf: () => task(), processes: 1, limit: 300_000 }, (_, done) => {
  if (!done.ended) broken = [done.why];
  else {
    broken = done.result.failed;
    asTheyAre = Object.values(done.result.times).reduce((sum, one) => sum + one, 0);
    say(`${done.result.ran} tests of ${tests.length} files, ${asTheyAre} ms`);
    for (const [file, time] of Object.entries(done.result.times)) say(`  ${file} ${time} ms`);
  }
});
if (broken.length > 0) {
  console.error(`the tests fail as they are:\n${broken.join('\n')}`);
  process.exit(1);
}

/** Those whose tests came to no end. */
const endless: Mutant[] = [];
const seen = (mutant: Mutant, { failed }: Result): void => {
  if (failed.length === 0) {
    survivors.push(mutant);
    say(`survived ${at(mutant)}`);
    return;
  }
  const by = failed[0]!.split(':')[0]!;
  lastSeenBy.set(mutant.file, tests.find((file) => file.endsWith(`/${by}`))!);
  killedBy.set(by, (killedBy.get(by) ?? 0) + 1);
};
const limit = 20_000 + 3 * asTheyAre;
await performAll(tried, { taskOf: task, processes: Number(values.processes), limit }, (mutant, done) => {
  if (done.ended) seen(mutant, done.result);
  else endless.push(mutant);
});
// What a busy machine had no time for, or no memory, is tried once more and alone. What then runs on for ever was seen; a process
// that went away says nothing of its mutant.
await performAll(endless, { taskOf: task, processes: 1, limit: 3 * limit }, (mutant, done) => {
  if (done.ended) seen(mutant, done.result);
  else if (done.gone) {
    survivors.push(mutant);
    say(`nobody knows of ${at(mutant)}: ${done.why}`);
  } else timedOut += 1;
});

const killed = tried.length - survivors.length;
const score = tried.length === 0 ? 0 : Math.floor((10_000 * killed) / tried.length) / 100;
const seconds = Math.round((performance.now() - began) / 1000);
if (values.json)
  console.log(
    JSON.stringify(
      {
        ...{
          mutants: mutants.length,
          equivalent: leftOut,
          killed,
          timedOut,
          survived: survivors.length,
          score,
          seconds,
        },
        killedBy: Object.fromEntries([...killedBy].sort((a, b) => b[1] - a[1])),
        survivors: survivors.map(({ file, line, from, to }) => ({ file, line, from, to })),
        leftOut: EQUIVALENT,
      },
      null,
      2,
    ),
  );
else {
  for (const [by, count] of [...killedBy].sort((a, b) => b[1] - a[1])) say(`  ${by} saw ${count}`);
  say(`${mutants.length} mutants, ${leftOut} equivalent, ${killed} killed (${timedOut} of them without an end)`);
  say(`${survivors.length} survived: ${score} % in ${seconds} s`);
}
if (survivors.length > 0 || tried.length === 0) process.exitCode = 1;
