import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { protocolTables } from '../../../src/oidc/storage/expiring.ts';
import { sql } from '../../../src/platform/sql.ts';
import { freshDatabase } from '../../support/database.ts';
import { createFlows, type Flows } from '../../support/stored-flows.ts';
import { createKeys, type StoredProvider, startStoredProvider } from '../../support/stored-provider.ts';

// Issue 2 §2 and oidc-provider.md, traps 6 and 7: how the tables lie on the disk.
describe('the tables of the protocol', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let op: StoredProvider;
  let flows: Flows;
  const texts: string[] = [];
  const names = protocolTables(60).map(({ table }) => table);
  beforeAll(async () => {
    fresh = await freshDatabase({ onStatement: (text) => texts.push(text) });
    const keys = await createKeys();
    op = await startStoredProvider({ database: fresh.database, keys });
    flows = createFlows(op.url, keys);
  });
  afterAll(async () => {
    await op.stop();
    await fresh.end();
  });

  test('have no foreign keys, and no index but their key, one for what a person has, and one for the code a person types', async () => {
    const keys = await fresh.database.rows(
      sql`SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY (${names})`,
    );
    expect(keys).toEqual([]);
    const indexes = await fresh.database.rows<{ name: string }>(
      sql`SELECT indexname AS name FROM pg_indexes WHERE tablename = ANY (${names}) AND indexname NOT LIKE '%_pkey' ORDER BY 1`,
    );
    expect(indexes.map(({ name }) => name)).toEqual([
      'device_codes_user_code_hash_key',
      'grants_of_account',
      'interactions_of_account',
      'sessions_of_account',
    ]);
  });

  test('are unlogged where a crash may forget them, and only there', async () => {
    const rows = await fresh.database.rows<{ name: string }>(
      sql`SELECT relname AS name FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r' AND relname = ANY (${names}) ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'authorization_codes',
      'device_codes',
      'interactions',
      'pushed_authorization_requests',
    ]);
  });

  test('are updated in place: at least 95 of 100 updates are heap-only', async () => {
    const person = flows.browser();
    for (let round = 0; round < 40; round += 1) {
      await flows.tokens(round % 2 ? 'web' : 'other', round % 10 ? person : flows.browser());
      const { refresh_token } = await flows.tokens('app', person);
      await flows.refresh('app', refresh_token);
    }
    await fresh.database.execute(sql`SELECT pg_stat_force_next_flush()`);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const row = await fresh.database.row<{ all: number; hot: number }>(
      sql`SELECT sum(n_tup_upd)::int AS all, sum(n_tup_hot_upd)::int AS hot FROM pg_stat_user_tables WHERE relname = ANY (${names})`,
    );
    expect(row!.all).toBeGreaterThan(150);
    expect(row!.hot / row!.all).toBeGreaterThan(0.95);
  });

  test('are read and written by key alone in every flow: no plan of theirs scans a table', async () => {
    texts.length = 0;
    const person = flows.browser();
    const tokens = await flows.tokens('app', person);
    await flows.refresh('app', tokens.refresh_token);
    await flows.userinfo(tokens.access_token);
    await flows.introspect('web', tokens.access_token);
    await flows.clientCredentials();
    await flows.tokens('app', person);
    const statements = [...new Set(texts)].filter((text) => names.some((name) => text.includes(name)));
    expect(statements.length).toBeGreaterThan(10);
    const client = new pg.Client({ connectionString: fresh.url });
    await client.connect();
    // With this set a sequential scan is planned only where nothing else is possible.
    await client.query('SET enable_seqscan = off');
    for (const text of statements) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${text}`);
      expect(rows.map((row) => row['QUERY PLAN']).join('\n'), text).not.toContain('Seq Scan');
    }
    await client.end();
  });
});
