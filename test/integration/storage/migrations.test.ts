import { readdir } from 'node:fs/promises';
import knex, { type Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase } from '../../support/database.ts';

interface Migration {
  readonly name: string;
  up(knex: Knex): Promise<void>;
  down(knex: Knex): Promise<void>;
}

const folder = new URL('../../../migrations/', import.meta.url);
let all: readonly Migration[];
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let database: Knex;
beforeAll(async () => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort();
  all = await Promise.all(
    files.map(async (name) => ({ name, ...((await import(new URL(name, folder).href)) as Omit<Migration, 'name'>) })),
  );
  fresh = await freshDatabase();
  database = knex({ client: 'pg', connection: fresh.url, pool: { min: 1, max: 1 } });
});
afterAll(async () => {
  await database?.destroy();
  await fresh?.end();
});

/**
 * Everything that makes a schema, a line each: columns with their types and defaults, what holds of them, indexes, triggers,
 * functions, rules of storage and who may. The place of a column is none of it: one that comes back comes last; nor is whether a rule
 * was held against the rows there were: one that comes back, over rows that a newer version wrote, may hold for the next ones alone.
 */
const SCHEMA = `
  WITH mine AS (
    SELECT c.oid, c.relname, c.relkind, c.reloptions, c.relacl, c.relpersistence FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'schema_migrations%'
  )
  SELECT format('%s %s %s %s %s', relkind, relname, reloptions, relacl, relpersistence) AS line FROM mine
  UNION ALL SELECT format('column %s.%s %s %s %s %s%s', relname, attname, format_type(atttypid, atttypmod), attnotnull,
      pg_get_expr(adbin, adrelid), attidentity, attgenerated)
    FROM mine JOIN pg_attribute a ON a.attrelid = mine.oid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'm')
  UNION ALL SELECT format('constraint %s.%s %s', relname, conname, replace(pg_get_constraintdef(k.oid), ' NOT VALID', ''))
    FROM mine JOIN pg_constraint k ON k.conrelid = mine.oid
  UNION ALL SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM mine JOIN pg_index i ON i.indrelid = mine.oid
  UNION ALL SELECT format('trigger %s %s', tgenabled, pg_get_triggerdef(t.oid))
    FROM mine JOIN pg_trigger t ON t.tgrelid = mine.oid WHERE NOT tgisinternal
  UNION ALL SELECT format('view %s %s', relname, pg_get_viewdef(oid)) FROM mine WHERE relkind IN ('v', 'm')
  UNION ALL SELECT format('function %s %s', pg_get_functiondef(oid), proacl)
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
      AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = pg_proc.oid AND e.deptype = 'e')
  UNION ALL SELECT format('type %s %s', typname, enumlabel) FROM pg_type JOIN pg_enum ON enumtypid = pg_type.oid
    WHERE typnamespace = 'public'::regnamespace
  ORDER BY 1`;
const schema = async (): Promise<string[]> =>
  ((await database.raw(SCHEMA)) as { rows: { line: string }[] }).rows.map(({ line }) => line);

/** What one has that the other has not. */
const differing = (one: readonly string[], other: readonly string[]): string[] => [
  ...one.filter((line) => !other.includes(line)).map((line) => `- ${line}`),
  ...other.filter((line) => !one.includes(line)).map((line) => `+ ${line}`),
];

test('every migration goes, the newest first, and leaves what was there before it; and comes again as it was', async () => {
  expect(all.length).toBeGreaterThan(60);
  const migrated = await schema();
  expect(migrated.length).toBeGreaterThan(500);
  for (const one of all.toReversed()) await one.down(database);
  expect(await schema()).toEqual([]);

  /** As it was before each of them, and behind the last. */
  const stood: string[][] = [[]];
  for (const one of all) {
    await one.up(database);
    stood.push(await schema());
  }
  expect(differing(migrated, stood.at(-1)!)).toEqual([]);
  const faults: string[] = [];
  let known: string[] = [];
  for (const [at, one] of [...all.entries()].reverse()) {
    await one.down(database);
    const found = differing(stood[at]!, await schema());
    faults.push(...found.filter((line) => !known.includes(line)).map((line) => `${one.name}: ${line}`));
    known = found;
  }
  expect(faults).toEqual([]);
}, 120_000);
