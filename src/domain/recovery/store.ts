import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { stands } from '../subscribers/index.ts';
import { METHODS, type Method, type MethodKind, type PathId } from './paths.ts';
import type { Recovery } from './recovery.ts';

interface Row {
  id: string;
  subscriber_id: string;
  state: Recovery['state'] | 'half';
  first_method: Method;
  second_method: Method | null;
  path: PathId | null;
  started_at: Date;
  waits_until: Date | null;
  ready_at: Date | null;
  ended_at: Date | null;
  expires_at: Date;
  first_officer: string | null;
  ground: string | null;
  proven_phone: Buffer | null;
  cancel_code: Buffer;
  first_half: Buffer | null;
  link_locked_at: Date | null;
}

/** A recovery with what only this folder reads of it. */
export interface StoredRecovery extends Recovery {
  readonly cancelCode: string;
  readonly firstHalf?: string;
  /** When its link has locked the account: it does so once. */
  readonly linkLockedAt?: Date;
}

const COLUMNS = sql.raw(`id, subscriber_id, state, first_method, second_method, path, started_at, waits_until, ready_at,
  ended_at, expires_at, first_officer, ground, proven_phone, cancel_code, first_half, link_locked_at`);
const OPEN = sql.raw("state IN ('half', 'proven_one', 'waiting', 'ready')");
/** One of an account: a first half at a counter, or what has both halves. Others have proven first halves beside it. */
const ONE_OPEN = sql.raw("state IN ('proven_one', 'waiting', 'ready')");

/** Where one stands among those that wait. */
export interface Place {
  readonly at: Date;
  readonly id: string;
}
/** A page of what waits, behind another one. */
export interface Page {
  readonly after?: Place | undefined;
  readonly limit?: number;
}
const FIRST = '00000000-0000-0000-0000-000000000000';

/** What a row begins with. */
export interface Beginning {
  readonly id: string;
  readonly subscriberId: string;
  readonly method: Method;
  /** Hash of what the holder shows to go on; at a counter there is none before the second officer. */
  readonly holder?: Buffer;
  readonly cancel: { readonly hash: Buffer; readonly code: string };
  readonly now: Date;
  readonly expiresAt: Date;
  readonly phone?: string;
  readonly counter?: { readonly officer: string; readonly ground: string; readonly half: string };
}

/** What the second method makes of it. */
export interface Pairing {
  readonly method: Method;
  readonly path: PathId;
  readonly now: Date;
  readonly waitsUntil: Date;
  readonly expiresAt: Date;
  readonly phone?: string;
  readonly counter?: { readonly officer: string; readonly holder: Buffer };
}

/** The table of recoveries. */
export function createRecoveryStore(sealer: Sealer) {
  const opened = (row: Row): StoredRecovery => ({
    id: row.id,
    subscriberId: row.subscriber_id,
    state: row.state === 'half' ? 'proven_one' : row.state,
    first: row.first_method,
    startedAt: row.started_at,
    expiresAt: row.expires_at,
    cancelCode: sealer.open(row.cancel_code, row.id),
    ...(row.second_method ? { second: row.second_method } : {}),
    ...(row.path ? { path: row.path } : {}),
    ...(row.waits_until ? { waitsUntil: row.waits_until } : {}),
    ...(row.ready_at ? { readyAt: row.ready_at } : {}),
    ...(row.ended_at ? { endedAt: row.ended_at } : {}),
    ...(row.first_officer ? { firstOfficer: row.first_officer } : {}),
    ...(row.ground ? { ground: row.ground } : {}),
    ...(row.proven_phone ? { provenPhone: sealer.open(row.proven_phone, row.id) } : {}),
    ...(row.first_half ? { firstHalf: sealer.open(row.first_half, row.id) } : {}),
    ...(row.link_locked_at ? { linkLockedAt: row.link_locked_at } : {}),
  });
  const one = async (database: Queryable, where: Sql): Promise<StoredRecovery | undefined> => {
    const row = await database.row<Row>(sql`SELECT ${COLUMNS} FROM recoveries WHERE ${where}`);
    return row && opened(row);
  };
  const all = async (database: Queryable, where: Sql): Promise<StoredRecovery[]> =>
    (await database.rows<Row>(sql`SELECT ${COLUMNS} FROM recoveries WHERE ${where}`)).map(opened);
  const behind = (at: Sql, after: Place | undefined): Sql =>
    sql`(${at}, id) > (${after?.at ?? '-infinity'}::timestamptz, ${after?.id ?? FIRST}::uuid)`;
  const places = (database: Queryable, at: Sql, where: Sql, { after, limit }: Required<Page>): Promise<Place[]> =>
    database.rows(sql`SELECT id, ${at} AS at FROM recoveries WHERE ${where} AND ${behind(at, after)}
      ORDER BY ${at}, id LIMIT ${limit}`);
  const sealed = (id: string, value: string | undefined): Buffer | null =>
    value === undefined ? null : sealer.seal(value, id);

  return {
    byId: (database: Queryable, id: string) => one(database, sql`id = ${id}`),
    byHolder: (database: Queryable, hash: Buffer) => one(database, sql`holder_hash = ${hash}`),
    byCancel: (database: Queryable, hash: Buffer) => one(database, sql`cancel_hash = ${hash}`),
    /** All that are open of an account, in one order. `held`: nobody else takes a step with them until the transaction ends. */
    openOf: (database: Queryable, subscriberId: string, { held = false } = {}) =>
      all(database, sql`subscriber_id = ${subscriberId} AND ${OPEN} ORDER BY id ${sql.raw(held ? 'FOR UPDATE' : '')}`),
    /** The same for whoever begins another, or presses the link of one: nobody else does so of this account until the transaction ends. */
    async openAlone(transaction: Queryable, subscriberId: string): Promise<StoredRecovery[]> {
      // There is no row yet to lock: the account itself is, under its own number.
      const name = `recoveries ${subscriberId}`;
      await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
      return all(transaction, sql`subscriber_id = ${subscriberId} AND ${OPEN} ORDER BY id`);
    },
    /** What has begun of an account with a method of one kind, whatever became of it. */
    begunSince: async (database: Queryable, of: { subscriberId: string; kind: MethodKind; since: Date }) =>
      (
        await database.rows<{ started_at: Date }>(sql`SELECT started_at FROM recoveries
          WHERE subscriber_id = ${of.subscriberId} AND first_kind = ${of.kind} AND started_at > ${of.since}`)
      ).map((row) => ({ startedAt: row.started_at })),
    /** What time has come for, by name: one that cannot be read stops nobody else's. */
    due: (database: Queryable, now: Date, page: Required<Page>) =>
      places(
        database,
        sql.raw('waits_until'),
        sql`state = 'waiting' AND waits_until <= ${now} AND expires_at > ${now}`,
        page,
      ),
    outlived: (database: Queryable, now: Date, page: Required<Page>) =>
      places(database, sql.raw('expires_at'), sql`${OPEN} AND expires_at <= ${now}`, page),
    atCounter: (database: Queryable, now: Date, { after, limit }: Required<Page>) =>
      all(
        database,
        sql`state = 'proven_one' AND first_kind = 'intake' AND expires_at > ${now}
          AND ${behind(sql.raw('started_at'), after)} ORDER BY started_at, id LIMIT ${limit}`,
      ),

    /**
     * Begins only for an account that stands at this very moment: a half beside whatever else is open; at a counter, beside halves
     * alone.
     */
    begin: (made: Beginning, lost: () => Error): Write => ({
      statement: sql`INSERT INTO recoveries (id, subscriber_id, state, first_method, first_kind, holder_hash, cancel_hash,
          cancel_code, proven_phone, first_officer, ground, first_half, started_at, expires_at)
        SELECT ${made.id}, ${made.subscriberId}::uuid, ${made.counter ? 'proven_one' : 'half'}, ${made.method}, ${METHODS[made.method].kind},
          ${made.holder ?? null}::bytea, ${made.cancel.hash}::bytea, ${sealer.seal(made.cancel.code, made.id)}::bytea,
          ${sealed(made.id, made.phone)}::bytea, ${made.counter?.officer ?? null}::uuid, ${made.counter?.ground ?? null}::text,
          ${sealed(made.id, made.counter?.half)}::bytea, ${made.now}::timestamptz, ${made.expiresAt}::timestamptz
        WHERE ${stands(made.subscriberId)}
        ON CONFLICT (subscriber_id) WHERE ${ONE_OPEN} DO NOTHING`,
      lost,
    }),

    pair: ({ id, subscriberId }: Recovery, made: Pairing, lost: () => Error): Write => ({
      statement: sql`UPDATE recoveries SET second_method = ${made.method}, second_kind = ${METHODS[made.method].kind},
          path = ${made.path}, waits_until = ${made.waitsUntil}::timestamptz, expires_at = ${made.expiresAt},
          state = CASE WHEN ${made.waitsUntil}::timestamptz <= ${made.now}::timestamptz THEN 'ready' ELSE 'waiting' END,
          ready_at = CASE WHEN ${made.waitsUntil}::timestamptz <= ${made.now}::timestamptz THEN ${made.now}::timestamptz END,
          proven_phone = coalesce(${sealed(id, made.phone)}::bytea, proven_phone),
          second_officer = ${made.counter?.officer ?? null}::uuid,
          holder_hash = coalesce(${made.counter?.holder ?? null}::bytea, holder_hash), first_half = NULL
        WHERE id = ${id} AND state IN ('half', 'proven_one') AND expires_at > ${made.now} AND ${stands(subscriberId)}`,
      lost,
    }),

    makeReady: ({ id }: Recovery, now: Date, lost: () => Error): Write => ({
      statement: sql`UPDATE recoveries SET state = 'ready', ready_at = ${now}
        WHERE id = ${id} AND state = 'waiting' AND waits_until <= ${now} AND expires_at > ${now}`,
      lost,
    }),

    /** Neither before its time nor after its end, nor for an account that was locked meanwhile. */
    complete: ({ id, subscriberId }: Recovery, now: Date, lost: () => Error): Write => ({
      statement: sql`UPDATE recoveries SET state = 'completed', ended_at = ${now}
        WHERE id = ${id} AND state = 'ready' AND waits_until <= ${now} AND expires_at > ${now} AND ${stands(subscriberId)}`,
      lost,
    }),

    linkLocked: ({ id }: Recovery, now: Date, lost: () => Error): Write => ({
      statement: sql`UPDATE recoveries SET link_locked_at = ${now} WHERE id = ${id} AND link_locked_at IS NULL`,
      lost,
    }),

    end: ({ id }: Recovery, how: 'cancelled' | 'expired', now: Date, lost: () => Error): Write => ({
      statement: sql`UPDATE recoveries SET state = ${how}, ended_at = ${now}, first_half = NULL WHERE id = ${id} AND ${OPEN}`,
      lost,
    }),
  };
}

export type RecoveryStore = ReturnType<typeof createRecoveryStore>;
