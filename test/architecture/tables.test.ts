import { expect, test } from 'vitest';
import { sources } from './sources.ts';

// design.md §3: a table's name stands only in its owner's store and in migrations.
const STORES = /(^|\/)([a-z-]+-)?store\.ts$|sql-adapter|^src\/platform\/outbox/;

const tables = [
  ...new Set(
    sources('migrations').flatMap(({ text }) =>
      [...text.matchAll(/CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?([a-z_]+)(?! PARTITION OF)/g)].map(
        ([, name]) => name ?? '',
      ),
    ),
  ),
];

const files = sources('src');

/** Files that name a table where SQL expects one. */
const naming = (table: string): string[] => {
  const place = new RegExp(`\\b(FROM|JOIN|INTO|UPDATE|TABLE|ONLY|TRUNCATE|USING)\\s+${table}\\b`);
  return files.filter(({ text }) => place.test(text)).map(({ path }) => path);
};

test('every table is named by one owner, in its store', () => {
  for (const table of tables) {
    const named = naming(table);
    const folders = new Set(named.map((path) => path.slice(0, path.lastIndexOf('/'))));
    expect.soft([...folders].length, `${table} is named in ${named.join(', ')}`).toBeLessThanOrEqual(1);
    expect
      .soft(
        named.filter((path) => !STORES.test(path)),
        table,
      )
      .toEqual([]);
  }
});
