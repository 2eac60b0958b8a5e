import type { Queryable } from '../../../platform/database.ts';
import { sql } from '../../../platform/sql.ts';
import type { StatusAnswer } from './authority.ts';

interface StatusRow {
  status: StatusAnswer['status'];
  as_of: Date;
}

const answerOf = (row: StatusRow): StatusAnswer => ({ status: row.status, asOf: row.as_of });

/** Keeps an answer unless a newer one is kept already, and answers which one is kept now. */
export async function keep(on: Queryable, document: Buffer, answer: StatusAnswer, now: Date): Promise<StatusAnswer> {
  const row = await on.row<StatusRow>(sql`
    INSERT INTO document_statuses AS kept (document, status, as_of, asked_at)
    VALUES (${document}, ${answer.status}, ${answer.asOf}, ${now})
    ON CONFLICT (document) DO UPDATE SET
      status = CASE WHEN excluded.as_of >= kept.as_of THEN excluded.status ELSE kept.status END,
      as_of = greatest(excluded.as_of, kept.as_of), asked_at = excluded.asked_at
    RETURNING status, as_of`);
  return answerOf(row!);
}

export async function kept(on: Queryable, document: Buffer): Promise<StatusAnswer | undefined> {
  const row = await on.row<StatusRow>(sql`SELECT status, as_of FROM document_statuses WHERE document = ${document}`);
  return row && answerOf(row);
}

/** Removes the `valid` answers of before a moment: nobody may use them any more. A bad answer stays. */
export const forgetValidBefore = (on: Queryable, moment: Date): Promise<number> =>
  on.execute(sql`DELETE FROM document_statuses WHERE status = 'valid' AND as_of < ${moment}`);
