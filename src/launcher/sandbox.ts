import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { readSettings } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { Unfit } from '../config/unfit.ts';
import { migrate } from '../platform/migrate.ts';
import { sandboxFaults, seedSandbox } from '../sandbox.ts';
import { connectionFault, strangersIn } from '../serve/database-check.ts';
import { createChildren } from './children.ts';
import { holdFolder } from './lock.ts';
import { type Site, sitePorts } from './ports.ts';
import { type Cluster, startCluster } from './postgres.ts';
import { createProgress } from './progress.ts';
import { sampleCredentials, screen } from './screen.ts';
import { clusterFolder, sandboxSecrets, stateFolder } from './state-folder.ts';

/** What is started must be stopped: `undo` is called in the opposite order when the launcher ends. */
export interface Life {
  undo(step: () => unknown): void;
  /** Something that ran has ended by itself: everything must. */
  failed(sentence: string): void;
}

const source = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const SAMPLES = ['airline', 'bank', 'portal', 'clinic'] as const;

/** Ports, folder, PostgreSQL, schema, people, provider, samples; and then the screen with the `ready` line. */
export async function startSandbox({ undo, failed }: Life): Promise<void> {
  const from = performance.now();
  const progress = createProgress();
  const ports = await sitePorts(process.env.PORT);
  const state = stateFolder(process.env.STATE_FOLDER);
  undo(await holdFolder(state));
  const named = environment(state, ports, process.env.DATABASE_URL);
  // A DATABASE_URL that cannot be one is refused before anything is started.
  if (process.env.DATABASE_URL) settingsFrom(named);

  const folder = clusterFolder(state);
  const databaseUrl = await progress.step('PostgreSQL', async () => {
    if (process.env.DATABASE_URL) return await theirDatabase(settingsFrom(named));
    const cluster = await startCluster(folder);
    undo(() => cluster.stop());
    void cluster.ended.then(() => failed(`PostgreSQL has stopped; its words are in ${join(folder, 'log')}.`));
    return await ourDatabase(cluster);
  });
  const settings = settingsFrom({ ...named, DATABASE_URL: databaseUrl });
  await progress.step('schema', () => migrate(databaseUrl));
  await progress.step('invented people and relying parties', () => seedSandbox(settings));

  // For `senid … --sandbox`, as long as it is true. Secrets are in it, as they are in the file of secrets.
  const told = join(state, 'environment.json');
  writeFileSync(told, `${JSON.stringify({ ...named, DATABASE_URL: databaseUrl }, null, 2)}\n`, { mode: 0o600 });
  undo(() => rmSync(told, { force: true }));
  const children = createChildren(join(state, 'logs'), (name, why) => failed(`${name} has stopped: ${why}`));
  undo(() => children.stop());
  const { issuer } = settings;
  await progress.step('provider', () =>
    children.start('provider', source('main.ts'), `${issuer}/.well-known/openid-configuration`, {
      ...named,
      DATABASE_URL: databaseUrl,
    }),
  );
  const credentials = await sampleCredentials(issuer);
  await progress.step('four relying parties', () =>
    Promise.all(
      SAMPLES.map((name) =>
        children.start(name, source(`samples/${name}/main.ts`), `http://localhost:${ports[name]}/`, {
          ISSUER: issuer,
          PORT: String(ports[name]),
          ...credentials(`sample-${name}`),
        }),
      ),
    ),
  );
  const seconds = (performance.now() - from) / 1000;
  process.stdout.write(
    await screen({
      issuer,
      ports,
      state,
      cluster: process.env.DATABASE_URL ? undefined : folder,
      seconds,
      colour: progress.colour,
    }),
  );
}

/** What the provider is told. Whatever else the person has set (a brand, a log level) goes through. */
function environment(
  state: string,
  ports: Record<Site, number>,
  databaseUrl: string | undefined,
): Record<string, string> {
  const secrets = sandboxSecrets(state);
  const origins = [...SAMPLES.map((name) => ports[name]), 9999].map((port) => `http://localhost:${port}`);
  return {
    PROFILE: 'sandbox',
    ISSUER: `http://localhost:${ports.provider}`,
    HOST: '127.0.0.1',
    PORT: String(ports.provider),
    OPS_PORT: process.env.OPS_PORT ?? '0',
    SENID_MASTER_SECRET: secrets.masterSecret,
    COOKIE_KEYS: secrets.cookieKey,
    EGRESS_ALLOWED: origins.join(','),
    // A day of waiting is a quarter of an hour here.
    RECOVERY_WAIT_PERCENT: '1',
    AUDIT_CHECKPOINT_FOLDER: join(state, 'checkpoints'),
    SIGNING_KEY_FOLDER: join(state, 'keys'),
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
  };
}

function settingsFrom(environment: Record<string, string>): Settings {
  const read = readSettings({ ...process.env, ...environment });
  if ('settings' in read) return read.settings;
  throw new Unfit(...read.faults);
}

async function theirDatabase({ databaseUrl }: Settings): Promise<string> {
  const fault = await connectionFault(databaseUrl);
  if (fault) throw new Unfit(fault);
  const strangers = await strangersIn(databaseUrl, sandboxFaults);
  if (strangers.length > 0) throw new Unfit(...strangers);
  return databaseUrl.reveal();
}

async function ourDatabase(cluster: Cluster): Promise<string> {
  const client = new pg.Client({ connectionString: cluster.url('postgres') });
  await client.connect();
  const found = await client.query("SELECT FROM pg_database WHERE datname = 'senid'");
  if (found.rowCount === 0) await client.query('CREATE DATABASE senid');
  await client.end();
  return cluster.url('senid');
}
