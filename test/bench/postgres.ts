import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startCluster } from '../../src/launcher/postgres.ts';
import { migrate } from '../../src/platform/migrate.ts';

/** A migrated database of its own, with the durability that production has (fsync on). */
export async function startPostgres(): Promise<{ url: string; pid: number; stop(): Promise<void> }> {
  // A folder of its own: started by root, PostgreSQL runs as somebody who cannot enter root's.
  const data = await mkdtemp(join(tmpdir(), 'senid-bench-postgres-'));
  const forget = () => rm(data, { recursive: true, force: true });
  const cluster = await startCluster(data).catch(async (error) => {
    await forget();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await cluster.stop();
    await forget();
  };
  try {
    const client = new pg.Client({ connectionString: cluster.url('postgres') });
    await client.connect();
    await client.query('CREATE DATABASE senid');
    await client.end();
    await migrate(cluster.url('senid'));
    return { url: cluster.url('senid'), pid: cluster.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
