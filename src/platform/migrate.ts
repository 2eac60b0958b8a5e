import { fileURLToPath } from 'node:url';
import knex, { type Knex } from 'knex';

/** Where the migrations stand, one change a file. */
const directory = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Brings the schema up to date under knex's lock; answers the names of the files that ran. Each is told as it begins. */
export const migrate = (url: string, begins: (file: string) => void = () => {}): Promise<string[]> =>
  withKnex(url, async (database) => {
    const beforeEach = async (_: unknown, [migration]: unknown[]) => begins((migration as { file: string }).file);
    const [, files] = (await database.migrate.latest({ beforeEach })) as [number, string[]];
    return files;
  });

/** The migrations that this version brings and the database lacks. A newer database is fine: N and N+1 share one schema. */
export const pendingMigrations = (url: string): Promise<string[]> =>
  withKnex(url, async (database) => {
    const [, pending] = (await database.migrate.list()) as [unknown[], { file: string }[]];
    return pending.map(({ file }) => file);
  });

async function withKnex<T>(url: string, work: (database: Knex) => Promise<T>): Promise<T> {
  const database = knex({
    client: 'pg',
    connection: { connectionString: url, lock_timeout: 5_000, application_name: 'senid migrate' } as never,
    pool: { min: 0, max: 2 },
    log: { warn: () => {}, error: () => {}, deprecate: () => {}, debug: () => {} },
    migrations: {
      directory,
      loadExtensions: ['.ts'],
      tableName: 'schema_migrations',
      disableMigrationsListValidation: true,
    },
  });
  try {
    return await work(database);
  } finally {
    await database.destroy();
  }
}
