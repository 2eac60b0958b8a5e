import type { Queryable } from '../../../platform/database.ts';
import { sql } from '../../../platform/sql.ts';
import type { Write } from '../../../platform/unit-of-work.ts';

/** One thing that is counted, in a window that slides by twelfths of itself. */
export interface Counter {
  readonly scope: string;
  readonly key: Buffer;
  /** Which twelfth of a window is now, counted from 1970. */
  readonly twelfth: number;
  readonly cap: number;
  /** How long a twelfth is, milliseconds. */
  readonly length: number;
}

const lostWrite = 'SL001';

/**
 * Counts one message against every counter, or against none: a full counter undoes the statement. Counters are taken in the
 * order they are given, the same for everybody, so that two requests never wait for each other. A clock that is behind counts
 * in the newest twelfth that is known. Nothing is counted when `once` touches no row: then it was, by whoever wrote that.
 */
export async function count(
  database: Queryable,
  counters: readonly Counter[],
  { now, once }: { readonly now: Date; readonly once?: Write },
): Promise<boolean> {
  const first = once === undefined ? sql`SELECT 1` : sql`${once.statement} RETURNING 1`;
  try {
    await database.execute(sql`
      WITH first AS (${first}), counted AS (
        INSERT INTO sliding_message_budgets AS b (scope, key, newest, counts, cap, counted_at)
        SELECT scope, key, twelfth, ARRAY[1], cap, ${now}::timestamptz
        FROM unnest(${counters.map((c) => c.scope)}::text[], ${counters.map((c) => c.key)}::bytea[],
          ${counters.map((c) => c.twelfth)}::bigint[], ${counters.map((c) => c.cap)}::integer[])
          AS wanted (scope, key, twelfth, cap)
        WHERE EXISTS (SELECT FROM first)
        ON CONFLICT (scope, key) DO UPDATE SET
          newest = greatest(b.newest, excluded.newest), cap = excluded.cap, counted_at = excluded.counted_at,
          counts = ARRAY[(senid_slid(b.counts, excluded.newest - b.newest))[1] + 1]
            || (senid_slid(b.counts, excluded.newest - b.newest))[2:]
        WHERE senid_in_all(senid_slid(b.counts, excluded.newest - b.newest)) < excluded.cap
        RETURNING 1
      )
      SELECT CASE WHEN EXISTS (SELECT FROM first)
        AND (SELECT count(*) FROM counted) < ${counters.length}::integer THEN senid_lost(0) END`);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === lostWrite) return false;
    throw error;
  }
}

/** For each counter after how many twelfths there is room again: 0, now. */
async function roomIn(database: Queryable, counters: readonly Counter[]): Promise<number[]> {
  const rows = await database.rows<{ number: number; slid: number }>(sql`
    SELECT wanted.number, min(slid) AS slid
    FROM unnest(${counters.map((c) => c.scope)}::text[], ${counters.map((c) => c.key)}::bytea[],
      ${counters.map((c) => c.twelfth)}::bigint[], ${counters.map((c) => c.cap)}::integer[])
      WITH ORDINALITY AS wanted (scope, key, twelfth, cap, number)
    JOIN sliding_message_budgets b USING (scope, key), generate_series(0, 13) AS slid
    WHERE senid_in_all(senid_slid(b.counts, wanted.twelfth - b.newest + slid)) < wanted.cap GROUP BY wanted.number`);
  const slid = new Map(rows.map((row) => [Number(row.number), Number(row.slid)]));
  return counters.map((_, index) => slid.get(index + 1) ?? 0);
}

/** The scopes that have no room now. */
export async function fullOf(database: Queryable, counters: readonly Counter[]): Promise<string[]> {
  const room = await roomIn(database, counters);
  return counters.flatMap(({ scope }, index) => (room[index] ? [scope] : []));
}

/** Seconds after which there is room in all of them, as far as is known now; at least one. */
export async function secondsUntilRoom(database: Queryable, counters: readonly Counter[], now: Date): Promise<number> {
  const room = await roomIn(database, counters);
  const at = now.getTime();
  const free = counters.map(({ twelfth, length }, index) => (room[index] ? (twelfth + room[index]) * length : at));
  return Math.max(1, Math.ceil((Math.max(at, ...free) - at) / 1000));
}

/** Forgets what nobody has counted since a moment, and what calendar windows left behind; answers how many. */
export async function forgetBudgets(database: Queryable, before: Date): Promise<number> {
  const slid = await database.execute(sql`
    DELETE FROM sliding_message_budgets WHERE (scope, key) IN (
      SELECT scope, key FROM sliding_message_budgets WHERE counted_at < ${before} LIMIT 5000 FOR UPDATE SKIP LOCKED)`);
  const calendar = await database.execute(sql`
    DELETE FROM message_budgets WHERE (scope, key, window_start) IN (
      SELECT scope, key, window_start FROM message_budgets WHERE window_start < ${before} LIMIT 5000)`);
  return slid + calendar;
}
