import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointKey, createJournal, type JournalEvent } from '../../src/domain/audit/index.ts';
import type { Database } from '../../src/platform/database.ts';
import { Secret } from '../../src/platform/secret.ts';
import { type Sql, sql } from '../../src/platform/sql.ts';
import { fixedClock } from './clock.ts';
import { freshDatabase } from './database.ts';

/** A journal with signed checkpoints, on a database and a folder of its own. */
export async function aJournal() {
  const { database, end } = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'senid-checkpoints-'));
  const clock = fixedClock();
  const key = checkpointKey(new Secret(Buffer.alloc(32, 7)));
  const journal = createJournal({ database, clock, checkpoints: { key, folder } });
  const file = join(folder, '2026-03-02.jsonl');
  return {
    database,
    clock,
    key,
    folder,
    journal,
    /** Appends events and seals them: one batch, one checkpoint. */
    async sealed(count: number): Promise<void> {
      for (let n = 1; n <= count; n += 1) await database.execute(journal.append(anEvent(n)).statement);
      await journal.seal();
    },
    checkpointLines: async () => (await readFile(file, 'utf8')).trim().split('\n'),
    writeCheckpointLines: (lines: string[]) => writeFile(file, lines.map((line) => `${line}\n`).join('')),
    appendToFile: (text: string) => appendFile(file, text),
    files: () => readdir(folder),
    /** As on the first day. */
    async reset(): Promise<void> {
      await tamper(database, sql`TRUNCATE journal, journal_incoming, journal_checkpoints`);
      await rm(folder, { recursive: true, force: true });
    },
    async end(): Promise<void> {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What only somebody can do to whom the database itself belongs: its triggers are off. Answers how many rows it touched. */
export const tamper = (database: Pick<Database, 'transaction'>, statement: Sql): Promise<number> =>
  database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    return transaction.execute(statement);
  });

/** An event with something in each place. */
export const anEvent = (n = 1): JournalEvent => ({
  type: 'session.started',
  actor: { kind: 'subscriber', id: `actor-${n}` },
  subscriberId: '00000000-0000-4000-8000-000000000001',
  clientId: 'airline',
  detail: { n, kinds: ['password', 'totp'], fresh: true, none: null },
});
