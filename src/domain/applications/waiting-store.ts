import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Form, Silent, State } from './application.ts';

/** One application as officers see it in a list: nobody is named. */
export interface WaitingRow {
  readonly id: string;
  readonly reference: string;
  readonly form: Form;
  readonly state: State;
  readonly waitingFor?: Silent;
  readonly submittedAt: Date;
  /** When it is to be decided, or was to be activated. */
  readonly by: Date;
}

/** Which of them, with the column that they are ordered by: each is a stretch of one index. */
export type Which = 'overdue' | 'open' | 'lapsed';
const stretch = (which: Which, now: Date): { readonly where: Sql; readonly by: Sql } =>
  which === 'lapsed'
    ? { where: sql`activation = 'lapsed' AND applicant IS NOT NULL`, by: sql.raw('activate_before') }
    : {
        where: sql`state IN ('SUBMITTED', 'CHECKING') ${which === 'overdue' ? sql`AND due_at < ${now}` : sql.raw('')}`,
        by: sql.raw('due_at'),
      };

interface Row {
  id: string;
  reference: string;
  form: Form;
  state: State;
  waiting_for: Silent | null;
  submitted_at: Date;
  by: Date;
}

/** A page of them, the most urgent first, behind the last one of the page before. */
export async function page(
  on: Queryable,
  { which, now }: { readonly which: Which; readonly now: Date },
  { after, limit }: { readonly after?: { readonly at: Date; readonly id: string } | undefined; readonly limit: number },
): Promise<WaitingRow[]> {
  const { where, by } = stretch(which, now);
  const behind = after ? sql`AND (${by}, id) > (${after.at}, ${after.id}::uuid)` : sql.raw('');
  const rows = await on.rows<Row>(sql`SELECT id, reference, form, state, waiting_for, submitted_at, ${by} AS by
    FROM enrolment_applications WHERE ${where} ${behind} ORDER BY ${by}, id LIMIT ${limit}`);
  return rows.map(({ waiting_for: waitingFor, submitted_at: submittedAt, ...row }) => ({
    ...{ ...row, submittedAt },
    ...(waitingFor === null ? {} : { waitingFor }),
  }));
}

/** How many there are, counted no further than `most`. */
export async function count(on: Queryable, { which, now }: { which: Which; now: Date }, most: number): Promise<number> {
  const { where } = stretch(which, now);
  const row = await on.row<{ count: number }>(
    sql`SELECT count(*) AS count FROM (SELECT 1 FROM enrolment_applications WHERE ${where} LIMIT ${most}) AS counted`,
  );
  return row?.count ?? 0;
}
