import type { Queryable } from '../database.ts';
import { tokenHash } from '../ids.ts';
import { type Sql, sql } from '../sql.ts';

export const begin = (token: string, now: Date): Sql =>
  sql`INSERT INTO kiosk_visits (token_hash, seen_at) VALUES (${tokenHash(token)}, ${now})`;

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

export const end = (token: string): Sql => sql`DELETE FROM kiosk_visits WHERE token_hash = ${tokenHash(token)}`;

export const sweep = (since: Date): Sql => sql`DELETE FROM kiosk_visits WHERE seen_at <= ${since}`;
