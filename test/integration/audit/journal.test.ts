import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { startSealing } from '../../../src/jobs/seal-journal.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { eventually } from '../../support/eventually.ts';
import { aJournal, anEvent, tamper } from '../../support/journal.ts';

let on: Awaited<ReturnType<typeof aJournal>>;
beforeAll(async () => {
  on = await aJournal();
});
afterAll(() => on.end());

describe('appending', () => {
  test('is one statement that goes with the change, and disappears with it', async () => {
    const before = on.database.statements;
    await writeTogether(on.database, [on.journal.append(anEvent(1)), on.journal.append(anEvent(2))]);
    expect(on.database.statements - before).toBe(1);
    const undone = writeTogether(on.database, [
      on.journal.append(anEvent(3)),
      { statement: sql`DELETE FROM journal WHERE sequence = -1`, lost: () => new Error('lost') },
    ]);
    await expect(undone).rejects.toThrow('lost');
    const entries = await on.journal.query({});
    // In which order PostgreSQL makes the writes of one statement is its own affair.
    expect(entries.map((entry) => entry.detail?.n).sort()).toEqual([1, 2]);
  });

  test('never refuses a change because of what somebody typed', async () => {
    const odd = 'a\0b\ud800\r\n\u001b[31m';
    const event = { ...anEvent(3), actor: { kind: 'claimant' as const, id: odd }, detail: { odd, list: [odd] } };
    await on.database.execute(on.journal.append(event).statement);
    const [entry] = await on.journal.query({ limit: 1 });
    expect(entry?.actor.id).toBe('a\ufffdb\ufffd\r\n\u001b[31m');
  });
});

describe('sealing', () => {
  test('numbers what has committed, and what commits late later', async () => {
    await on.journal.seal();
    const start = (await on.journal.query({ limit: 1 }))[0]?.sequence ?? 0;
    let commit = (): void => {};
    const late = on.database.transaction(async (transaction) => {
      await transaction.execute(on.journal.append(anEvent(100)).statement);
      await new Promise<void>((resolve) => {
        commit = resolve;
      });
    });
    await eventually(() => on.database.load.busy).toBeGreaterThan(0);
    await on.database.execute(on.journal.append(anEvent(101)).statement);
    expect(await on.journal.seal()).toBe(1);
    commit();
    await late;
    expect(await on.journal.seal()).toBe(1);
    const entries = await on.journal.query({ limit: 2 });
    expect(entries.map(({ sequence, detail }) => [sequence, detail?.n])).toEqual([
      [start + 2, 100],
      [start + 1, 101],
    ]);
  });

  test('by several at once loses nothing, numbers nothing twice and leaves no hole', async () => {
    const others = [0, 1, 2].map(() =>
      createJournal({
        database: on.database,
        clock: on.clock,
        checkpoints: { key: on.key, folder: on.folder },
      }),
    );
    const before = (await on.journal.verify()) as { entries: number };
    let sealing = true;
    const sealers = others.map(async (journal) => {
      while (sealing) await journal.seal();
    });
    await Promise.all(
      Array.from({ length: 300 }, (_, n) => on.database.execute(on.journal.append(anEvent(n)).statement)),
    );
    sealing = false;
    await Promise.all(sealers);
    await on.journal.seal();
    expect(await on.journal.verify()).toMatchObject({ intact: true, entries: before.entries + 300, waiting: 0 });
  });

  test('takes more than one batch in one go', async () => {
    await on.database.execute(sql`
      INSERT INTO journal_incoming (at, type, actor_kind) SELECT now(), 'session.ended', 'system' FROM generate_series(1, 2500)`);
    expect(await on.journal.seal()).toBe(2500);
    expect(await on.journal.verify()).toMatchObject({ intact: true });
  });

  test('runs by itself, and once more when it is stopped', async () => {
    const job = startSealing({
      journal: on.journal,
      every: 20,
      failed: (error) => {
        throw error;
      },
    });
    await on.database.execute(on.journal.append(anEvent(1)).statement);
    await eventually(async () => (await on.journal.query({ limit: 1 }))[0]?.sequence).toBeTypeOf('number');
    await on.database.execute(on.journal.append(anEvent(2)).statement);
    await job.stop();
    expect(await on.journal.verify()).toMatchObject({ intact: true, waiting: 0 });
  });
});

describe('asking', () => {
  test('answers one person with their own entries, newest first, page by page', async () => {
    const subscriberId = '00000000-0000-4000-8000-00000000000a';
    for (let n = 1; n <= 5; n += 1) {
      await on.database.execute(on.journal.append({ ...anEvent(n), subscriberId }).statement);
      if (n < 5) await on.journal.seal();
    }
    const first = await on.journal.query({ subscriberId, limit: 3 });
    expect(first.map(({ detail }) => detail?.n)).toEqual([5, 4, 3]);
    expect(first[0]?.sequence).toBeUndefined();
    const second = await on.journal.query({ subscriberId, limit: 3, before: first[2]?.sequence ?? 0 });
    expect(second.map(({ detail }) => detail?.n)).toEqual([2, 1]);
    expect(await on.journal.query({ subscriberId, types: ['session.ended'] })).toEqual([]);
    expect((await on.journal.query({ clientId: 'airline', limit: 1 }))[0]?.clientId).toBe('airline');
  });
});

test('nothing of it is changed or purged before its five years are over, sealed or not', async () => {
  const on = await aJournal();
  await on.sealed(3);
  await on.database.execute(on.journal.append(anEvent(9)).statement);
  const tables = ['journal', 'journal_incoming', 'journal_checkpoints'];
  for (const table of tables)
    for (const statement of [`UPDATE ${table} SET at = at`, `DELETE FROM ${table}`, `TRUNCATE ${table}`])
      await expect(on.database.execute(sql`${sql.raw(statement)}`), statement).rejects.toMatchObject({ code: 'SL002' });
  expect(await on.journal.verify()).toMatchObject({ intact: true, entries: 3, waiting: 1 });
  expect(await on.journal.seal()).toBe(1);
  // What is older than the law asks may go.
  await tamper(on.database, sql`UPDATE journal SET at = now() - interval '5 years 1 day' WHERE sequence = 1`);
  await expect(on.database.execute(sql`DELETE FROM journal WHERE sequence <= 2`)).rejects.toMatchObject({
    code: 'SL002',
  });
  expect(await on.database.execute(sql`DELETE FROM journal WHERE sequence = 1`)).toBe(1);
  await on.end();
});
