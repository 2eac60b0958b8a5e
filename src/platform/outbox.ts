import type { Database } from './database.ts';
import type { Sealer } from './sealed.ts';
import { type Sql, sql } from './sql.ts';
import { type Write, writeTogether } from './unit-of-work.ts';

/** What leaves this server after a change, and only if the change was made: written with it, sent by a worker. */
export interface Outbox {
  /**
   * A message as a write. A `key` that already waits is not added again. `validFor` seconds later it is not sent any more:
   * a one-time code that arrives after it has expired only confuses. `receiver` is whose turn it takes: one who is slow has a
   * bounded share of the workers.
   */
  add(kind: string, key: string, payload: unknown, options?: { validFor?: number; receiver?: string }): Write;
  /** Takes messages of a kind that are due; nobody else gets them for `lease` seconds. Each claim counts as an attempt. */
  claim(kind: string, wanted: Claim): Promise<ClaimedMessage[]>;
  /**
   * What became of messages, each with its writes, in one statement. Whose lease has run out settles nothing, writes included:
   * somebody else has the message now.
   */
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** Makes a message that was given up due again, its attempts from zero. Touches nothing when it is not there any more. */
  revive(kind: string, key: string): Write;
  /** For metrics and readiness: how many wait, how long the oldest is overdue in seconds, how many were given up. */
  state(kind?: string): Promise<{ waiting: number; overdue: number; dead: number }>;
}

/** How many messages, for how long, and how many of each receiver. */
export interface Claim {
  readonly limit: number;
  readonly lease: number;
  /** Of one receiver at most, unless `rooms` says otherwise; no limit when missing. */
  readonly room?: number;
  readonly rooms?: ReadonlyMap<string, number>;
}

/** A message in the hands of one worker. */
export interface ClaimedMessage {
  readonly kind: string;
  readonly key: string;
  readonly payload: unknown;
  readonly attempt: number;
  readonly receiver?: string;
}

/** It has arrived and is forgotten; it is tried again in so many seconds; or it is kept aside, given up. */
export type Fate =
  | { readonly delivered: true }
  | { readonly delivered: false; readonly reason: string; readonly retryIn: number | null };

/** One message, its fate, and what is written with it. */
export interface Settlement {
  readonly message: ClaimedMessage;
  readonly fate: Fate;
  readonly writes?: readonly Write[];
}

/** How one attempt ended. `writes` (journal events) are made together with what becomes of the message. */
export type Delivery =
  | { readonly delivered: true; readonly writes?: readonly Write[] }
  | {
      readonly delivered: false;
      /** A code for engineers, never a person's data. */
      readonly reason: string;
      /** Trying again is pointless: the address is refused, the number does not exist. */
      readonly final?: boolean;
      /** There is no sense in trying earlier, seconds; and it is never the last attempt that ends so. */
      readonly retryIn?: number;
      /** Given the seconds until the next attempt, null when there is none. */
      readonly writes?: (retryIn: number | null) => readonly Write[];
    };

/** Sends one message. What it throws counts as a failed attempt and is reported as a fault. */
export type DeliveryHandler = (payload: unknown, attempt: number, key: string) => Promise<Delivery>;

/** The channel that wakes the workers. */
export const OUTBOX_CHANNEL = 'outbox';

interface MessageRow {
  kind: string;
  key: string;
  payload: Buffer;
  attempts: number;
  receiver: string | null;
  was_due: Date;
}

/** How many messages are looked at for each that is wanted: others may be taking the oldest, or a receiver has no room. */
const LOOK_AHEAD = 8;
/** Somebody else has the message. */
class LeaseLost extends Error {}

/** The outbox on a database. Payloads name people and addresses: they are sealed. All times are the database's own. */
export function createOutbox({ database, sealer }: { database: Database; sealer: Sealer }): Outbox {
  const context = (kind: string, key: string): string => `${kind} ${key}`;

  const settling = ({ message, fate }: Settlement): Write => ({
    statement: settled(message, fate),
    lost: () => new LeaseLost(),
  });
  const settle: Outbox['settle'] = async (settlements) => {
    try {
      await writeTogether(
        database,
        settlements.flatMap((one) => [settling(one), ...(one.writes ?? [])]),
      );
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      // One of them undid all; alone it undoes itself.
      if (settlements.length > 1) for (const one of settlements) await settle([one]);
    }
  };

  return {
    add: (kind, key, payload, { validFor, receiver } = {}) => ({
      statement: sql`
        INSERT INTO outbox (kind, key, payload, expires_at, receiver)
        VALUES (${kind}, ${key}, ${sealer.seal(JSON.stringify(payload), context(kind, key))},
          now() + ${validFor ?? null}::double precision * interval '1 second', ${receiver ?? null})
        ON CONFLICT (kind, key) DO NOTHING`,
    }),
    async claim(kind, wanted) {
      const rows = await database.rows<MessageRow>(claiming(kind, wanted));
      // What is changed comes back in no order.
      const oldestFirst = rows.toSorted((one, other) => one.was_due.getTime() - other.was_due.getTime());
      return oldestFirst.map((row) => ({
        kind: row.kind,
        key: row.key,
        payload: JSON.parse(sealer.open(row.payload, context(row.kind, row.key))) as unknown,
        attempt: row.attempts,
        ...(row.receiver === null ? {} : { receiver: row.receiver }),
      }));
    },
    settle,
    revive: (kind, key) => ({
      statement: sql`
        UPDATE outbox SET dead_at = NULL, attempts = 0, due_at = now()
        WHERE kind = ${kind} AND key = ${key} AND dead_at IS NOT NULL`,
    }),
    state: async (kind) =>
      (await database.row<{ waiting: number; overdue: number; dead: number }>(sql`
        SELECT count(*) FILTER (WHERE dead_at IS NULL AND (expires_at IS NULL OR expires_at > now())) AS waiting, count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead,
          coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE dead_at IS NULL AND due_at <= now()
            AND (expires_at IS NULL OR expires_at > now()))), 0)::float8
            AS overdue
        FROM outbox WHERE ${kind ?? null}::text IS NULL OR kind = ${kind ?? null}`))!,
  };
}

/**
 * The oldest that are due, as many of each receiver as there is room for. Receivers without any are passed over before the
 * oldest are counted, so that the queue of one never hides the others; the lock looks at what it got once more.
 */
function claiming(kind: string, { limit, lease, room, rooms = new Map() }: Claim): Sql {
  const full = [...rooms].flatMap(([receiver, left]) => (left > 0 ? [] : [receiver]));
  const known = [...rooms].filter(([, left]) => left > 0);
  const due = sql.raw('dead_at IS NULL AND due_at <= now() AND (expires_at IS NULL OR expires_at > now())');
  // Each list is made once: else PostgreSQL might make it again for every message that it looks at, and take more than are wanted.
  const free = sql`
    SELECT key FROM (
      SELECT key, receiver, row_number() OVER (PARTITION BY receiver ORDER BY due_at, key) AS place FROM (
        SELECT key, receiver, due_at FROM outbox
        WHERE kind = ${kind} AND ${due} AND (receiver IS NULL OR receiver <> ALL (${full}::text[]))
        ORDER BY due_at LIMIT ${limit * LOOK_AHEAD}) AS oldest) AS placed
    LEFT JOIN unnest(${known.map(([receiver]) => receiver)}::text[], ${known.map(([, left]) => left)}::integer[])
      AS known (receiver, room) USING (receiver)
    WHERE receiver IS NULL OR place <= coalesce(known.room, ${room ?? null}, place)`;
  return sql`
    WITH taken AS MATERIALIZED (SELECT key, due_at FROM outbox WHERE kind = ${kind} AND ${due} AND key = ANY (ARRAY(${free}))
      ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    UPDATE outbox o SET attempts = attempts + 1, due_at = now() + ${lease}::double precision * interval '1 second' FROM taken
    WHERE o.kind = ${kind} AND o.key = taken.key
    RETURNING o.kind, o.key, o.payload, o.attempts, o.receiver, taken.due_at AS was_due`;
}

function settled(message: ClaimedMessage, fate: Fate): Sql {
  // Whose lease has run out has lost the message: somebody else may be sending it.
  const mine = sql`kind = ${message.kind} AND key = ${message.key} AND attempts = ${message.attempt}`;
  if (fate.delivered) return sql`DELETE FROM outbox WHERE ${mine}`;
  return fate.retryIn === null
    ? sql`UPDATE outbox SET dead_at = now(), last_failure = ${fate.reason} WHERE ${mine}`
    : sql`UPDATE outbox SET due_at = now() + ${fate.retryIn}::double precision * interval '1 second',
        last_failure = ${fate.reason} WHERE ${mine}`;
}

/** Removes what can no longer be sent and what was given up more than `days` ago; answers how many. */
export const sweepOutbox = (database: Database, days = 30): Promise<number> =>
  database.execute(sql`
    DELETE FROM outbox WHERE (kind, key) IN (
      SELECT kind, key FROM outbox WHERE expires_at <= now() OR dead_at < now() - ${days}::int * interval '1 day'
      LIMIT 1000)`);
