import type { Database } from './database.ts';
import type { Sealer } from './sealed.ts';
import { type Sql, sql } from './sql.ts';
import { type Write, writeTogether } from './unit-of-work.ts';

/** What leaves this server after a change, and only if the change was made: written with it, sent by a worker. */
export interface Outbox {
  /**
   * A message as a write. A `key` that already waits is not added again. `validFor` seconds later it is not sent any more:
   * a one-time code that arrives after it has expired only confuses.
   */
  add(kind: string, key: string, payload: unknown, options?: { validFor?: number }): Write;
  /** Takes messages of a kind that are due; nobody else gets them for `lease` seconds. Each claim counts as an attempt. */
  claim(kind: string, limit: number, lease: number): Promise<ClaimedMessage[]>;
  /** It has arrived: forgets the message, and makes `writes` in the same statement. */
  delivered(message: ClaimedMessage, writes?: readonly Write[]): Promise<void>;
  /** It has not: tries again in `delay` seconds. */
  postpone(message: ClaimedMessage, delay: number, reason: string): Promise<void>;
  /** It will not: keeps the message aside, and makes `writes` in the same statement. */
  bury(message: ClaimedMessage, reason: string, writes?: readonly Write[]): Promise<void>;
  /** For metrics and readiness: how many wait, how long the oldest is overdue in seconds, how many were given up. */
  state(): Promise<{ waiting: number; overdue: number; dead: number }>;
}

/** A message in the hands of one worker. */
export interface ClaimedMessage {
  readonly kind: string;
  readonly key: string;
  readonly payload: unknown;
  readonly attempt: number;
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
      /** Made only when the message is given up. */
      readonly writes?: readonly Write[];
    };

/** Sends one message. What it throws counts as a failed attempt and is reported as a fault. */
export type DeliveryHandler = (payload: unknown, attempt: number) => Promise<Delivery>;

/** The channel that wakes the workers. */
export const OUTBOX_CHANNEL = 'outbox';

interface MessageRow {
  kind: string;
  key: string;
  payload: Buffer;
  attempts: number;
}

/** The outbox on a database. Payloads name people and addresses: they are sealed. All times are the database's own. */
export function createOutbox({ database, sealer }: { database: Database; sealer: Sealer }): Outbox {
  const context = (kind: string, key: string): string => `${kind} ${key}`;
  /** Whose lease has run out has lost the message: somebody else may be sending it. */
  const mine = ({ kind, key, attempt }: ClaimedMessage): Sql =>
    sql`kind = ${kind} AND key = ${key} AND attempts = ${attempt}`;

  return {
    add: (kind, key, payload, { validFor } = {}) => ({
      statement: sql`
        INSERT INTO outbox (kind, key, payload, expires_at)
        VALUES (${kind}, ${key}, ${sealer.seal(JSON.stringify(payload), context(kind, key))},
          now() + ${validFor ?? null}::double precision * interval '1 second')
        ON CONFLICT (kind, key) DO NOTHING`,
    }),
    async claim(kind, limit, lease) {
      const rows = await database.rows<MessageRow>(sql`
        UPDATE outbox SET attempts = attempts + 1, due_at = now() + ${lease}::double precision * interval '1 second'
        WHERE (kind, key) IN (
          SELECT kind, key FROM outbox
          WHERE kind = ${kind} AND dead_at IS NULL AND due_at <= now() AND (expires_at IS NULL OR expires_at > now())
          ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        RETURNING kind, key, payload, attempts`);
      return rows.map((row) => ({
        kind: row.kind,
        key: row.key,
        payload: JSON.parse(sealer.open(row.payload, context(row.kind, row.key))) as unknown,
        attempt: row.attempts,
      }));
    },
    delivered: (message, writes = []) =>
      writeTogether(database, [{ statement: sql`DELETE FROM outbox WHERE ${mine(message)}` }, ...writes]),
    async postpone(message, delay, reason) {
      await database.execute(sql`
        UPDATE outbox SET due_at = now() + ${delay}::double precision * interval '1 second', last_failure = ${reason}
        WHERE ${mine(message)}`);
    },
    bury: (message, reason, writes = []) =>
      writeTogether(database, [
        { statement: sql`UPDATE outbox SET dead_at = now(), last_failure = ${reason} WHERE ${mine(message)}` },
        ...writes,
      ]),
    state: async () =>
      (await database.row<{ waiting: number; overdue: number; dead: number }>(sql`
        SELECT count(*) FILTER (WHERE dead_at IS NULL) AS waiting, count(*) FILTER (WHERE dead_at IS NOT NULL) AS dead,
          coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE dead_at IS NULL AND due_at <= now())), 0)::float8
            AS overdue
        FROM outbox`))!,
  };
}

/** Removes what can no longer be sent and what was given up more than `days` ago; answers how many. */
export const sweepOutbox = (database: Database, days = 30): Promise<number> =>
  database.execute(sql`
    DELETE FROM outbox WHERE (kind, key) IN (
      SELECT kind, key FROM outbox WHERE expires_at <= now() OR dead_at < now() - ${days}::int * interval '1 day'
      LIMIT 1000)`);
