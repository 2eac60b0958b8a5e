import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { CaseOutcome, SecurityCase } from './case.ts';

interface CaseRow {
  id: string;
  number: number;
  subscriber_id: string;
  kind: SecurityCase['kind'];
  session: string;
  signed_in_at: Date;
  frozen: string[];
  opened_at: Date;
  outcome: CaseOutcome | null;
  reason: Buffer | null;
  closed_by: string | null;
  closed_at: Date | null;
}

const columns = sql.raw(`id, number, subscriber_id, kind, session, signed_in_at, frozen, opened_at, outcome, reason,
  closed_by, closed_at`);

const fromRow = (row: CaseRow, sealer: Sealer): SecurityCase => ({
  id: row.id,
  number: Number(row.number),
  subscriberId: row.subscriber_id,
  kind: row.kind,
  session: row.session,
  signedInAt: row.signed_in_at,
  frozen: row.frozen,
  openedAt: row.opened_at,
  ...(row.outcome && row.reason && row.closed_at
    ? {
        closed: {
          outcome: row.outcome,
          reason: sealer.open(row.reason, row.id),
          by: row.closed_by ?? '',
          at: row.closed_at,
        },
      }
    : {}),
});

/** The same session is reported once: of two who press at the same time the second is lost. */
export const insert = (made: Omit<SecurityCase, 'number' | 'closed'>): Sql => sql`
  INSERT INTO security_cases (id, subscriber_id, kind, session, signed_in_at, frozen, opened_at)
  VALUES (${made.id}, ${made.subscriberId}, ${made.kind}, ${made.session}, ${made.signedInAt}, ${made.frozen}::uuid[],
    ${made.openedAt})
  ON CONFLICT (subscriber_id, session) DO NOTHING`;

export async function find(database: Queryable, sealer: Sealer, id: string): Promise<SecurityCase | undefined> {
  const row = await database.row<CaseRow>(sql`SELECT ${columns} FROM security_cases WHERE id = ${id}`);
  return row && fromRow(row, sealer);
}

/** Of one person, the newest first. */
export async function of(
  database: Queryable,
  sealer: Sealer,
  { subscriberId, limit }: { readonly subscriberId: string; readonly limit: number },
): Promise<SecurityCase[]> {
  const rows = await database.rows<CaseRow>(sql`
    SELECT ${columns} FROM security_cases WHERE subscriber_id = ${subscriberId} ORDER BY number DESC LIMIT ${limit}`);
  return rows.map((row) => fromRow(row, sealer));
}

/** The sessions that somebody has disowned, each with whether its case is open and has frozen nothing. */
export const sessionsOf = async (database: Queryable, subscriberId: string): Promise<Map<string, boolean>> => {
  const rows = await database.rows<{ session: string; waits: boolean }>(sql`
    SELECT session, closed_at IS NULL AND frozen = '{}' AS waits FROM security_cases
    WHERE subscriber_id = ${subscriberId} ORDER BY number DESC LIMIT 200`);
  return new Map(rows.map(({ session, waits }) => [session, waits]));
};

/** More that was frozen with an open case; of two who add the same the second is lost. */
export const widen = (id: string, frozen: readonly string[]): Sql => sql`
  UPDATE security_cases SET frozen = frozen || ${frozen}::uuid[]
  WHERE id = ${id} AND closed_at IS NULL AND NOT frozen && ${frozen}::uuid[]`;

/** By number, the newest first; open ones have an index of their own. */
export async function page(
  database: Queryable,
  sealer: Sealer,
  query: { readonly open: boolean; readonly before?: number | undefined; readonly limit: number },
): Promise<SecurityCase[]> {
  const rows = await database.rows<CaseRow>(sql`
    SELECT ${columns} FROM security_cases
    WHERE ${query.open ? sql.raw('closed_at IS NULL') : sql.raw('true')}
      ${query.before === undefined ? sql.raw('') : sql`AND number < ${query.before}`}
    ORDER BY number DESC LIMIT ${query.limit}`);
  return rows.map((row) => fromRow(row, sealer));
}

export const close = (
  sealer: Sealer,
  id: string,
  end: { readonly outcome: CaseOutcome; readonly reason: string; readonly by: string; readonly at: Date },
): Sql => sql`
  UPDATE security_cases SET outcome = ${end.outcome}, reason = ${sealer.seal(end.reason, id)}, closed_by = ${end.by},
    closed_at = ${end.at}
  WHERE id = ${id} AND closed_at IS NULL`;

export async function countOpen(database: Queryable): Promise<number> {
  const row = await database.row<{ open: number }>(sql`
    SELECT count(*) AS open FROM security_cases WHERE closed_at IS NULL`);
  return row?.open ?? 0;
}
