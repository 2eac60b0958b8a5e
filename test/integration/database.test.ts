import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type Queryable } from '../../src/platform/database.ts';
import { type Sql, sql } from '../../src/platform/sql.ts';
import { freshDatabase } from '../support/database.ts';

describe('the database', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    // One connection, so that a second execution meets the prepared statement of the first.
    fresh = await freshDatabase({ poolSize: 1 });
    await fresh.database.execute(sql`CREATE TABLE odds (id integer PRIMARY KEY, name text)`);
  });
  afterAll(() => fresh.end());

  const one = async (statement: Sql): Promise<unknown> => (await fresh.database.row<{ it: unknown }>(statement))?.it;

  test.each<[string, unknown, (value: unknown) => Sql]>([
    ['text with every kind of letter', 'Nguyễn \'Ái\' \\ "Quốc" 🏯', (value) => sql`SELECT ${value}::text AS it`],
    ['an empty text', '', (value) => sql`SELECT ${value}::text AS it`],
    ['nothing', null, (value) => sql`SELECT ${value}::text AS it`],
    ['a number', -42, (value) => sql`SELECT ${value}::integer AS it`],
    ['a large count', 2 ** 40, (value) => sql`SELECT ${value}::bigint AS it`],
    ['a truth', true, (value) => sql`SELECT ${value}::boolean AS it`],
    ['an instant', new Date('2026-02-28T23:59:59.999Z'), (value) => sql`SELECT ${value}::timestamptz AS it`],
    ['a day', '2024-02-29', (value) => sql`SELECT ${value}::date AS it`],
    ['bytes', Buffer.from([0, 1, 92, 120, 255]), (value) => sql`SELECT ${value}::bytea AS it`],
    ['no bytes', Buffer.alloc(0), (value) => sql`SELECT ${value}::bytea AS it`],
    ['texts', ['a', 'b,c', '"d"', 'e\\f', '{}', 'NULL', ''], (value) => sql`SELECT ${value}::text[] AS it`],
    ['texts with a gap', ['a', null], (value) => sql`SELECT ${value}::text[] AS it`],
    ['no texts', [], (value) => sql`SELECT ${value}::text[] AS it`],
    ['several bytes', [Buffer.from([1]), Buffer.from([2, 0])], (value) => sql`SELECT ${value}::bytea[] AS it`],
    ['an object', { a: [1, { b: 'ệ' }] }, (value) => sql`SELECT ${value}::jsonb AS it`],
  ])('gives back %s as it was sent, prepared anew and prepared before', async (_, value, statement) => {
    expect(await one(statement(value))).toEqual(value);
    expect(await one(statement(value))).toEqual(value);
  });

  test('counts rows found, written and touched', async () => {
    const { database } = fresh;
    expect(await database.execute(sql`INSERT INTO odds (id) SELECT * FROM generate_series(1, 12)`)).toBe(12);
    expect(await database.execute(sql`UPDATE odds SET name = 'x' WHERE id > ${9}`)).toBe(3);
    expect(await database.execute(sql`DELETE FROM odds WHERE id = ${99}`)).toBe(0);
    expect(await database.rows(sql`SELECT id FROM odds WHERE id < ${3} ORDER BY id`)).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await database.row(sql`SELECT id FROM odds WHERE id = ${99}`)).toBeUndefined();
  });

  test('goes on after a statement that failed at its first execution, at a later one, or when it was parsed', async () => {
    const { database } = fresh;
    const insert = (id: number) => database.execute(sql`INSERT INTO odds (id, name) VALUES (${id}, 'again')`);
    await expect(insert(1)).rejects.toMatchObject({ code: '23505', constraint: 'odds_pkey' });
    expect(await insert(101)).toBe(1);
    await expect(insert(101)).rejects.toMatchObject({ code: '23505' });
    await expect(database.row(sql`SELECT nothing FROM nowhere`)).rejects.toMatchObject({ code: '42P01' });
    await expect(database.row(sql`SELECT ${'x'}::integer AS it`)).rejects.toMatchObject({ code: '22P02' });
    expect(await one(sql`SELECT ${'7'}::integer AS it`)).toBe(7);
    expect(await insert(102)).toBe(1);
  });

  test('prepares anew what a migration has changed', async () => {
    const { database } = fresh;
    const all = () => database.row(sql`SELECT * FROM changing`);
    await database.execute(sql`CREATE TABLE changing AS SELECT 1 AS a`);
    expect(await all()).toEqual({ a: 1 });
    await database.execute(sql`ALTER TABLE changing ADD COLUMN b text DEFAULT 'new'`);
    // PostgreSQL refuses the old plan once; the connection that held it is not used again.
    await expect(all()).rejects.toMatchObject({ code: '0A000' });
    expect(await all()).toEqual({ a: 1, b: 'new' });
  });

  test('a transaction that PostgreSQL undid, because another one and it waited for each other, begins again', async () => {
    const two = createDatabase({ url: fresh.url, poolSize: 2 });
    try {
      await two.execute(sql`CREATE TABLE crossed AS SELECT id, ''::text AS name FROM generate_series(1, 2) AS id`);
      let both = 0;
      let meet = (): void => {};
      const met = new Promise<void>((resolve) => {
        meet = resolve;
      });
      const say = (transaction: Queryable, id: number, word: string) =>
        transaction.execute(sql`UPDATE crossed SET name = name || ${word} WHERE id = ${id}`);
      const crossing = (first: number, second: number, word: string) =>
        two.transaction(async (transaction) => {
          await say(transaction, first, word);
          both += 1;
          if (both === 2) meet();
          await met;
          await say(transaction, second, word);
          return word;
        });
      expect(await Promise.all([crossing(1, 2, 'a'), crossing(2, 1, 'b')])).toEqual(['a', 'b']);
      // One of them was undone, seldom twice, and each word stands once.
      expect(both).toBeGreaterThan(2);
      const rows = await two.rows<{ name: string }>(sql`SELECT name FROM crossed`);
      expect(rows.map(({ name }) => [...name].sort().join(''))).toEqual(['ab', 'ab']);
    } finally {
      await two.close();
    }
  });

  test('what is undone each time ends after three attempts with its reason, what fails by itself after one', async () => {
    const { database } = fresh;
    const failing = async (code: string): Promise<{ attempts: number; error: unknown }> => {
      let attempts = 0;
      const error = await database
        .transaction(async (transaction) => {
          attempts += 1;
          // What was thrown here is swallowed: the transaction is gone all the same.
          await transaction
            .execute(sql.raw(`DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${code}'; END $$`))
            .catch(() => {});
          await transaction.execute(sql`SELECT 1`);
        })
        .catch((thrown: unknown) => thrown);
      return { attempts, error };
    };
    expect(await failing('40P01')).toMatchObject({ attempts: 3, error: { code: '40P01' } });
    expect(await failing('SL003')).toMatchObject({ attempts: 1, error: { code: '25P02' } });
  });

  test('a connection that PostgreSQL ends, idle or in a transaction, is replaced and ends nothing else', async () => {
    const { database } = fresh;
    const killer = await freshDatabase();
    const pid = async (on: { row(statement: Sql): Promise<unknown> } = database) =>
      ((await on.row(sql`SELECT pg_backend_pid() AS pid`)) as { pid: number }).pid;
    const kill = (process: number) =>
      killer.database.execute(sql`SELECT pg_terminate_backend(${process}::integer, 2000)`);
    await kill(await pid());
    await expect(
      database.transaction(async (transaction) => {
        await kill(await pid(transaction));
        await transaction.execute(sql`DELETE FROM odds`);
      }),
    ).rejects.toMatchObject({ code: 'database.unavailable' });
    expect(await one(sql`SELECT count(*) AS it FROM odds`)).toBe(14);
    await killer.end();
  });
});
