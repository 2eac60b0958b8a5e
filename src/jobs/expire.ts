import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { type Sql, sql } from '../platform/sql.ts';

/** A table whose rows end by themselves, and which of them may go at a given moment. */
export interface Expiring {
  readonly table: string;
  expired(now: Date): Sql;
}

/** What the sweeper is made of. */
export interface ExpireParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly tables: readonly Expiring[];
  /** Pages of 8 KiB that one statement looks at; it bounds how long any row is locked. */
  readonly pages?: number;
  /** Milliseconds after which a run stops; the next one goes on where it was. */
  readonly budget?: number;
}

/** Deletes expired rows; `run` answers how many of each table went, and whether it came round to the end. */
export interface Expire {
  run(): Promise<{ deleted: Record<string, number>; batches: number; slowest: number; complete: boolean }>;
}

const PAGE = 8192;

/**
 * Walks each table's pages, a few at a time, and deletes what has expired there. No index on the expiry is needed, which
 * every insert would pay for; no statement is long, whatever the table holds; rows that somebody else has locked are left
 * for the next round, so that two sweepers never wait for one another (abuse case 63).
 */
export function createExpire(parts: ExpireParts): Expire {
  const { database, clock, tables, pages = 256, budget = 20_000 } = parts;
  // Where the last run stopped.
  let at = { table: 0, page: 0 };

  const sizeOf = async (table: string): Promise<number> => {
    const row = await database.row<{ bytes: number }>(sql`SELECT pg_relation_size(${table}::regclass) AS bytes`);
    return Math.ceil((row?.bytes ?? 0) / PAGE);
  };

  const sweep = (each: Expiring, from: number, now: Date): Promise<number> => {
    const name = sql.raw(each.table);
    return database.execute(sql`DELETE FROM ${name} WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM ${name} WHERE ctid >= ${`(${from},0)`}::tid AND ctid < ${`(${from + pages},0)`}::tid
        AND ${each.expired(now)} FOR UPDATE SKIP LOCKED))`);
  };

  return {
    async run() {
      const started = performance.now();
      const now = clock.now();
      const deleted: Record<string, number> = {};
      let batches = 0;
      let slowest = 0;
      while (at.table < tables.length) {
        const each = tables[at.table]!;
        const end = await sizeOf(each.table);
        for (; at.page < end; at.page += pages) {
          if (performance.now() - started > budget) return { deleted, batches, slowest, complete: false };
          const before = performance.now();
          deleted[each.table] = (deleted[each.table] ?? 0) + (await sweep(each, at.page, now));
          slowest = Math.max(slowest, performance.now() - before);
          batches += 1;
        }
        at = { table: at.table + 1, page: 0 };
      }
      at = { table: 0, page: 0 };
      return { deleted, batches, slowest, complete: true };
    },
  };
}
