import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Told, Withdrawal } from './consent.ts';

interface WithdrawalRow {
  consent_id: string;
  client_id: string;
  withdrawn_at: Date;
  told: Told;
  confirm_by: Date;
  told_at: Date | null;
  given_up_at: Date | null;
  confirmed_at: Date | null;
}

const columns = sql.raw('consent_id, client_id, withdrawn_at, told, confirm_by, told_at, given_up_at, confirmed_at');

const fromRow = (row: WithdrawalRow): Withdrawal => ({
  consentId: row.consent_id,
  clientId: row.client_id,
  withdrawnAt: row.withdrawn_at,
  told: row.told,
  confirmBy: row.confirm_by,
  ...(row.told_at ? { toldAt: row.told_at } : {}),
  ...(row.given_up_at ? { givenUpAt: row.given_up_at } : {}),
  ...(row.confirmed_at ? { confirmedAt: row.confirmed_at } : {}),
});

/** A consent that two requests withdraw at once is withdrawn once. */
export const insert = (withdrawal: Withdrawal & { readonly subscriberId: string }): Sql => sql`
  INSERT INTO consent_withdrawals (consent_id, subscriber_id, client_id, withdrawn_at, told, confirm_by)
  VALUES (${withdrawal.consentId}, ${withdrawal.subscriberId}, ${withdrawal.clientId}, ${withdrawal.withdrawnAt},
    ${withdrawal.told}, ${withdrawal.confirmBy})
  ON CONFLICT DO NOTHING`;

/** Their server has taken the message; also one that had been given up and was sent again, unless somebody has told them since. */
export const reached = (consentId: string, now: Date): Sql => sql`
  UPDATE consent_withdrawals SET told_at = ${now}, given_up_at = NULL WHERE consent_id = ${consentId} AND told_at IS NULL`;
export const giveUp = (consentId: string, now: Date): Sql => sql`
  UPDATE consent_withdrawals SET given_up_at = ${now}
  WHERE consent_id = ${consentId} AND told_at IS NULL AND given_up_at IS NULL`;

/** By themselves, once. Whoever confirms knows of it, whatever our own record says. */
export const confirm = (consentId: string, now: Date): Sql => sql`
  UPDATE consent_withdrawals SET confirmed_at = ${now}, told_at = coalesce(told_at, ${now})
  WHERE consent_id = ${consentId} AND confirmed_at IS NULL`;

/** Whom no message tells: they listen to nothing, it was given up, or their date came before it did. */
const noMessage = (now: Date): Sql =>
  sql`(told = 'by_hand' OR given_up_at IS NOT NULL OR confirm_by < ${now}::timestamptz)`;

/** What an officer does by hand, each once, and in this order. Who was told by a message may confirm to an officer too. */
export const tellByHand = (consentId: string, now: Date): Sql => sql`
  UPDATE consent_withdrawals SET told_at = ${now},
    given_up_at = CASE WHEN told = 'by_hand' THEN given_up_at ELSE coalesce(given_up_at, ${now}) END
  WHERE consent_id = ${consentId} AND ${noMessage(now)} AND told_at IS NULL`;
export const confirmByHand = (consentId: string, now: Date): Sql => sql`
  UPDATE consent_withdrawals SET confirmed_at = ${now}
  WHERE consent_id = ${consentId} AND told_at IS NOT NULL AND confirmed_at IS NULL`;

/** Whose it was, and from whom it was taken back. */
export async function find(
  database: Queryable,
  consentId: string,
): Promise<{ readonly subscriberId: string; readonly clientId: string } | undefined> {
  const [row] = await database.rows<{ subscriber_id: string; client_id: string }>(sql`
    SELECT subscriber_id, client_id FROM consent_withdrawals WHERE consent_id = ${consentId}`);
  return row && { subscriberId: row.subscriber_id, clientId: row.client_id };
}

export async function of(database: Queryable, subscriberId: string, limit: number): Promise<Withdrawal[]> {
  const rows = await database.rows<WithdrawalRow>(sql`
    SELECT ${columns} FROM consent_withdrawals WHERE subscriber_id = ${subscriberId}
    ORDER BY withdrawn_at DESC LIMIT ${limit}`);
  return rows.map(fromRow);
}

/**
 * What nobody has confirmed, a page at a time: first what an officer has to tell, then by the day on which the confirmation is due.
 * `after`: the last one of the page before, whether it was confirmed since or not.
 */
export async function unconfirmed(
  database: Queryable,
  { limit, after, now }: { readonly limit: number; readonly after?: string | undefined; readonly now: Date },
): Promise<Withdrawal[]> {
  const order = sql`NOT (told_at IS NULL AND ${noMessage(now)}), confirm_by, consent_id`;
  const behind =
    after === undefined
      ? sql``
      : sql`AND (${order}) > (SELECT ${order} FROM consent_withdrawals WHERE consent_id = ${after}::uuid)`;
  const rows = await database.rows<WithdrawalRow>(sql`
    SELECT ${columns} FROM consent_withdrawals WHERE confirmed_at IS NULL ${behind} ORDER BY ${order} LIMIT ${limit}`);
  return rows.map(fromRow);
}

/** How many nobody has confirmed, how many of them an officer has to tell, and how many are late. */
export async function counts(
  database: Queryable,
  now: Date,
): Promise<{ readonly unconfirmed: number; readonly toTell: number; readonly overdue: number }> {
  const row = await database.row<{ unconfirmed: number; to_tell: number; overdue: number }>(sql`
    SELECT count(*) AS unconfirmed, count(*) FILTER (WHERE confirm_by < ${now}) AS overdue,
      count(*) FILTER (WHERE told_at IS NULL AND ${noMessage(now)}) AS to_tell
    FROM consent_withdrawals WHERE confirmed_at IS NULL`);
  return { unconfirmed: row?.unconfirmed ?? 0, toTell: row?.to_tell ?? 0, overdue: row?.overdue ?? 0 };
}
