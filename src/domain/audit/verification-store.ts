import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Verification } from './verification.ts';

/** One more, unless one is under way. */
export const ask = (by: string, now: Date): Sql => sql`
  INSERT INTO journal_verifications (asked_by, asked_at) VALUES (${by}, ${now}) ON CONFLICT DO NOTHING`;

/** Takes the open one; it is taken again when whoever took it before `lost` never ended it. */
export async function take(database: Queryable, now: Date, lost: Date): Promise<number | undefined> {
  const row = await database.row<{ id: number }>(sql`
    UPDATE journal_verifications SET begun_at = ${now}
    WHERE ended_at IS NULL AND (begun_at IS NULL OR begun_at < ${lost}) RETURNING id`);
  return row?.id;
}

export const end = (id: number, result: Verification, now: Date): Sql => sql`
  UPDATE journal_verifications SET ended_at = ${now}, result = ${JSON.stringify(result)}::jsonb WHERE id = ${id}`;

export const last = (database: Queryable): Promise<{ at: Date; result: Verification } | undefined> =>
  database.row(sql`
    SELECT ended_at AS at, result FROM journal_verifications WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1`);

export const open = (database: Queryable): Promise<{ askedAt: Date } | undefined> =>
  database.row(sql`SELECT asked_at AS "askedAt" FROM journal_verifications WHERE ended_at IS NULL`);
