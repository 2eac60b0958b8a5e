import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createExpire } from '../../../src/jobs/expire.ts';
import { protocolTables } from '../../../src/oidc/storage/expiring.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';

// Abuse case 63: the tables stay flat, no statement is long, two sweepers are safe.
describe('the sweep', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  const clock = fixedClock();
  const tables = protocolTables(1800);
  const sweeper = (more: object = {}) => createExpire({ database: fresh.database, clock, tables, ...more });
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  afterAll(() => fresh.end());

  const tokens = (count: number, expiresIn: number, name: string) =>
    fresh.database.execute(sql`INSERT INTO access_tokens
      (id, account_id, client_id, grant_id, grant_generation, session_uid, payload, expires_at)
      SELECT sha256((${name} || n)::bytea), 'someone', 'web', 'grant ' || n, 0, 'a-session',
        '{"iat":1,"scope":"openid profile","gty":"authorization_code"}',
        ${clock.now()}::timestamptz + ${`${expiresIn} seconds`}::interval FROM generate_series(1, ${count}::int) n`);
  const count = async (table = 'access_tokens'): Promise<number> =>
    (await fresh.database.row<{ count: number }>(sql`SELECT count(*) FROM ${sql.raw(table)}`))!.count;

  test('takes 200,000 expired rows in short batches, and leaves those that live', async () => {
    await tokens(200_000, -3600, 'dead');
    await tokens(1_000, 600, 'alive');
    const { deleted, batches, slowest, complete } = await sweeper().run();
    expect(complete).toBe(true);
    expect(deleted.access_tokens).toBe(200_000);
    expect(await count()).toBe(1_000);
    // 2 MiB a batch: thousands of rows, not hundreds of thousands.
    expect(batches).toBeGreaterThan(15);
    expect(slowest).toBeLessThan(2_000);
  });

  test('keeps the table flat over rounds of inserting and expiring', async () => {
    const size = async () =>
      (await fresh.database.row<{ size: number }>(sql`SELECT pg_total_relation_size('access_tokens') AS size`))!.size;
    const sizes: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      await tokens(20_000, 60, `round ${round} `);
      clock.advance(600);
      await sweeper().run();
      await fresh.database.execute(sql`VACUUM access_tokens`);
      sizes.push(await size());
    }
    expect(sizes.at(-1)).toBeLessThanOrEqual(sizes[0]! * 1.05);
  });

  test('by two at once takes each row once, and neither waits for a row that is in use', async () => {
    await tokens(40_000, -3600, 'shared');
    const before = await count();
    const held = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holder = fresh.database.transaction(async (transaction) => {
      await transaction.rows(sql`SELECT FROM access_tokens WHERE id = sha256(('shared' || 7)::bytea) FOR UPDATE`);
      locked.resolve();
      await held.promise;
    });
    await locked.promise;
    const rounds = await Promise.all([sweeper({ pages: 16 }).run(), sweeper({ pages: 16 }).run()]);
    const taken = rounds.reduce((sum, { deleted }) => sum + (deleted.access_tokens ?? 0), 0);
    expect(before - (await count())).toBe(taken);
    expect(
      await fresh.database.row(sql`SELECT FROM access_tokens WHERE id = sha256(('shared' || 7)::bytea)`),
    ).toBeDefined();
    held.resolve();
    await holder;
    await sweeper().run();
    expect(
      await fresh.database.row(sql`SELECT FROM access_tokens WHERE id = sha256(('shared' || 7)::bytea)`),
    ).toBeUndefined();
  });

  test('that runs out of time goes on where it stopped', async () => {
    await tokens(20_000, -3600, 'many');
    const hurried = sweeper({ pages: 8, budget: 5 });
    let rounds = 1;
    while (!(await hurried.run()).complete) rounds += 1;
    expect(rounds).toBeGreaterThan(1);
    const left = sql`SELECT FROM access_tokens WHERE expires_at < ${clock.now()}::timestamptz - interval '1 hour'`;
    expect(await fresh.database.rows(left)).toEqual([]);
  });

  test('knows every table of the protocol, and leaves each row its grace', async () => {
    const migration = readFileSync('migrations/20260101T1200-protocol-storage.ts', 'utf8');
    const created = [...migration.matchAll(/CREATE (?:UNLOGGED )?TABLE (\w+)/g)].map(([, name]) => name);
    expect(created).toHaveLength(12);
    expect(tables.map(({ table }) => table).sort()).toEqual(created.sort());
    // A pushed request outlives its minute for as long as a sign-in may take: the end of the sign-in looks at it again.
    const push = (id: string, expiresIn: number) =>
      fresh.database.execute(sql`INSERT INTO pushed_authorization_requests (id, sealed, expires_at)
        VALUES (${Buffer.from(id)}, ${Buffer.from('x')}, ${clock.now()}::timestamptz + ${`${expiresIn} seconds`}::interval)`);
    await push('recent', -1700);
    await push('old', -3600);
    await sweeper().run();
    expect(await count('pushed_authorization_requests')).toBe(1);
  });

  test('takes the ids of a session after the session', async () => {
    const session = (uid: string, expiresIn: number) =>
      fresh.database.execute(sql`WITH s AS (INSERT INTO sessions (uid, authorizations, sealed, expires_at)
        VALUES (${uid}, '{}', ${Buffer.from('x')}, ${clock.now()}::timestamptz + ${`${expiresIn} seconds`}::interval))
        INSERT INTO session_ids (id, session_uid) VALUES (${Buffer.from(`a ${uid}`)}, ${uid}), (${Buffer.from(`b ${uid}`)}, ${uid})`);
    await session('over', -7200);
    await session('goes on', 600);
    const { deleted } = await sweeper().run();
    expect(deleted).toMatchObject({ sessions: 1, session_ids: 2 });
    expect(await count('session_ids')).toBe(2);
  });
});
