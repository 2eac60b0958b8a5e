import knex from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { down, up } from '../../../migrations/20261201T1800-cards-left-behind.ts';
import { sql } from '../../../src/platform/sql.ts';
import { freshDatabase } from '../../support/database.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.end());

const hash = (letter: string) => Buffer.alloc(32, letter);

test('cards that were handed on without it are known as issued to a former number, each with the move that left it behind', async () => {
  const database = knex({ client: 'pg', connection: fresh.url, pool: { min: 1, max: 1 } });
  try {
    await down(database);
    // Of three numbers, one after the other, and of two that have come back to one another.
    for (const [from, to, moved] of [
      ['1', '2', 5],
      ['2', '3', 8],
      ['8', '9', 1],
      ['9', '8', 2],
    ] as const)
      await fresh.database.execute(sql`INSERT INTO register_standings (number_hash, aspect, value, sequence, successor, changed_at)
        VALUES (${hash(from)}, 'number', 'replaced', ${moved}, ${hash(to)}, now())`);
    for (const [number, document, issued] of [
      ['1', 'A', 4],
      ['2', 'A', null],
      ['2', 'B', 6],
      ['3', 'A', null],
      ['3', 'B', null],
      ['3', 'C', 9],
      ['3', 'D', null],
    ] as const)
      await fresh.database.execute(sql`INSERT INTO register_cards (number_hash, document, value, sequence, issued, changed_at)
        VALUES (${hash(number)}, ${hash(document)}, 'valid', 9, ${issued}, now())`);
    await up(database);
    const cards = await fresh.database.rows(sql`SELECT document, issued::int, issued_before::int, left_behind::int
      FROM register_cards WHERE number_hash = ${hash('3')} ORDER BY document`);
    expect(cards).toEqual([
      { document: hash('A'), issued: null, issued_before: 4, left_behind: 5 },
      { document: hash('B'), issued: null, issued_before: 6, left_behind: 8 },
      { document: hash('C'), issued: 9, issued_before: null, left_behind: null },
      { document: hash('D'), issued: null, issued_before: null, left_behind: null },
    ]);
  } finally {
    await database.destroy();
  }
});
