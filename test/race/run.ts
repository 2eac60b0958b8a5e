import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startCluster } from '../../src/launcher/postgres.ts';
import { createDatabase } from '../../src/platform/database.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { issuedTwice, KINDS, type Outcome, type RaceKind, race, startTwoProcesses } from './race.ts';

/** `npm run race -- --pairs 10000 --kinds code,refresh`: pairs of each kind at two processes; fails if anything is issued twice. */
const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '10000' }, kinds: { type: 'string', default: KINDS.join() } },
});
const kinds = KINDS.filter((kind) => values.kinds.split(',').includes(kind)) as RaceKind[];

const folder = await mkdtemp(join(tmpdir(), 'senid-race-'));
const cluster = await startCluster(folder, { fsync: 'off', max_connections: '100' });
let failed = false;
try {
  const url = cluster.url('postgres');
  await migrate(url);
  const two = await startTwoProcesses(url);
  const line = ({ kind, pairs, once, never, twice, faults, met, seconds }: Outcome): void =>
    console.log(
      `${kind.padEnd(10)} ${pairs} pairs: once ${once}, never ${never}, twice ${twice}, faults ${faults}; met in the database ${met}; ${seconds} s`,
    );
  const outcomes = await race(two, Number(values.pairs), { kinds, told: line });
  await two.stop();
  const database = createDatabase({ url });
  const again = await issuedTwice(database);
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
