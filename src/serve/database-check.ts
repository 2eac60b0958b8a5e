import { createDatabase, type Database } from '../platform/database.ts';
import { EidError } from '../platform/errors.ts';
import { pendingMigrations } from '../platform/migrate.ts';
import type { Secret } from '../platform/secret.ts';
import { sql } from '../platform/sql.ts';

/** Something that must not be in a production database, one sentence each. Each domain part brings its own. */
export type ProductionCheck = (database: Database) => Promise<string[]>;

/** Why this database cannot be served from: unreachable, not migrated, or holding what production must not. */
export async function databaseFaults(url: Secret, checks: readonly ProductionCheck[] = []): Promise<string[]> {
  const unreachable = await connectionFault(url);
  if (unreachable) return [unreachable];
  const pending = await pendingMigrations(url.reveal());
  if (pending.length > 0) {
    return [`The database lacks ${pending.length} migrations, the first is ${pending[0]}: run senid migrate`];
  }
  const database = createDatabase({ url: url.reveal(), poolSize: 2, applicationName: 'senid start' });
  try {
    return (await Promise.all(checks.map((check) => check(database)))).flat();
  } finally {
    await database.close();
  }
}

/**
 * Why a sandbox must not even be put into this database: something else lives there, or what `check` finds. Asked before the
 * schema is made, so that nobody's database is touched by a wrong address.
 */
export async function strangersIn(url: Secret, check: ProductionCheck): Promise<string[]> {
  const database = createDatabase({ url: url.reveal(), poolSize: 1, applicationName: 'senid start' });
  try {
    const tables = await database.rows<{ name: string }>(
      sql`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema()`,
    );
    const names = new Set(tables.map(({ name }) => name));
    if (names.size === 0) return [];
    if (!names.has('schema_migrations')) {
      return ['DATABASE_URL names a database that holds tables of something else: give the sandbox an empty one.'];
    }
    return names.has('subscribers') && names.has('clients') ? await check(database) : [];
  } finally {
    await database.close();
  }
}

/** One sentence when no statement can be sent there, none when it can. The address is shown without its password. */
export async function connectionFault(url: Secret): Promise<string | undefined> {
  const { hostname, port, pathname, username } = new URL(url.reveal());
  const place = `${hostname || 'the local socket'}${port && `:${port}`}`;
  const database = createDatabase({ url: url.reveal(), poolSize: 1, acquireTimeout: 5_000 });
  try {
    await database.row(sql`SELECT 1`);
    return undefined;
  } catch (error) {
    const cause = (error instanceof EidError ? error.cause : error) as { code?: string; message?: string };
    return `DATABASE_URL: ${explain(cause, { place, user: username, name: pathname.slice(1) })}`;
  } finally {
    await database.close();
  }
}

/**
 * What the role of this connection could undo of what the database itself holds in place: who owns a table switches its triggers off,
 * and with them the append-only journal and the rule of two people.
 */
export async function roleWarnings(url: Secret): Promise<string[]> {
  const database = createDatabase({ url: url.reveal(), poolSize: 1, applicationName: 'senid doctor' });
  try {
    const row = await database.row<{ role: string; mighty: boolean }>(sql`
      SELECT current_user AS role, rolsuper OR has_parameter_privilege('session_replication_role', 'SET')
        OR EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
          AND pg_has_role(relowner, 'MEMBER')) AS mighty
      FROM pg_roles WHERE rolname = current_user`);
    return row?.mighty
      ? [
          `${row.role} owns tables or may switch triggers off, the journal's among them: serve as a role that owns nothing (README, In production)`,
        ]
      : [];
  } finally {
    await database.close();
  }
}

/** How far the clock of the database is from ours; codes and leases are measured with both. */
export async function clockFaults(url: Secret): Promise<string[]> {
  const database = createDatabase({ url: url.reveal(), poolSize: 1, applicationName: 'senid doctor' });
  try {
    const asked = Date.now();
    const row = await database.row<{ now: Date }>(sql`SELECT clock_timestamp() AS now`);
    const apart = Math.abs((row?.now.getTime() ?? asked) - (asked + Date.now()) / 2);
    return apart > 2_000 ? [`it and this one are ${Math.round(apart / 1000)} s apart: synchronise both`] : [];
  } finally {
    await database.close();
  }
}

/** PostgreSQL's and the socket's own codes, in a sentence that says what to look at. */
function explain(
  { code = '', message = '' }: { code?: string; message?: string },
  { place, user, name }: { place: string; user: string; name: string },
): string {
  const sentences: Record<string, string> = {
    ECONNREFUSED: `nothing listens at ${place}; is PostgreSQL running?`,
    ENOTFOUND: `no machine is called ${place}`,
    EAI_AGAIN: `the name ${place} cannot be looked up`,
    ENOENT: `there is no socket at ${place}`,
    ETIMEDOUT: `${place} does not answer`,
    '28P01': `PostgreSQL at ${place} refuses the password of ${user || 'the user'}`,
    '28000': `PostgreSQL at ${place} does not let ${user || 'the user'} in`,
    '3D000': `PostgreSQL at ${place} has no database called ${name || user}`,
    '53300': `PostgreSQL at ${place} has no free connection`,
    '57P03': `PostgreSQL at ${place} is starting or stopping; try again`,
  };
  const known = sentences[code];
  if (known) return known;
  if (/SSL|certificate/i.test(message)) return `TLS with ${place} fails: ${message}`;
  return `PostgreSQL at ${place} does not answer${code ? ` (${code})` : ''}`;
}
