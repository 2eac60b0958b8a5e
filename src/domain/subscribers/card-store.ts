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

/** What runs out on a day: a card, or a foreigner's residence card; and the passport of a foreigner. */
export type Dated = 'card' | 'passport';

/** The last days of the documents that somebody has now, ISO 8601; missing where none is known. */
export type LastDays = Partial<Record<Dated, string>>;

export async function lastDays(on: Queryable, id: string): Promise<LastDays> {
  const row = await on.row<Record<Dated, string | null>>(sql`
    SELECT card_expires_on::text AS card, passport_expires_on::text AS passport FROM subscribers WHERE id = ${id}`);
  return {
    ...(row?.card == null ? {} : { card: row.card }),
    ...(row?.passport == null ? {} : { passport: row.passport }),
  };
}

/** A closed account keeps what it had. */
export const until = (id: string, dated: Dated, lastDay: string | undefined): Sql =>
  dated === 'card'
    ? sql`UPDATE subscribers SET card_expires_on = ${lastDay ?? null}::date WHERE id = ${id} AND state = 'active'`
    : sql`UPDATE subscribers SET passport_expires_on = ${lastDay ?? null}::date WHERE id = ${id} AND state = 'active'`;

/** A last day that has passed, and nothing was done about it. */
export interface RunOut {
  readonly id: string;
  readonly dated: Dated;
  readonly lastDay: string;
}

const FIRST = '00000000-0000-0000-0000-000000000000';
/** Along an index of its own, the earliest first, behind another one: what cannot be met stays where it is. */
export const expired = (
  on: Queryable,
  dated: Dated,
  { today, after, limit }: { readonly today: string; readonly after: RunOut | undefined; readonly limit: number },
): Promise<RunOut[]> => {
  const [day, met] = [sql.raw(`${dated}_expires_on`), sql.raw(`${dated}_expiry_met`)];
  return on.rows<RunOut>(sql`
    SELECT id, ${dated}::text AS dated, ${day}::text AS "lastDay" FROM subscribers
    WHERE ${day} < ${today}::date AND ${met} IS DISTINCT FROM ${day} AND state = 'active'
      AND (${day}, id) > (${after?.lastDay ?? '-infinity'}::date, ${after?.id ?? FIRST}::uuid)
    ORDER BY ${day}, id LIMIT ${limit}`);
};

/** Something was done about this very day: whoever comes second does nothing. */
export const met = ({ id, dated, lastDay }: RunOut): Sql =>
  dated === 'card'
    ? sql`UPDATE subscribers SET card_expiry_met = card_expires_on
        WHERE id = ${id} AND state = 'active' AND card_expires_on = ${lastDay}::date
          AND card_expiry_met IS DISTINCT FROM card_expires_on`
    : sql`UPDATE subscribers SET passport_expiry_met = passport_expires_on
        WHERE id = ${id} AND state = 'active' AND passport_expires_on = ${lastDay}::date
          AND passport_expiry_met IS DISTINCT FROM passport_expires_on`;
