import type { Queryable } from '../../../platform/database.ts';
import { type Sql, sql } from '../../../platform/sql.ts';
import type { Write } from '../../../platform/unit-of-work.ts';
import type { Counter } from './throttle.ts';

/** What PostgreSQL says about a reservation. */
export interface Reservation {
  /** Number of the counter that refuses, from 1; 0 when the attempt may go on. */
  readonly refused_by: number;
  readonly retry_after: number;
  /** Attempts on the first counter, this one included, that were not followed by a success. */
  readonly first_attempts: number;
  readonly first_refusals: number;
}

/** A FROM item with the columns of `Reservation`: reserves one attempt against all counters, or against none. */
export const reservation = (counters: readonly Counter[], now: Date): Sql => {
  const column = (pick: (counter: Counter) => number): number[] => counters.map(pick);
  return sql`senid_reserve_attempt(${now}::timestamptz, ${counters.map(({ key }) => key)}::bytea[],
    ${column(({ limit }) => limit.most)}::integer[], ${column(({ limit }) => limit.window)}::integer[],
    ${column(({ limit }) => limit.free)}::integer[], ${column(({ limit }) => limit.pause)}::integer[],
    ${column(({ limit }) => limit.keep)}::integer[], ${column(({ limit }) => limit.first ?? 1)}::integer[])`;
};

/** Reserves one attempt, nothing else. */
export async function reserve(database: Queryable, counters: readonly Counter[], now: Date): Promise<Reservation> {
  const row = await database.row<Reservation>(sql`SELECT * FROM ${reservation(counters, now)}`);
  if (!row) throw new Error('a reservation answers one row');
  return row;
}

/** Gives an attempt back: it was a success (which also sets the authenticator's count to nothing), or could not be looked at. */
export const giveBack = (counters: readonly Counter[], success: boolean): Write => ({
  statement: sql`UPDATE authentication_throttles AS t
    SET attempts = CASE WHEN mine.resets THEN 0 ELSE greatest(t.attempts - 1, 0) END,
        refusals = CASE WHEN mine.resets THEN 0 ELSE t.refusals END
    FROM (SELECT c.key, k.resets
          FROM unnest(${counters.map(({ key }) => key)}::bytea[], ${counters.map(({ resets }) => resets && success)}::boolean[])
            WITH ORDINALITY AS k (key, resets, place)
          JOIN authentication_throttles c USING (key) ORDER BY k.place FOR UPDATE OF c) AS mine
    WHERE t.key = mine.key`,
});

/** Forgets a counter. */
export const forgetCounter = (key: Buffer): Write => ({
  statement: sql`DELETE FROM authentication_throttles WHERE key = ${key}`,
});

/** A batch of counters that nobody has touched for as long as they are kept. */
export const sweepCounters = (now: Date, batch: number): Sql =>
  sql`DELETE FROM authentication_throttles WHERE key IN
    (SELECT key FROM authentication_throttles WHERE expires_at < ${now} LIMIT ${batch} FOR UPDATE SKIP LOCKED)`;
