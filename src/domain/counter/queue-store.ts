import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Form, Phase } from './application.ts';

/** One application as the queue shows it: nobody is named. */
export interface QueueRow {
  readonly id: string;
  readonly reference: string;
  readonly form: Form;
  readonly phase: Exclude<Phase, 'over'>;
  readonly office: string;
  readonly officer?: string;
  readonly receivedAt: Date;
  readonly dueAt: Date;
}

/** Where one looks: everywhere, in a province, in an office; and never among training and real ones at once. */
export type Scope = { readonly training: boolean } & (
  | { readonly province: string }
  | { readonly office: string }
  | { readonly everywhere: true }
);

/** By deadline or by age, from a moment on and before another; both are of the column that it goes by. */
export interface Slice {
  readonly scope: Scope;
  readonly phases: readonly Exclude<Phase, 'over'>[];
  readonly by: 'due_at' | 'received_at';
  readonly from?: Date | undefined;
  readonly before?: Date | undefined;
}

interface Row {
  id: string;
  reference: string;
  form: Form;
  phase: Exclude<Phase, 'over'>;
  office: string;
  officer: string | null;
  received_at: Date;
  due_at: Date;
}

const within = (scope: Scope): Sql =>
  'office' in scope
    ? sql`AND office = ${scope.office}`
    : 'province' in scope
      ? sql`AND province = ${scope.province}`
      : sql.raw('');

/** One phase of a slice: exactly a stretch of one index (`level_2_queue_…`). */
const stretch = ({ scope, by, from, before }: Slice, phase: Phase): Sql => sql`
  training = ${scope.training} ${within(scope)} AND phase = ${phase} AND phase <> 'over'
    ${from ? sql`AND ${sql.raw(by)} >= ${from}` : sql.raw('')} ${before ? sql`AND ${sql.raw(by)} < ${before}` : sql.raw('')}`;

/**
 * A page, the most urgent or the oldest first, behind the last one of the page before. Each phase is read along its own index and
 * no further than the page is long, then they are merged: the cost does not grow with what waits.
 */
export async function page(
  on: Queryable,
  slice: Slice,
  { after, limit }: { readonly after?: { readonly at: Date; readonly id: string } | undefined; readonly limit: number },
): Promise<QueueRow[]> {
  const by = sql.raw(slice.by);
  const behind = after ? sql`AND (${by}, id) > (${after.at}, ${after.id}::uuid)` : sql.raw('');
  const phases = slice.phases.map(
    (phase) => sql`(SELECT id, reference, form, phase, office, officer, received_at, due_at FROM level_2_applications
      WHERE ${stretch(slice, phase)} ${behind} ORDER BY ${by}, id LIMIT ${limit})`,
  );
  const rows = await on.rows<Row>(
    sql`SELECT * FROM (${sql.join(phases, ' UNION ALL ')}) AS merged ORDER BY ${by}, id LIMIT ${limit}`,
  );
  return rows.map((row) => ({
    ...{ id: row.id, reference: row.reference, form: row.form, phase: row.phase, office: row.office },
    ...(row.officer === null ? {} : { officer: row.officer }),
    ...{ receivedAt: row.received_at, dueAt: row.due_at },
  }));
}

/** How many there are, counted no further than `most`. */
export async function count(on: Queryable, slice: Slice, most: number): Promise<number> {
  const phases = slice.phases.map(
    (phase) => sql`(SELECT 1 FROM level_2_applications WHERE ${stretch(slice, phase)} LIMIT ${most})`,
  );
  const row = await on.row<{ count: number }>(
    sql`SELECT count(*) AS count FROM (SELECT 1 FROM (${sql.join(phases, ' UNION ALL ')}) AS open LIMIT ${most}) AS counted`,
  );
  return row?.count ?? 0;
}
