import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCluster } from '../../src/launcher/postgres.ts';
import { createDatabase } from '../../src/platform/database.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { issuedBeyond, raceOfServers, startTwoServers, undone } from './of-servers.ts';
import { issuedTwice, KINDS, type Outcome, type RaceKind, race, startTwoProcesses } from './race.ts';

/**
 * `npm run race -- --pairs 10000 --kinds code,refresh`: pairs of each kind at two processes; fails if anything is issued twice.
 * The processes run the protocol and its storage alone; with `--real` they are two of the whole server.
 */
const { values } = parseArgs({
  options: {
    pairs: { type: 'string' },
    kinds: { type: 'string', default: KINDS.join() },
    real: { type: 'boolean', default: false },
  },
});
const pairs = Number(values.pairs ?? (values.real ? 1_000 : 10_000));
const kinds = KINDS.filter((kind) => values.kinds.split(',').includes(kind)) as RaceKind[];

const folder = await mkdtemp(join(tmpdir(), 'senid-race-'));
const cluster = await startCluster(folder, { fsync: 'off', max_connections: '100' });
let failed = false;
try {
  const url = cluster.url('postgres');
  await migrate(url);
  const two = values.real ? undefined : await startTwoProcesses(url);
  const real = values.real ? await startTwoServers(url, folder) : undefined;
  const line = ({ kind, pairs, once, never, twice, faults, met, seconds }: Outcome): void =>
    console.log(
      `${kind.padEnd(10)} ${pairs} pairs: once ${once}, never ${never}, twice ${twice}, faults ${faults}; ${met === undefined ? '' : `met in the database ${met}; `}${seconds} s`,
    );
  const outcomes = two
    ? await race(two, pairs, { kinds, told: line })
    : await raceOfServers(real!, pairs, { kinds, told: line });
  await (two ?? real!).stop();
  const database = createDatabase({ url });
  if (real) console.log(`${await undone(database)} met in the database`);
  const again = two ? await issuedTwice(database) : await issuedBeyond(database);
  await database.close();
  console.log('in the tables', JSON.stringify(again));
  failed =
    outcomes.some(({ twice, never, faults }) => twice + never + faults > 0) ||
    Object.values(again).some((count) => count !== 0);
  console.log(failed ? 'something was issued twice, or to nobody' : 'nothing was issued twice');
} finally {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
