import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startCluster } from '../../src/launcher/postgres.ts';
import { below, FLOOR_FROM } from './floor.ts';
import type { LaneOrder, LaneTold } from './lane.ts';

/**
 * `npm run life -- --steps 100000 --seed N --lanes N`: lives of accounts, from sign-up to death, in any order that fast-check
 * thinks of; after every step the invariants hold. Ends with 1, and the steps that lead to it, where one does not; and where a run
 * of some length never came to what it was to try.
 */
const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(randomInt(2 ** 30)) },
    lanes: { type: 'string', default: String(availableParallelism()) },
  },
});
const [steps, seed, lanes] = [options.steps, options.seed, options.lanes].map(Number) as [number, number, number];
if (![steps, seed, lanes].every(Number.isSafeInteger) || steps < 1 || lanes < 1) {
  console.error('--steps, --seed and --lanes are whole numbers');
  process.exit(64);
}

type Result = Extract<LaneTold, { walked: unknown }>;
/** Villages of two worlds never have one seed. */
const APART = 1_000_000;
/**
 * Steps of one world at most. Its clock only goes forward, by years in a thousand steps, and a card's last day has two digits for its
 * year (ICAO 9303-3 §4.8): a world ends, and another begins today, long before they are ambiguous.
 */
const WORLD = 10_000;
const reached = new Map<number, number>();
const began = performance.now();
const elapsed = (): number => Math.round((performance.now() - began) / 1000);

/** One lane to its end. */
function lane(at: number, order: LaneOrder): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./lane.ts', import.meta.url)), [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let result: Result | undefined;
    child.on('message', (told: LaneTold) => {
      if ('walked' in told) {
        result = told;
        // The other lanes go on to their end: what they find is worth as much.
        if (told.walked.found) console.log(`\n✗ ${told.walked.found}`);
      } else reached.set(at, told.steps);
    });
    child.on('exit', (code) => (result ? resolve(result) : reject(new Error(`lane ${at} ended with ${code}`))));
    child.send(order);
  });
}

const folder = await mkdtemp(join(tmpdir(), 'senid-life-'));
/** Nothing of it outlives the run; what dies in the middle is a connection, never the server. */
const cluster = await startCluster(folder, {
  ...{ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', wal_level: 'minimal', max_wal_senders: '0' },
  ...{ jit: 'off', shared_buffers: '256MB', max_wal_size: '2GB' },
  max_connections: String(30 * lanes + 10),
});
const line = setInterval(() => {
  console.log(`${[...reached.values()].reduce((sum, one) => sum + one, 0)} steps, ${elapsed()} s`);
}, 30_000);
let failed = true;
try {
  const admin = new pg.Client({ connectionString: cluster.url('postgres') });
  await admin.connect();
  const worlds = Math.ceil(steps / WORLD / lanes) * lanes;
  const results: Result[] = [];
  let next = 0;
  const inTurn = async (): Promise<void> => {
    while (next < worlds) {
      const at = next;
      next += 1;
      const name = `life_${at}`;
      await admin.query(`CREATE DATABASE ${name}`);
      const order = { url: cluster.url(name), steps: Math.ceil(steps / worlds), seed: seed + at * APART };
      results.push(await lane(at, order));
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, inTurn));
  await admin.end();
  const done = new Map<string, number>();
  for (const [what, count] of results.flatMap((one) => one.done)) done.set(what, (done.get(what) ?? 0) + count);
  for (const [what, count] of [...done].sort()) console.log(`${String(count).padStart(7)}  ${what}`);
  const sum = (of: (one: Result) => number): number => results.reduce((all, one) => all + of(one), 0);
  const villages = sum(({ walked }) => walked.villages);
  console.log(
    `seed ${seed}: ${sum(({ walked }) => walked.steps)} steps in ${villages} villages of ${worlds} worlds, ${lanes} lanes, ${elapsed()} s`,
  );
  if (results.some(({ intact }) => !intact)) console.log('✗ a journal is not intact');
  failed = results.some(({ walked, intact }) => walked.found !== undefined || !intact);
  const never = steps >= FLOOR_FROM && !failed ? below(done) : [];
  for (const one of never) console.log(`✗ never came to: ${one}`);
  if (!failed) console.log('everything held');
  failed ||= never.length > 0;
} finally {
  clearInterval(line);
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
