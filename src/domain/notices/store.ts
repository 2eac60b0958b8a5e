import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { OutgoingMessage } from './channel.ts';

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
