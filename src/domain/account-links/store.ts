import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { AccountLink } from './account-links.ts';

/** Links, or notes one more sign-in; one that was unlinked is linked anew. */
export const signedIn = (subscriberId: string, clientId: string, now: Date): Sql => sql`
  INSERT INTO account_links AS l (subscriber_id, client_id, linked_at, last_sign_in_at)
  VALUES (${subscriberId}, ${clientId}, ${now}, ${now})
  ON CONFLICT (subscriber_id, client_id) DO UPDATE SET last_sign_in_at = excluded.last_sign_in_at, unlinked_at = NULL,
    linked_at = CASE WHEN l.unlinked_at IS NULL THEN l.linked_at ELSE excluded.linked_at END`;

export const unlink = (subscriberId: string, clientId: string, now: Date): Sql => sql`
  UPDATE account_links SET unlinked_at = ${now}
  WHERE subscriber_id = ${subscriberId} AND client_id = ${clientId} AND unlinked_at IS NULL`;

interface LinkRow {
  client_id: string;
  linked_at: Date;
  last_sign_in_at: Date;
}

/** The links that stand, the one used last first. */
export async function of(on: Queryable, subscriberId: string, clientId?: string): Promise<AccountLink[]> {
  const rows = await on.rows<LinkRow>(sql`
    SELECT client_id, linked_at, last_sign_in_at FROM account_links
    WHERE subscriber_id = ${subscriberId} AND unlinked_at IS NULL
      ${clientId === undefined ? sql.raw('') : sql`AND client_id = ${clientId}`}
    ORDER BY last_sign_in_at DESC, client_id LIMIT 200`);
  return rows.map((row) => ({
    clientId: row.client_id,
    linkedAt: row.linked_at,
    lastSignInAt: row.last_sign_in_at,
  }));
}

/** How many there are at a client, and the moments of the last that ended: nobody is named. */
export async function atClient(on: Queryable, clientId: string): Promise<{ linked: number; unlinkedAt: Date[] }> {
  const row = await on.row<{ linked: number; ended: Date[] | null }>(sql`
    SELECT (SELECT count(*) FROM account_links WHERE client_id = ${clientId} AND unlinked_at IS NULL) AS linked,
      (SELECT array_agg(unlinked_at ORDER BY unlinked_at DESC) FROM (
        SELECT unlinked_at FROM account_links WHERE client_id = ${clientId} AND unlinked_at IS NOT NULL
        ORDER BY unlinked_at DESC LIMIT 10) AS ended) AS ended`);
  return { linked: row?.linked ?? 0, unlinkedAt: row?.ended ?? [] };
}
