import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';

/** What one legal entity has asked of one person, and since when it is counted. */
export interface AskedRow {
  readonly hashes: readonly Buffer[];
  readonly since: Date;
}

interface Of {
  readonly subscriberId: string;
  readonly legalEntity: string;
}

/** The row, made where there is none, and nobody else's until the transaction ends: parallel questions are counted one by one. */
export async function hold(on: Queryable, { subscriberId, legalEntity }: Of, now: Date): Promise<AskedRow> {
  await on.execute(sql`INSERT INTO asked_values (subscriber_id, legal_entity, since)
    VALUES (${subscriberId}, ${legalEntity}, ${now}) ON CONFLICT DO NOTHING`);
  const row = await on.row<AskedRow>(sql`SELECT hashes, since FROM asked_values
    WHERE subscriber_id = ${subscriberId} AND legal_entity = ${legalEntity} FOR UPDATE`);
  return row ?? { hashes: [], since: now };
}

export const keep = (on: Queryable, { subscriberId, legalEntity }: Of, { hashes, since }: AskedRow): Promise<number> =>
  on.execute(sql`UPDATE asked_values SET hashes = ${[...hashes]}::bytea[], since = ${since}
    WHERE subscriber_id = ${subscriberId} AND legal_entity = ${legalEntity}`);

/** What is counted no more. */
export const forget = (on: Queryable, before: Date): Promise<number> =>
  on.execute(sql`DELETE FROM asked_values WHERE since < ${before}`);
