import '../config/runtime.ts';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { refuseToStart } from '../config/load.ts';
import { Unfit } from '../config/unfit.ts';
import { holdFolder } from './lock.ts';
import { clearStaleCluster } from './stale-cluster.ts';
import { clusterFolder, stateFolder } from './state-folder.ts';

/** `npm run reset`: forgets the sandbox, its people and its keys. Refuses while it runs. */
process.chdir(fileURLToPath(new URL('../..', import.meta.url)));

/** Everything the launcher ever writes into its folder, by name: a folder that somebody named by mistake keeps the rest. */
const OURS = ['postgres', 'secrets.json', 'environment.json', 'logs', 'keys', 'checkpoints', 'launcher.socket'];

try {
  const state = stateFolder(process.env.STATE_FOLDER);
  const letGo = await holdFolder(state);
  const cluster = clusterFolder(state);
  await clearStaleCluster(join(cluster, 'data'));
  rmSync(cluster, { recursive: true, force: true });
  for (const name of OURS) rmSync(join(state, name), { recursive: true, force: true });
  letGo();
  process.stdout.write(`The sandbox in ${state} is forgotten; npm start makes a new one.\n`);
} catch (error) {
  if (error instanceof Unfit) refuseToStart(error.faults);
  throw error;
}
