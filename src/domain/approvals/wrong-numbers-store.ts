import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';

/** So many wrong identity numbers, and an operator's approvals wait until so many seconds after the first of them. */
export const WRONG_NUMBERS = { most: 5, within: 86_400 } as const;

const beginning = (now: Date): Date => new Date(now.getTime() - WRONG_NUMBERS.within * 1_000);

/** Seconds until an operator's approvals go on; nothing when they need not wait. Ask while the operator's row is held. */
export async function waitOf(on: Queryable, operatorId: string, now: Date): Promise<number | undefined> {
  const row = await on.row<{ since: Date }>(sql`SELECT since FROM approval_wrong_numbers
    WHERE operator_id = ${operatorId} AND wrong >= ${WRONG_NUMBERS.most} AND since > ${beginning(now)}`);
  return row && Math.ceil((row.since.getTime() - beginning(now).getTime()) / 1_000);
}

/** One more; answers how many there are now. Nothing takes one back: a right number elsewhere says nothing about this one. */
export async function countWrong(on: Queryable, operatorId: string, now: Date): Promise<number> {
  const row = await on.row<{ wrong: number }>(sql`
    INSERT INTO approval_wrong_numbers AS w (operator_id, wrong, since) VALUES (${operatorId}, 1, ${now})
    ON CONFLICT (operator_id) DO UPDATE SET
      wrong = CASE WHEN w.since > ${beginning(now)} THEN w.wrong + 1 ELSE 1 END,
      since = CASE WHEN w.since > ${beginning(now)} THEN w.since ELSE excluded.since END
    RETURNING wrong`);
  return row!.wrong;
}
