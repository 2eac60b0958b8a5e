import type { Queryable } from '../../../platform/database.ts';
import { type Sql, sql } from '../../../platform/sql.ts';

/** The newest that two people agreed on, or the one of a number; nothing before the first. */
export const agreed = (on: Queryable, number?: string): Promise<{ number: string; rules: unknown } | undefined> =>
  on.row(sql`
    SELECT number::text AS number, rules FROM card_rules
    WHERE ${number ?? null}::text IS NULL OR number::text = ${number ?? null} ORDER BY card_rules.number DESC LIMIT 1`);

/** Waits until no others are being agreed on; the end of the transaction lets the next ones in. */
export const waitForTurn = (on: Queryable): Promise<number> =>
  on.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('card rules', 0))`);

export const insert = (row: {
  readonly rules: unknown;
  readonly changeRequestId: string;
  readonly now: Date;
}): Sql => sql`
  INSERT INTO card_rules (rules, agreed_at, change_request_id)
  VALUES (${JSON.stringify(row.rules)}, ${row.now}, ${row.changeRequestId})`;
