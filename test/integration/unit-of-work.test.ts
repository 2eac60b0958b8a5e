import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MOST_READINGS } from '../../src/platform/database.ts';
import { sql } from '../../src/platform/sql.ts';
import { asRead, createUnitsOfWork, writeTogether } from '../../src/platform/unit-of-work.ts';
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

  // Takes a thing by what was read of it, and notes beside that what this was.
  const taking = (id: string, meanwhile: (times: number) => Promise<unknown>) => {
    let times = 0;
    return asRead(async (last) => {
      const used = (await fresh.database.row<{ used: boolean }>(sql`SELECT used FROM things WHERE id = ${id}`))!.used;
      times += 1;
      await meanwhile(times);
      return [
        {
          statement: sql`UPDATE things SET id = id WHERE id = ${id}`,
          ...(last ? {} : { holds: sql`used = ${used}` }),
        },
        { statement: sql`INSERT INTO things (id) VALUES (${`${id} read ${times}: ${used}`})` },
      ];
    });
  };
  const noted = (id: string) =>
    fresh.database.rows<{ id: string }>(sql`SELECT id FROM things WHERE id LIKE ${`${id} %`} ORDER BY id`);

  test.each(['by itself', 'in a transaction'])(
    'what was read and has changed since is read anew: %s',
    async (where) => {
      const { database } = fresh;
      const id = `read, ${where}`;
      await database.execute(sql`INSERT INTO things (id) VALUES (${id})`);
      const writes = [
        ...(await taking(id, async (times) => {
          if (times === 1) await database.execute(sql`UPDATE things SET used = true WHERE id = ${id}`);
        })),
        { statement: sql`INSERT INTO things (id) VALUES (${`${id} beside`})` },
      ];
      if (where === 'by itself') await writeTogether(database, writes);
      else await database.transaction((transaction) => writeTogether(transaction, writes));
      expect(await noted(id)).toEqual([{ id: `${id} beside` }, { id: `${id} read 2: true` }]);
    },
  );

  test.each(['by itself', 'in a transaction'])('whoever changes it each time hinders nothing: %s', async (where) => {
    const { database } = fresh;
    const id = `hindered, ${where}`;
    await database.execute(sql`INSERT INTO things (id) VALUES (${id})`);
    const writes = await taking(id, () => database.execute(sql`UPDATE things SET used = NOT used WHERE id = ${id}`));
    if (where === 'by itself') await writeTogether(database, writes);
    else await database.transaction((transaction) => writeTogether(transaction, writes));
    expect(await noted(id)).toEqual([{ id: expect.stringContaining(`read ${MOST_READINGS}: `) }]);
  });
});
