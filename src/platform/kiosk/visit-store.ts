import type { Queryable } from '../database.ts';
import { tokenHash } from '../ids.ts';
import { type Sql, sql } from '../sql.ts';

export const begin = (token: string, now: Date): Sql =>
  sql`INSERT INTO kiosk_visits (token_hash, seen_at) VALUES (${tokenHash(token)}, ${now})`;

/** Whether somebody has used the machine since then. `moves`: they do now, and have as long again. */
export async function goesOn(
  on: Queryable,
  token: string,
  { now, since, moves }: { readonly now: Date; readonly since: Date; readonly moves: boolean },
): Promise<boolean> {
  const row =
    await on.row(sql`UPDATE kiosk_visits SET seen_at = CASE WHEN ${moves} THEN ${now}::timestamptz ELSE seen_at END
    WHERE token_hash = ${tokenHash(token)} AND seen_at > ${since} RETURNING 1`);
  return row !== undefined;
}

export const end = (token: string): Sql => sql`DELETE FROM kiosk_visits WHERE token_hash = ${tokenHash(token)}`;

export const sweep = (since: Date): Sql => sql`DELETE FROM kiosk_visits WHERE seen_at <= ${since}`;
