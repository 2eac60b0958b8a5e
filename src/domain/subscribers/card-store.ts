import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';

/**
 * Whose number this is. The lock is the one that the database takes before it opens an account for a number: what is reported
 * of somebody and the opening of their account come one after the other.
 */
export async function holding(transaction: Queryable, key: Buffer): Promise<string | undefined> {
  await transaction.row(sql`SELECT pg_advisory_xact_lock(hashtextextended(${key.toString('hex')}, 0))`);
  const row = await transaction.row<{ subscriber_id: string }>(
    sql`SELECT subscriber_id FROM subscriber_identifiers WHERE hash = ${key}`,
  );
  return row?.subscriber_id;
}

/** A closed account keeps what it had. */
export const until = (id: string, lastDay: string | undefined): Sql =>
  sql`UPDATE subscribers SET card_expires_on = ${lastDay ?? null}::date WHERE id = ${id} AND state = 'active'`;

/** The accounts whose card has had its last day, and nothing was done about it. */
export async function expired(on: Queryable, today: string, limit: number) {
  const rows = await on.rows<{ id: string; card_expires_on: string }>(sql`
    SELECT id, card_expires_on FROM subscribers
    WHERE card_expires_on < ${today}::date AND card_expiry_met IS DISTINCT FROM card_expires_on AND state = 'active'
    ORDER BY card_expires_on LIMIT ${limit}`);
  return rows.map((row) => ({ id: row.id, lastDay: row.card_expires_on }));
}

/** Something was done about this very day: whoever comes second does nothing. */
export const met = (id: string, lastDay: string): Sql =>
  sql`UPDATE subscribers SET card_expiry_met = card_expires_on
    WHERE id = ${id} AND state = 'active' AND card_expires_on = ${lastDay}::date
      AND card_expiry_met IS DISTINCT FROM card_expires_on`;
