import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { OutgoingMessage } from './channel.ts';

/** One counter of one window. */
export interface Counter {
  readonly scope: string;
  readonly key: Buffer;
  readonly windowStart: Date;
  readonly cap: number;
}

const lostWrite = 'SL001';

/**
 * Counts one message against every counter, or against none: a full counter undoes the statement. Counters are taken in the
 * order they are given, the same for everybody, so that two requests never wait for each other.
 */
export async function count(database: Queryable, counters: readonly Counter[]): Promise<boolean> {
  try {
    await database.execute(sql`
      WITH counted AS (
        INSERT INTO message_budgets AS b (scope, key, window_start, used, cap)
        SELECT scope, key, window_start, 1, cap
        FROM unnest(${counters.map((c) => c.scope)}::text[], ${counters.map((c) => c.key)}::bytea[],
          ${counters.map((c) => c.windowStart)}::timestamptz[], ${counters.map((c) => c.cap)}::integer[])
          AS wanted (scope, key, window_start, cap)
        ON CONFLICT (scope, key, window_start) DO UPDATE SET used = b.used + 1, cap = excluded.cap
        WHERE b.used < excluded.cap
        RETURNING 1
      )
      SELECT CASE WHEN (SELECT count(*) FROM counted) < ${counters.length}::integer THEN senid_lost(0) END`);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === lostWrite) return false;
    throw error;
  }
}

/** Which of the counters are full. */
export async function full(database: Queryable, counters: readonly Counter[]): Promise<boolean[]> {
  const rows = await database.rows<{ number: number }>(sql`
    SELECT wanted.number FROM unnest(${counters.map((c) => c.scope)}::text[], ${counters.map((c) => c.key)}::bytea[],
      ${counters.map((c) => c.windowStart)}::timestamptz[], ${counters.map((c) => c.cap)}::integer[])
      WITH ORDINALITY AS wanted (scope, key, window_start, cap, number)
    JOIN message_budgets b USING (scope, key, window_start) WHERE b.used >= wanted.cap`);
  const numbers = new Set(rows.map((row) => row.number));
  return counters.map((_, index) => numbers.has(index + 1));
}

/** Forgets the windows that ended before a moment; answers how many. */
export const forgetBudgets = (database: Queryable, before: Date): Promise<number> =>
  database.execute(sql`
    DELETE FROM message_budgets WHERE (scope, key, window_start) IN (
      SELECT scope, key, window_start FROM message_budgets WHERE window_start < ${before} LIMIT 5000)`);

/** How many simulated messages are worth keeping. */
const KEPT = 500;

/** Keeps a message of the sandbox; the same reference is kept once. */
export async function keepSimulated(database: Queryable, message: OutgoingMessage, now: Date): Promise<void> {
  await database.execute(sql`
    WITH kept AS (
      INSERT INTO simulated_messages (reference, medium, recipient, subject, body, sent_at)
      VALUES (${message.reference}, ${message.medium}, ${message.to}, ${message.subject ?? null}, ${message.text}, ${now})
      ON CONFLICT (reference) DO NOTHING
    )
    DELETE FROM simulated_messages WHERE number <= (SELECT max(number) FROM simulated_messages) - ${KEPT}::bigint`);
}

/** A message of the sandbox, as it would have arrived. */
export interface SimulatedMessage {
  readonly id: string;
  readonly medium: 'sms' | 'mail';
  readonly to: string;
  readonly subject?: string;
  readonly text: string;
  readonly at: Date;
}

/** The newest messages of the sandbox, optionally to one address. */
export async function simulatedMessages(
  database: Queryable,
  { limit = 50, to }: { limit?: number; to?: string } = {},
): Promise<SimulatedMessage[]> {
  const rows = await database.rows<Omit<SimulatedMessage, 'subject'> & { subject: string | null }>(sql`
    SELECT reference AS id, medium, recipient AS "to", subject, body AS text, sent_at AS at FROM simulated_messages
    WHERE ${to ?? null}::text IS NULL OR recipient = ${to ?? null}::text
    ORDER BY number DESC LIMIT ${limit}`);
  return rows.map(({ subject, ...row }) => (subject === null ? row : { ...row, subject }));
}

export async function countSimulated(database: Queryable): Promise<number> {
  const row = await database.row<{ count: number }>(sql`SELECT count(*) AS count FROM simulated_messages`);
  return row?.count ?? 0;
}
