import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { AskedFor, Decision, LockRequest, LockRequestState } from './lock-request.ts';

interface Row {
  id: string;
  number: number;
  subscriber_id: string;
  what: AskedFor;
  authority: Buffer;
  document: Buffer;
  statement: Buffer;
  lock_id: string | null;
  state: LockRequestState;
  received_by: string;
  received_at: Date;
  forward_by: Date;
  forwarded_by: string | null;
  forwarded_at: Date | null;
  decide_by: Date | null;
  decided_by: string | null;
  decided_at: Date | null;
  decision: Buffer | null;
}

const columns =
  sql.raw(`id, number, subscriber_id, what, authority, document, statement, lock_id, state, received_by, received_at, forward_by,
  forwarded_by, forwarded_at, decide_by, decided_by, decided_at, decision`);

/** Four texts of one row, each bound to its place. */
const context = (id: string, what: 'authority' | 'document' | 'statement' | 'decision'): string => `${what} ${id}`;

const fromRow = (row: Row, sealer: Sealer): LockRequest => ({
  ...{ id: row.id, number: Number(row.number), subscriberId: row.subscriber_id, what: row.what, state: row.state },
  authority: sealer.open(row.authority, context(row.id, 'authority')),
  document: sealer.open(row.document, context(row.id, 'document')),
  statement: sealer.open(row.statement, context(row.id, 'statement')),
  ...(row.lock_id === null ? {} : { lockId: row.lock_id }),
  ...{ receivedBy: row.received_by, receivedAt: row.received_at, forwardBy: row.forward_by },
  ...(row.forwarded_by && row.forwarded_at && row.decide_by
    ? { forwarded: { by: row.forwarded_by, at: row.forwarded_at, decideBy: row.decide_by } }
    : {}),
  ...(row.decided_by && row.decided_at && row.decision
    ? {
        decision: {
          ...{ by: row.decided_by, at: row.decided_at },
          reason: sealer.open(row.decision, context(row.id, 'decision')),
        },
      }
    : {}),
});

/** One open request of each kind about one person: of two that come at once the second is lost. */
export const insert = (
  sealer: Sealer,
  made: Omit<LockRequest, 'number' | 'state' | 'forwarded' | 'decision'>,
): Sql => sql`
  INSERT INTO lock_requests (id, subscriber_id, what, authority, document, statement, lock_id, received_by, received_at,
    forward_by)
  VALUES (${made.id}, ${made.subscriberId}, ${made.what}, ${sealer.seal(made.authority, context(made.id, 'authority'))},
    ${sealer.seal(made.document, context(made.id, 'document'))},
    ${sealer.seal(made.statement, context(made.id, 'statement'))}, ${made.lockId ?? null}, ${made.receivedBy}, ${made.receivedAt},
    ${made.forwardBy})
  ON CONFLICT DO NOTHING`;

export async function find(on: Queryable, sealer: Sealer, id: string): Promise<LockRequest | undefined> {
  const row = await on.row<Row>(sql`SELECT ${columns} FROM lock_requests WHERE id = ${id}`);
  return row && fromRow(row, sealer);
}

/** Which authority had asked for a lock, by the name of the lock. */
export async function authorities(on: Queryable, sealer: Sealer, subscriberId: string): Promise<Map<string, string>> {
  const rows = await on.rows<{ id: string; lock_id: string; authority: Buffer }>(sql`
    SELECT id, lock_id, authority FROM lock_requests
    WHERE subscriber_id = ${subscriberId} AND what = 'lock' AND lock_id IS NOT NULL`);
  return new Map(rows.map((row) => [row.lock_id, sealer.open(row.authority, context(row.id, 'authority'))]));
}

/** Open ones, the one whose term ends first at the top; or all, the newest first. */
export async function page(
  on: Queryable,
  sealer: Sealer,
  query: {
    readonly from:
      | { readonly open: true; readonly after?: { readonly term: Date; readonly id: string } }
      | { readonly open: false; readonly before?: number };
    readonly limit: number;
  },
): Promise<LockRequest[]> {
  const { from } = query;
  const rows = await on.rows<Row>(
    from.open
      ? sql`SELECT ${columns} FROM lock_requests WHERE decided_at IS NULL
          ${from.after ? sql`AND (coalesce(decide_by, forward_by), id) > (${from.after.term}, ${from.after.id})` : sql.raw('')}
          ORDER BY coalesce(decide_by, forward_by), id LIMIT ${query.limit}`
      : sql`SELECT ${columns} FROM lock_requests
          ${from.before === undefined ? sql.raw('') : sql`WHERE number < ${from.before}`}
          ORDER BY number DESC LIMIT ${query.limit}`,
  );
  return rows.map((row) => fromRow(row, sealer));
}

/** How many are open, and how many of them late. */
export async function counts(on: Queryable, now: Date): Promise<{ open: number; late: number }> {
  const row = await on.row<{ open: number; late: number }>(sql`SELECT count(*) AS open,
    count(*) FILTER (WHERE coalesce(decide_by, forward_by) < ${now}) AS late FROM lock_requests WHERE decided_at IS NULL`);
  return row ?? { open: 0, late: 0 };
}

export const forward = (
  id: string,
  step: { readonly by: string; readonly at: Date; readonly decideBy: Date },
): Sql => sql`
  UPDATE lock_requests SET state = 'forwarded', forwarded_by = ${step.by}, forwarded_at = ${step.at},
    decide_by = ${step.decideBy}
  WHERE id = ${id} AND state = 'received'`;

/** By another officer than those who had it before; `lockId`: of the lock that comes of it. */
export const decide = (
  sealer: Sealer,
  id: string,
  made: {
    readonly decision: Decision;
    readonly by: string;
    readonly at: Date;
    readonly reason: string;
    readonly lockId?: string;
  },
): Sql => sql`
  UPDATE lock_requests SET state = ${made.decision}, decided_by = ${made.by}, decided_at = ${made.at},
    lock_id = coalesce(${made.lockId ?? null}, lock_id), decision = ${sealer.seal(made.reason, context(id, 'decision'))}
  WHERE id = ${id} AND state = 'forwarded' AND received_by <> ${made.by}::uuid AND forwarded_by <> ${made.by}::uuid`;
