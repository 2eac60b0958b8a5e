import type { Database } from '../../src/platform/database.ts';
import { sql } from '../../src/platform/sql.ts';

/** Does it while the journal takes nothing: what was looked at is not written, as for a process that dies in between. */
export async function notWritten(database: Database, work: () => Promise<unknown>): Promise<void> {
  await database.execute(sql`ALTER TABLE journal_incoming ADD CONSTRAINT no_more CHECK (false) NOT VALID`);
  try {
    await work();
  } finally {
    await database.execute(sql`ALTER TABLE journal_incoming DROP CONSTRAINT no_more`);
  }
}
