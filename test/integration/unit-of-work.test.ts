import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { createUnitsOfWork } from '../../src/platform/unit-of-work.ts';
import { freshDatabase } from '../support/database.ts';

describe('a unit of work', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    fresh = await freshDatabase();
    await fresh.database.execute(sql`CREATE TABLE things (id text PRIMARY KEY, used boolean NOT NULL DEFAULT false)`);
  });
  afterAll(() => fresh.end());

  test('writes everything in one statement', async () => {
    const units = createUnitsOfWork(fresh.database);
    await units.run(async () => {
      units.current()?.write({ statement: sql`INSERT INTO things (id) VALUES (${'a'})` });
      units.current()?.write({ statement: sql`INSERT INTO things (id) VALUES (${'b'})` });
      const before = fresh.database.statements;
      await units.flush();
      expect(fresh.database.statements - before).toBe(1);
    });
    expect(await fresh.database.rows(sql`SELECT id FROM things ORDER BY id`)).toEqual([{ id: 'a' }, { id: 'b' }]);
  });

  test('undoes everything when one conditional write lost', async () => {
    const units = createUnitsOfWork(fresh.database);
    const use = (id: string) =>
      units.run(async () => {
        units.current()?.write({ statement: sql`INSERT INTO things (id) VALUES (${`by ${Math.random()}`})` });
        units.current()?.write({
          statement: sql`UPDATE things SET used = true WHERE id = ${id} AND NOT used`,
          lost: () => new Error('somebody was first'),
        });
        await units.flush();
      });
    const outcomes = await Promise.allSettled([use('a'), use('a'), use('a'), use('a')]);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect(await fresh.database.rows(sql`SELECT id FROM things WHERE id LIKE 'by %'`)).toHaveLength(1);
  });

  test('a later write with the same key takes the place of the former', async () => {
    const units = createUnitsOfWork(fresh.database);
    await units.run(async () => {
      const unit = units.current();
      unit?.write({ key: 'x', statement: sql`INSERT INTO things (id) VALUES (${'never'})` });
      unit?.write({ key: 'x', statement: sql`INSERT INTO things (id) VALUES (${'x'})` });
      await units.flush();
    });
    expect(await fresh.database.rows(sql`SELECT id FROM things WHERE id IN ('x', 'never')`)).toEqual([{ id: 'x' }]);
  });
});
