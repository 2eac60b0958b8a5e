import type { Database } from '../../src/platform/database.ts';
import { type Sql, sql } from '../../src/platform/sql.ts';

/**
 * One statement that answers a digest of every row of every table: the same before and after means that nothing happened. That
 * something was refused is told in the journal, and is nothing.
 */
export async function wholeDatabase(database: Database): Promise<() => Promise<string>> {
  const tables = await database.rows<{ name: string }>(sql`
    SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`);
  const rows = (name: string) =>
    sql.raw(/^journal(_incoming)?$/.test(name) ? `${name} x WHERE type <> 'operator.refused'` : `${name} x`);
  const digests: Sql[] = tables.map(
    ({ name }) => sql`SELECT md5(coalesce(string_agg(x::text, '|' ORDER BY x::text), '')) FROM ${rows(name)}`,
  );
  const all = sql.join(
    digests.map((one) => sql`(${one})`),
    ' || ',
  );
  return async () => {
    const row = await database.row<{ digest: string }>(sql`SELECT ${all} AS digest`);
    if (!row || row.digest.length !== tables.length * 32) throw new Error('no digest of the database');
    return row.digest;
  };
}
