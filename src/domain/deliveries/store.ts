import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { DeliveryEntry, DeliveryKind, DeliveryState } from './delivery.ts';

interface DeliveryRow {
  id: string;
  kind: DeliveryKind;
  client_id: string;
  subscriber_id: string;
  sign_out: string;
  queued_at: Date;
  attempts: number;
  last_attempt_at: Date | null;
  next_attempt_at: Date | null;
  last_failure: string | null;
  delivered_at: Date | null;
  dead_at: Date | null;
  replays: number;
}

const columns = sql.raw(`id, kind, client_id, subscriber_id, sign_out, queued_at, attempts, last_attempt_at,
  next_attempt_at, last_failure, delivered_at, dead_at, replays`);

const stateOf = (row: DeliveryRow): DeliveryState => {
  if (row.delivered_at) return 'delivered';
  if (row.dead_at) return 'dead';
  return row.attempts === 0 ? 'waiting' : 'retrying';
};

const fromRow = (row: DeliveryRow): DeliveryEntry => ({
  id: row.id,
  kind: row.kind,
  clientId: row.client_id,
  subscriberId: row.subscriber_id,
  signOut: row.sign_out,
  state: stateOf(row),
  queuedAt: row.queued_at,
  attempts: row.attempts,
  ...(row.last_attempt_at && { lastAttemptAt: row.last_attempt_at }),
  ...(row.next_attempt_at && { nextAttemptAt: row.next_attempt_at }),
  ...(row.last_failure !== null && { lastFailure: row.last_failure }),
  ...(row.delivered_at && { deliveredAt: row.delivered_at }),
  ...(row.dead_at && { deadAt: row.dead_at }),
  replays: row.replays,
});

/** What each state is in the table; the first two and the last have an index of their own. */
const OF_STATE = {
  waiting: sql.raw('delivered_at IS NULL AND dead_at IS NULL AND attempts = 0'),
  retrying: sql.raw('delivered_at IS NULL AND dead_at IS NULL AND attempts > 0'),
  delivered: sql.raw('delivered_at IS NOT NULL'),
  dead: sql.raw('dead_at IS NOT NULL'),
} as const satisfies Record<DeliveryState, Sql>;

export const insert = (
  entry: Pick<DeliveryEntry, 'id' | 'kind' | 'clientId' | 'subscriberId' | 'signOut' | 'queuedAt'>,
): Sql =>
  sql`INSERT INTO deliveries (id, kind, client_id, subscriber_id, sign_out, queued_at)
    VALUES (${entry.id}, ${entry.kind}, ${entry.clientId}, ${entry.subscriberId}, ${entry.signOut}, ${entry.queuedAt})`;

export const arrived = (id: string, attempt: number, now: Date): Sql => sql`
  UPDATE deliveries SET attempts = ${attempt}, last_attempt_at = ${now}, next_attempt_at = NULL, delivered_at = ${now}
  WHERE id = ${id}`;

/** One attempt failed; without a `next` one it was the last. */
export const failed = (id: string, attempt: { number: number; reason: string; now: Date; next: Date | null }): Sql =>
  sql`UPDATE deliveries SET attempts = ${attempt.number}, last_attempt_at = ${attempt.now},
      last_failure = ${attempt.reason}, next_attempt_at = ${attempt.next},
      dead_at = ${attempt.next === null ? attempt.now : null}
    WHERE id = ${id}`;

export const revive = (id: string): Sql => sql`
  UPDATE deliveries SET attempts = 0, dead_at = NULL, replays = replays + 1
  WHERE id = ${id} AND dead_at IS NOT NULL`;

export async function find(database: Queryable, id: string): Promise<DeliveryEntry | undefined> {
  const row = await database.row<DeliveryRow>(sql`SELECT ${columns} FROM deliveries WHERE id = ${id}`);
  return row && fromRow(row);
}

/** A page by key: however far back, it reads no more than it shows. */
export async function page(
  database: Queryable,
  query: {
    readonly clientId?: string | undefined;
    readonly subscriberId?: string | undefined;
    readonly state?: DeliveryState | undefined;
    readonly before?: { readonly at: Date; readonly id: string } | undefined;
    readonly limit: number;
  },
): Promise<DeliveryEntry[]> {
  const { clientId, subscriberId, state, before } = query;
  const conditions = [
    sql.raw('true'),
    ...(clientId === undefined ? [] : [sql`client_id = ${clientId}`]),
    ...(subscriberId === undefined ? [] : [sql`subscriber_id = ${subscriberId}`]),
    ...(state === undefined ? [] : [OF_STATE[state]]),
    ...(before === undefined ? [] : [sql`(queued_at, id) < (${before.at}::timestamptz, ${before.id}::uuid)`]),
  ];
  const rows = await database.rows<DeliveryRow>(sql`
    SELECT ${columns} FROM deliveries WHERE ${sql.join(conditions, ' AND ')}
    ORDER BY queued_at DESC, id DESC LIMIT ${query.limit}`);
  return rows.map(fromRow);
}

/** All of one sign-out, in the order in which they were queued. */
export async function ofSignOut(database: Queryable, signOut: string): Promise<DeliveryEntry[]> {
  const rows = await database.rows<DeliveryRow>(sql`
    SELECT ${columns} FROM deliveries WHERE sign_out = ${signOut} ORDER BY queued_at, client_id LIMIT 200`);
  return rows.map(fromRow);
}

/** Entries that were given up; there is an index of them. */
export async function countDead(database: Queryable): Promise<number> {
  const row = await database.row<{ dead: number }>(sql`
    SELECT count(*) AS dead FROM deliveries WHERE dead_at IS NOT NULL`);
  return row?.dead ?? 0;
}

/** Forgets what ended before `day`. What is queued before it ends before it, but for a few: the index of the newest finds them. */
export const forget = (day: Date): Sql => sql`
  DELETE FROM deliveries WHERE id IN (
    SELECT id FROM deliveries WHERE queued_at < ${day} AND coalesce(delivered_at, dead_at) < ${day} LIMIT 1000)`;
