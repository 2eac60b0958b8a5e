import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { ChainedEvent } from './chain.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { EventDetail, EventType, JournalEvent } from './event.ts';

interface EventRow {
  at: Date;
  type: EventType;
  actor_kind: string;
  actor_id: string | null;
  subscriber_id: string | null;
  client_id: string | null;
  detail: EventDetail | null;
}

const event = (row: EventRow): Omit<ChainedEvent, 'sequence'> => ({
  at: row.at,
  type: row.type,
  actorKind: row.actor_kind,
  actorId: row.actor_id,
  subscriberId: row.subscriber_id,
  clientId: row.client_id,
  detail: row.detail,
});

// PostgreSQL stores no NUL and no lone surrogate; an event must never be the reason why a change cannot be made.
const storable = (value: string): string => value.toWellFormed().replaceAll('\0', '\uFFFD');

const storableDetail = (detail: EventDetail): string =>
  JSON.stringify(detail, (_, value: unknown) => (typeof value === 'string' ? storable(value) : value));

/** One INSERT, nothing to read: it goes into the transaction of the change. */
export const insertIncoming = (at: Date, { type, actor, subscriberId, clientId, detail }: JournalEvent): Sql => sql`
  INSERT INTO journal_incoming (at, type, actor_kind, actor_id, subscriber_id, client_id, detail)
  VALUES (${at}, ${type}, ${actor.kind}, ${actor.id === undefined ? null : storable(actor.id)}, ${subscriberId ?? null},
    ${clientId === undefined ? null : storable(clientId)}, ${detail === undefined ? null : storableDetail(detail)})`;

/** Becomes the one sealer until the transaction ends; false when another process is it. */
export const becomeSealer = async (on: Queryable): Promise<boolean> =>
  (await on.row<{ mine: boolean }>(sql`SELECT pg_try_advisory_xact_lock(hashtext('senid journal sealer')) AS mine`))
    ?.mine === true;

/** Takes committed events out of the incoming table, oldest first. What is still in flight is invisible and stays. */
export const takeIncoming = async (on: Queryable, limit: number): Promise<Omit<ChainedEvent, 'sequence'>[]> => {
  const rows = await on.rows<EventRow & { id: number }>(sql`
    DELETE FROM journal_incoming WHERE id IN (SELECT id FROM journal_incoming ORDER BY id LIMIT ${limit})
    RETURNING id, at, type, actor_kind, actor_id, subscriber_id, client_id, detail`);
  return rows.sort((a, b) => a.id - b.id).map(event);
};

/** Writes numbered and hashed entries. */
export const insertSealed = (on: Queryable, entries: readonly (ChainedEvent & { hash: Buffer })[]): Promise<number> => {
  const rows = entries.map((entry) => ({
    sequence: entry.sequence,
    at: entry.at,
    type: entry.type,
    actor_kind: entry.actorKind,
    actor_id: entry.actorId,
    subscriber_id: entry.subscriberId,
    client_id: entry.clientId,
    detail: entry.detail,
    hash: entry.hash.toString('hex'),
  }));
  return on.execute(sql`
    INSERT INTO journal (sequence, at, type, actor_kind, actor_id, subscriber_id, client_id, detail, hash)
    SELECT sequence, at, type, actor_kind, actor_id, subscriber_id, client_id, detail, decode(hash, 'hex')
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS entry(sequence bigint, at timestamptz, type text,
      actor_kind text, actor_id text, subscriber_id uuid, client_id text, detail jsonb, hash text)`);
};

/** The number and hash of the last entry, of the table or of the checkpoints, whichever is further. */
export const head = async (on: Queryable): Promise<{ sequence: number; hash: Buffer } | undefined> =>
  on.row(sql`
    (SELECT sequence, hash FROM journal ORDER BY sequence DESC LIMIT 1) UNION ALL
    (SELECT sequence, hash FROM journal_checkpoints ORDER BY sequence DESC LIMIT 1)
    ORDER BY sequence DESC LIMIT 1`);

/** Puts a signed checkpoint beside the entries it is about. */
export const insertCheckpoint = (on: Queryable, { sequence, hash, at, signature }: Checkpoint): Promise<number> =>
  on.execute(sql`
    INSERT INTO journal_checkpoints (sequence, hash, at, signature) VALUES (${sequence}, ${hash}, ${at}, ${signature})`);

/** The checkpoints of the table after a number, in order, one page at a time. */
export const checkpointsAfter = (on: Queryable, sequence: number, limit: number): Promise<Checkpoint[]> =>
  on.rows<Checkpoint>(sql`
    SELECT sequence, hash, at, signature FROM journal_checkpoints WHERE sequence > ${sequence}
    ORDER BY sequence LIMIT ${limit}`);

/** The last checkpoint about an entry no later than this one. */
export const checkpointUpTo = (on: Queryable, sequence: number): Promise<Checkpoint | undefined> =>
  on.row<Checkpoint>(sql`
    SELECT sequence, hash, at, signature FROM journal_checkpoints WHERE sequence <= ${sequence}
    ORDER BY sequence DESC LIMIT 1`);

/** The stored hashes of some entries, by number. */
export const hashesOf = async (on: Queryable, sequences: readonly number[]): Promise<Map<number, Buffer>> => {
  const rows = await on.rows<{ sequence: number; hash: Buffer }>(sql`
    SELECT sequence, hash FROM journal WHERE sequence = ANY(${sequences}::bigint[])`);
  return new Map(rows.map(({ sequence, hash }) => [sequence, hash]));
};

/** The first entry behind a number of an event that is younger than a moment. */
export const youngerAfter = async (on: Queryable, sequence: number, moment: Date): Promise<number | undefined> =>
  (
    await on.row<{ sequence: number | null }>(sql`
    SELECT min(sequence) AS sequence FROM journal WHERE sequence > ${sequence} AND at > ${moment}`)
  )?.sequence ?? undefined;

/** How many events the sealer has not reached yet. */
export const waitingCount = async (on: Queryable): Promise<number> =>
  (await on.row<{ waiting: number }>(sql`SELECT count(*) AS waiting FROM journal_incoming`))?.waiting ?? 0;

/** The same, and since when the oldest of them waits. */
export const waitingState = async (on: Queryable): Promise<{ count: number; since: Date | null }> =>
  (await on.row<{ count: number; since: Date | null }>(
    sql`SELECT count(*) AS count, min(at) AS since FROM journal_incoming`,
  )) ?? { count: 0, since: null };

/** Sealed entries with their stored hash, in order, one page at a time. */
export const sealedAfter = async (
  on: Queryable,
  sequence: number,
  limit: number,
): Promise<(ChainedEvent & { hash: Buffer })[]> => {
  const rows = await on.rows<EventRow & { sequence: number; hash: Buffer }>(sql`
    SELECT sequence, at, type, actor_kind, actor_id, subscriber_id, client_id, detail, hash FROM journal
    WHERE sequence > ${sequence} ORDER BY sequence LIMIT ${limit}`);
  return rows.map((row) => ({ ...event(row), sequence: row.sequence, hash: row.hash }));
};

/** One sealed entry by its number, with its hash. */
export const entry = async (
  on: Queryable,
  sequence: number,
): Promise<(ChainedEvent & { hash: Buffer }) | undefined> => {
  const row = await on.row<EventRow & { sequence: number; hash: Buffer }>(sql`
    SELECT sequence, at, type, actor_kind, actor_id, subscriber_id, client_id, detail, hash FROM journal
    WHERE sequence = ${sequence}`);
  return row && { ...event(row), sequence: row.sequence, hash: row.hash };
};

/** Between which numbers the entries of a time stand. Events are numbered a moment after they happen, so that no number is exact. */
const SLACK = 10_000;

/** Entries that wait and entries that are sealed, newest first. */
export const recent = async (
  on: Queryable,
  { limit, before, ...filter }: RecentFilter,
): Promise<(Omit<ChainedEvent, 'sequence'> & { sequence: number | null })[]> => {
  // Plain conditions, and only those that are asked for, or the indexes cannot serve them.
  const wanted = (sealed: boolean): Sql =>
    sql.join(
      [
        sql.raw('true'),
        ...(filter.subscriberId === undefined ? [] : [sql`subscriber_id = ${filter.subscriberId}::uuid`]),
        ...(filter.clientId === undefined ? [] : [sql`client_id = ${filter.clientId}`]),
        ...(filter.types === undefined ? [] : [sql`type = ANY(${filter.types}::text[])`]),
        ...(filter.session === undefined ? [] : [sql`detail->>'session' = ${filter.session}`]),
        ...(filter.applications === undefined
          ? []
          : [
              sql`subscriber_id IS NULL AND type IN ('application.viewed', 'counter.viewed')
                AND detail->>'application' = ANY(${filter.applications}::text[])`,
            ]),
        ...(filter.from === undefined ? [] : [sql`at >= ${filter.from}::timestamptz`]),
        ...(filter.until === undefined ? [] : [sql`at < ${filter.until}::timestamptz`]),
        ...(sealed && before !== undefined ? [sql`sequence < ${before}`] : []),
        ...(sealed && filter.until !== undefined
          ? [
              sql`sequence <= ${SLACK} + coalesce((SELECT sequence FROM journal WHERE at < ${filter.until}::timestamptz
                ORDER BY at DESC LIMIT 1), 0)`,
            ]
          : []),
        ...(sealed && filter.from !== undefined
          ? [
              sql`sequence >= coalesce((SELECT sequence FROM journal WHERE at >= ${filter.from}::timestamptz
                ORDER BY at LIMIT 1), 0) - ${SLACK}`,
            ]
          : []),
      ],
      ' AND ',
    );
  const waiting = before === undefined ? sql.raw('true') : sql.raw('false');
  const rows = await on.rows<EventRow & { sequence: number | null }>(sql`
    SELECT * FROM (
      (SELECT NULL::bigint AS sequence, id, at, type, actor_kind, actor_id, subscriber_id, client_id, detail
        FROM journal_incoming WHERE ${waiting} AND ${wanted(false)} ORDER BY id DESC LIMIT ${limit})
      UNION ALL
      (SELECT sequence, sequence, at, type, actor_kind, actor_id, subscriber_id, client_id, detail
        FROM journal WHERE ${wanted(true)} ORDER BY sequence DESC LIMIT ${limit})
    ) AS entries ORDER BY sequence DESC NULLS FIRST, id DESC LIMIT ${limit}`);
  return rows.map((row) => ({ ...event(row), sequence: row.sequence }));
};

/** Whose entries, of which types, of which time, before which number. */
export interface RecentFilter {
  readonly subscriberId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly types?: readonly EventType[] | undefined;
  readonly session?: string | undefined;
  readonly applications?: readonly string[] | undefined;
  /** `until` is the first moment that is too late. */
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}
