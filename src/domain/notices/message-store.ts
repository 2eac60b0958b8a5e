import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { sql } from '../../platform/sql.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Delivery, Medium } from './channel.ts';
import type { NoticeKind } from './notice.ts';

/**
 * What became of a message. A code that did not leave in its time has failed: it is not sent any more. One that was `held` is
 * beyond a budget: another to the same address says that there was more.
 */
export type MessageState = 'queued' | 'delivered' | 'failed' | 'held';

/** A message as its reader, or an operator, may see it: no word of its text, and an address that only its owner recognises. */
export interface SentMessage {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly medium: Medium;
  /** Masked, and for its reader alone. */
  readonly to: string;
  readonly queuedAt: Date;
  readonly state: MessageState;
  readonly attempts: number;
  readonly settledAt?: Date;
  /** Why it failed: a code of the channel, or `expired`. */
  readonly reason?: string;
}

interface Row {
  id: string;
  kind: NoticeKind;
  medium: Medium;
  recipient: Buffer;
  queued_at: Date;
  state: MessageState;
  attempts: number;
  settled_at: Date | null;
  reason: string | null;
}

const context = (id: string): string => `sent message ${id}`;

/** The row of a message that is being queued. */
export const noteQueued = (
  sealer: Sealer,
  message: Pick<SentMessage, 'id' | 'kind' | 'medium' | 'to' | 'queuedAt'> & {
    readonly subscriberId?: string | undefined;
    readonly expiresAt?: Date | undefined;
  },
): Write => ({
  statement: sql`INSERT INTO sent_messages (id, subscriber_id, kind, medium, recipient, queued_at, expires_at)
    VALUES (${message.id}, ${message.subscriberId ?? null}, ${message.kind}, ${message.medium},
      ${sealer.seal(message.to, context(message.id))}, ${message.queuedAt}, ${message.expiresAt ?? null})`,
});

/** One attempt and how it ended; `final` when there is no other. */
export const noteAttempt = (id: string, delivery: Delivery, final: boolean, now: Date): Write => {
  const state = delivery.delivered ? 'delivered' : final ? 'failed' : 'queued';
  return {
    statement: sql`UPDATE sent_messages SET attempts = attempts + 1, state = ${state},
      settled_at = ${state === 'queued' ? null : now}::timestamptz, reason = ${delivery.delivered ? null : delivery.reason}
      WHERE id = ${id} AND state = 'queued'`,
  };
};

/** What waited for room tells of something that has ended meanwhile: it does not leave any more. */
export const noteOver = (id: string, now: Date): Write => ({
  statement: sql`UPDATE sent_messages SET state = 'failed', settled_at = ${now}, reason = 'over' WHERE id = ${id} AND state = 'queued'`,
});

/** A message that failed waits again, unless it was a code, whose time is over. It is counted again, for it is sent again. */
export const noteRetry = (id: string, lost: () => Error): Write => ({
  statement: sql`UPDATE sent_messages SET state = 'queued', settled_at = NULL, reason = NULL, counted_at = NULL, line = NULL
    WHERE id = ${id} AND state = 'failed' AND expires_at IS NULL`,
  lost,
});

/** Where a message stands before it leaves. */
export interface Standing {
  readonly state: MessageState;
  /** Against its budgets: it may go. */
  readonly counted: boolean;
  /** It was beyond them, and waits for room. */
  readonly waits: boolean;
  /** Another one to the same address does. */
  readonly another: boolean;
}

const waitsNow = sql.raw(`state = 'queued' AND counted_at IS NULL`);

/** How a message stands, and whether another waits in its line. */
export const standingOf = (database: Queryable, id: string, line: Buffer): Promise<Standing | undefined> =>
  database.row<Standing>(sql`
    SELECT state, counted_at IS NOT NULL AS counted, line IS NOT NULL AS waits,
      EXISTS (SELECT FROM sent_messages WHERE line = ${line} AND ${waitsNow} AND id <> ${id}) AS another
    FROM sent_messages WHERE id = ${id}`);

/** It was counted against its budgets; whoever did it before has counted it. From now on nothing is folded into it. */
export const noteCounted = (id: string, now: Date): Write => ({
  statement: sql`UPDATE sent_messages SET counted_at = ${now} WHERE id = ${id} AND counted_at IS NULL`,
});

/** The first of its line to wait: there is one at a time (`sent_messages_one_waits`). */
export const waiting = (id: string, line: Buffer, lost: () => Error): Write => ({
  statement: sql`UPDATE sent_messages SET line = ${line} WHERE id = ${id} AND line IS NULL AND ${waitsNow}`,
  lost,
});

/** Folded into the one of its line that waits; lost when that goes just now. */
export const folding = (id: string, line: Buffer, { now, lost }: { now: Date; lost: () => Error }): Write => ({
  statement: sql`UPDATE sent_messages SET state = 'held', settled_at = ${now}, folded_into = first.id
    FROM (SELECT id FROM sent_messages WHERE line = ${line} AND ${waitsNow} FOR NO KEY UPDATE) AS first
    WHERE sent_messages.id = ${id} AND sent_messages.state = 'queued' AND sent_messages.counted_at IS NULL
      AND first.id <> sent_messages.id`,
  lost,
});

/** How many were folded into it. */
export const foldedInto = async (database: Queryable, id: string): Promise<number> =>
  (await database.row<{ count: number }>(sql`SELECT count(*) AS count FROM sent_messages WHERE folded_into = ${id}`))!
    .count;

/** Which messages: the newest first, of one person, or of all in one state. */
export interface Wanted {
  readonly subscriberId?: string | undefined;
  readonly state?: MessageState;
  readonly limit: number;
  readonly before?: { readonly queuedAt: Date; readonly id: string };
}

/** The newest messages of one person, with the addresses that they went to. */
export async function messagesOf(
  database: Queryable,
  sealer: Sealer,
  wanted: Wanted & { readonly subscriberId: string },
  now: Date,
): Promise<SentMessage[]> {
  const rows = await newest(database, wanted, now);
  return rows.map((row) => ({ ...shown(row), to: sealer.open(row.recipient, context(row.id)) }));
}

/** The newest messages, and nothing of whom: no address is opened. */
export const sentMessages = async (
  database: Queryable,
  wanted: Wanted,
  now: Date,
): Promise<Omit<SentMessage, 'to'>[]> => (await newest(database, wanted, now)).map(shown);

const shown = ({ recipient: _recipient, queued_at, settled_at, reason, ...row }: Row): Omit<SentMessage, 'to'> => ({
  ...row,
  queuedAt: queued_at,
  ...(settled_at ? { settledAt: settled_at } : {}),
  ...(reason ? { reason } : {}),
});

/** What is not sent any more counts as failed from the moment its time was over. */
function newest(database: Queryable, { subscriberId, state, limit, before }: Wanted, now: Date): Promise<Row[]> {
  // What a row holds is looked at too: the index of the few that did not arrive is of that.
  const undelivered = state !== undefined && state !== 'delivered' ? sql`WHERE state <> 'delivered'` : sql``;
  return database.rows<Row>(sql`
    SELECT id, kind, medium, recipient, queued_at, seen AS state, attempts,
      CASE WHEN seen <> state THEN expires_at ELSE settled_at END AS settled_at,
      CASE WHEN seen <> state THEN 'expired' ELSE reason END AS reason
    FROM (SELECT *, CASE WHEN state = 'queued' AND expires_at <= ${now}::timestamptz THEN 'failed' ELSE state END AS seen
      FROM sent_messages ${undelivered}) AS m
    WHERE (${subscriberId ?? null}::uuid IS NULL OR subscriber_id = ${subscriberId ?? null}::uuid)
      AND (${state ?? null}::text IS NULL OR seen = ${state ?? null}::text)
      AND (${before?.queuedAt ?? null}::timestamptz IS NULL
        OR (queued_at, id) < (${before?.queuedAt ?? null}::timestamptz, ${before?.id ?? null}::uuid))
    ORDER BY queued_at DESC, id DESC LIMIT ${limit}`);
}

/** Forgets a batch of messages that were queued before a moment; answers how many. */
export const forgetMessages = (database: Queryable, before: Date): Promise<number> =>
  database.execute(sql`DELETE FROM sent_messages WHERE id IN
    (SELECT id FROM sent_messages WHERE queued_at < ${before} LIMIT 5000)`);
