import { fileURLToPath } from 'node:url';
import knex from 'knex';

/** Where the migrations stand, one change a file. */
const directory = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Brings the schema up to date under knex's lock; answers the names of the files that ran. */
export async function migrate(url: string): Promise<string[]> {
  const database = knex({
    client: 'pg',
    connection: { connectionString: url, lock_timeout: 5_000, application_name: 'senid migrate' } as never,
    pool: { min: 0, max: 2 },
    log: { warn: () => {}, error: () => {}, deprecate: () => {}, debug: () => {} },
    migrations: { directory, loadExtensions: ['.ts'], tableName: 'schema_migrations' },
  });
  try {
    const [, files] = (await database.migrate.latest()) as [number, string[]];
    return files;
  } finally {
    await database.destroy();
  }
}
