import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { type Cluster, startCluster } from '../../src/launcher/postgres.ts';
import { migrate } from '../../src/platform/migrate.ts';
import { seedPeople } from '../../src/sandbox.ts';
import { environmentOf, settingsOf } from './settings.ts';

declare module 'vitest' {
  interface ProvidedContext {
    clusterUrl: string;
  }
}

/** vitest's global set-up: one PostgreSQL for the run, with templates that each test file's database is copied from: the schema, and a sandbox with its people. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'senid-test-'));
  const cluster = await startCluster(folder, { fsync: 'off', max_connections: '200' });
  try {
    await makeTemplates(cluster, folder);
  } catch (error) {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  project.provide('clusterUrl', cluster.url('postgres'));
  return async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function makeTemplates(cluster: Cluster, folder: string): Promise<void> {
  const admin = new pg.Client({ connectionString: cluster.url('postgres') });
  await admin.connect();
  await admin.query('CREATE DATABASE template_senid');
  await migrate(cluster.url('template_senid'));
  await admin.query('CREATE DATABASE template_sandbox TEMPLATE template_senid STRATEGY file_copy');
  await admin.end();
  // Its passwords are hashed once, not once for each file.
  await seedPeople(settingsOf(environmentOf(cluster.url('template_sandbox'), 1024, folder, {})));
}
