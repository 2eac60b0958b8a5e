import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase, type Database, type DatabaseOptions } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';

interface FreshOptions extends Omit<DatabaseOptions, 'url'> {
  /** What it is a copy of: the schema, or a sandbox with its people (`postgres.ts`). */
  readonly template?: 'template_senid' | 'template_sandbox';
}

/** A database of its own for this test file, migrated. `end` closes the pool and drops it. */
export async function freshDatabase({
  template = 'template_senid',
  ...options
}: FreshOptions = {}): Promise<{ database: Database; url: string; end: () => Promise<void> }> {
  const clusterUrl = inject('clusterUrl');
  const name = `test_${newId().replaceAll('-', '')}`;
  const admin = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: clusterUrl });
    await client.connect();
    await client.query(text);
    await client.end();
  };
  // Copying a template needs nobody else connected to it; files that start together take turns.
  for (let attempt = 1; ; attempt += 1) {
    try {
      await admin(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
      break;
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  const url = new URL(clusterUrl);
  url.pathname = `/${name}`;
  const database = createDatabase({ url: url.href, ...options });
  return {
    database,
    url: url.href,
    end: async () => {
      await database.close();
      await admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}
