import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { CorrectionSubject, DataRequest, DataRequestKind, DataRequestOutcome } from './data-request.ts';

interface RequestRow {
  id: string;
  number: number;
  subscriber_id: string;
  kind: DataRequestKind;
  subject: CorrectionSubject | null;
  statement: Buffer;
  received_at: Date;
  acknowledge_by: Date;
  acknowledged_at: Date | null;
  decide_by: Date;
  extended_at: Date | null;
  extension_reason: Buffer | null;
  outcome: DataRequestOutcome | null;
  decision: Buffer | null;
  decided_by: string | null;
  decided_at: Date | null;
  handed_over_at: Date | null;
  register_case: string | null;
}

const columns =
  sql.raw(`id, number, subscriber_id, kind, subject, statement, received_at, acknowledge_by, acknowledged_at,
  decide_by, extended_at, extension_reason, outcome, decision, decided_by, decided_at, handed_over_at, register_case`);

/** Three texts of one row, each bound to its place. */
const context = (id: string, what: 'statement' | 'extension' | 'decision'): string => `${what} ${id}`;

const fromRow = (row: RequestRow, sealer: Sealer): DataRequest => ({
  id: row.id,
  number: Number(row.number),
  subscriberId: row.subscriber_id,
  kind: row.kind,
  ...(row.subject ? { subject: row.subject } : {}),
  statement: sealer.open(row.statement, context(row.id, 'statement')),
  receivedAt: row.received_at,
  acknowledgeBy: row.acknowledge_by,
  ...(row.acknowledged_at ? { acknowledgedAt: row.acknowledged_at } : {}),
  decideBy: row.decide_by,
  ...(row.extended_at && row.extension_reason
    ? { extension: { at: row.extended_at, reason: sealer.open(row.extension_reason, context(row.id, 'extension')) } }
    : {}),
  ...(row.outcome && row.decision && row.decided_at
    ? {
        decision: {
          outcome: row.outcome,
          reason: sealer.open(row.decision, context(row.id, 'decision')),
          at: row.decided_at,
          ...(row.decided_by ? { by: row.decided_by } : {}),
        },
      }
    : {}),
  ...(row.handed_over_at ? { handedOver: { at: row.handed_over_at, caseNumber: row.register_case ?? '' } } : {}),
});

/** Taken in once: of two presses of one form the second is lost. */
export const insert = (sealer: Sealer, made: Omit<DataRequest, 'number'>): Sql => sql`
  INSERT INTO data_requests (id, subscriber_id, kind, subject, statement, received_at, acknowledge_by, acknowledged_at,
    decide_by, outcome, decision, decided_at)
  VALUES (${made.id}, ${made.subscriberId}, ${made.kind}, ${made.subject ?? null},
    ${sealer.seal(made.statement, context(made.id, 'statement'))}, ${made.receivedAt}, ${made.acknowledgeBy},
    ${made.acknowledgedAt ?? null}, ${made.decideBy}, ${made.decision?.outcome ?? null},
    ${made.decision ? sealer.seal(made.decision.reason, context(made.id, 'decision')) : null}, ${made.decision?.at ?? null})
  ON CONFLICT (id) DO NOTHING`;

export async function find(database: Queryable, sealer: Sealer, id: string): Promise<DataRequest | undefined> {
  const row = await database.row<RequestRow>(sql`SELECT ${columns} FROM data_requests WHERE id = ${id}`);
  return row && fromRow(row, sealer);
}

/** Of one person, the newest first. */
export async function of(
  database: Queryable,
  sealer: Sealer,
  subscriberId: string,
  query: { readonly before?: number | undefined; readonly limit: number },
): Promise<DataRequest[]> {
  const rows = await database.rows<RequestRow>(sql`
    SELECT ${columns} FROM data_requests WHERE subscriber_id = ${subscriberId}
      ${query.before === undefined ? sql.raw('') : sql`AND number < ${query.before}`}
    ORDER BY number DESC LIMIT ${query.limit}`);
  return rows.map((row) => fromRow(row, sealer));
}

/** Open ones, the one whose end is nearest first. */
export async function open(
  database: Queryable,
  sealer: Sealer,
  query: { readonly after?: { readonly decideBy: Date; readonly id: string } | undefined; readonly limit: number },
): Promise<DataRequest[]> {
  const rows = await database.rows<RequestRow>(sql`
    SELECT ${columns} FROM data_requests WHERE decided_at IS NULL
      ${query.after === undefined ? sql.raw('') : sql`AND (decide_by, id) > (${query.after.decideBy}::timestamptz, ${query.after.id}::uuid)`}
    ORDER BY decide_by, id LIMIT ${query.limit}`);
  return rows.map((row) => fromRow(row, sealer));
}

/** How many are open, and how many of them late. */
export async function counts(database: Queryable, now: Date): Promise<{ open: number; overdue: number }> {
  const row = await database.row<{ open: number; overdue: number }>(sql`
    SELECT count(*) AS open, count(*) FILTER (WHERE decide_by < ${now}
      OR (acknowledged_at IS NULL AND acknowledge_by < ${now})) AS overdue
    FROM data_requests WHERE decided_at IS NULL`);
  return row ?? { open: 0, overdue: 0 };
}

export const acknowledge = (id: string, now: Date): Sql => sql`
  UPDATE data_requests SET acknowledged_at = ${now}
  WHERE id = ${id} AND acknowledged_at IS NULL AND decided_at IS NULL`;

/** Once: a request that was extended is not found. */
export const extend = (
  sealer: Sealer,
  id: string,
  extension: { readonly reason: string; readonly decideBy: Date; readonly at: Date },
): Sql => sql`
  UPDATE data_requests SET extended_at = ${extension.at}, decide_by = ${extension.decideBy},
    extension_reason = ${sealer.seal(extension.reason, context(id, 'extension'))},
    acknowledged_at = coalesce(acknowledged_at, ${extension.at})
  WHERE id = ${id} AND extended_at IS NULL AND decided_at IS NULL`;

export const decide = (sealer: Sealer, id: string, decision: NonNullable<DataRequest['decision']>): Sql => sql`
  UPDATE data_requests SET outcome = ${decision.outcome}, decided_at = ${decision.at}, decided_by = ${decision.by ?? null},
    decision = ${sealer.seal(decision.reason, context(id, 'decision'))},
    acknowledged_at = coalesce(acknowledged_at, ${decision.at})
  WHERE id = ${id} AND decided_at IS NULL`;

export const handedOver = (id: string, caseNumber: string, now: Date): Sql => sql`
  UPDATE data_requests SET handed_over_at = ${now}, register_case = ${caseNumber} WHERE id = ${id} AND handed_over_at IS NULL`;

/** Corrections that the register has not taken yet, the oldest first. */
export async function toHandOver(database: Queryable, sealer: Sealer, limit: number): Promise<DataRequest[]> {
  const rows = await database.rows<RequestRow>(sql`
    SELECT ${columns} FROM data_requests WHERE kind = 'rectify' AND handed_over_at IS NULL AND decided_at IS NULL
    ORDER BY received_at LIMIT ${limit}`);
  return rows.map((row) => fromRow(row, sealer));
}
