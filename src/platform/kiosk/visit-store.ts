import type { Queryable } from '../database.ts';
import { tokenHash } from '../ids.ts';
import { type Sql, sql } from '../sql.ts';
import type { Write } from '../unit-of-work.ts';

/** A visit as it is kept: who is meant, when they last did something, and, sealed, what ends with it. */
export interface KeptVisit {
  readonly hash: Buffer;
  readonly seenAt: Date;
  readonly holds: readonly Buffer[];
}
interface VisitRow {
  readonly token_hash: Buffer;
  readonly seen_at: Date;
  readonly holds: Buffer[];
}
const kept = ({ token_hash: hash, seen_at: seenAt, holds }: VisitRow): KeptVisit => ({ hash, seenAt, holds });

/** Of a visit that somebody has ended: the longest silence there is. */
const CLOSED = new Date(0);

/** More than these nobody begins in one visit; of whoever does, the oldest are forgotten. */
const MOST = 64;

export const begin = (token: string, holds: readonly Buffer[], now: Date): Sql =>
  sql`INSERT INTO kiosk_visits (token_hash, holds, seen_at) VALUES (${tokenHash(token)}, ${[...holds]}::bytea[], ${now})`;

/** This ends with the visit, too. Touches nothing where the visit is no more. */
export const hold = (token: string, sealed: readonly Buffer[]): Sql =>
  sql`UPDATE kiosk_visits SET holds = (holds || ${[...sealed]}::bytea[])
      [greatest(cardinality(holds) + ${sealed.length}::int - ${MOST - 1}::int, 1):]
    WHERE token_hash = ${tokenHash(token)} AND seen_at > ${CLOSED}`;

/** When somebody has last used the machine, if they have since then. `moves`: they do now, and have as long again. */
export async function seenAt(
  on: Queryable,
  token: string,
  { now, since, moves }: { readonly now: Date; readonly since: Date; readonly moves: boolean },
): Promise<Date | undefined> {
  const row = await on.row<{
    seen_at: Date;
  }>(sql`UPDATE kiosk_visits SET seen_at = CASE WHEN ${moves} THEN ${now}::timestamptz ELSE seen_at END
    WHERE token_hash = ${tokenHash(token)} AND seen_at > ${since} RETURNING seen_at`);
  return row?.seen_at;
}

/** The visit of this browser, however long it has been silent, goes on no more. What it holds ends with its row. */
export async function close(on: Queryable, token: string): Promise<KeptVisit | undefined> {
  const row = await on.row<VisitRow>(sql`UPDATE kiosk_visits SET seen_at = ${CLOSED}
    WHERE token_hash = ${tokenHash(token)} RETURNING token_hash, seen_at, holds`);
  return row && kept(row);
}

/** Visits that have been silent since then, the longest first, behind one that was looked at before. */
export async function silent(
  on: Queryable,
  { since, after, most }: { readonly since: Date; readonly after: KeptVisit | undefined; readonly most: number },
): Promise<KeptVisit[]> {
  const behind = after ? sql`AND (seen_at, token_hash) > (${after.seenAt}, ${after.hash})` : sql.raw('');
  const rows = await on.rows<VisitRow>(sql`SELECT token_hash, seen_at, holds FROM kiosk_visits
    WHERE seen_at <= ${since} ${behind} ORDER BY seen_at, token_hash LIMIT ${most}`);
  return rows.map(kept);
}

/** Somebody else has ended the visit, or it has come to hold something else, or goes on. */
export class VisitMoved extends Error {}

/** Ends a visit that holds what was read and nothing more; where it must have been silent, only if it still is. */
export const end = ({ hash, holds }: KeptVisit, since?: Date): Write => ({
  statement: sql`DELETE FROM kiosk_visits WHERE token_hash = ${hash} AND holds = ${[...holds]}::bytea[]
    ${since ? sql`AND seen_at <= ${since}` : sql.raw('')}`,
  lost: () => new VisitMoved(),
});
