import type { Knex } from 'knex';

/**
 * Notices have budgets: when a message was counted against them, in which line it waits for room (a keyed hash), and into which
 * one of that line it was folded. One waits in a line at a time.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE sent_messages
      ADD COLUMN counted_at timestamptz,
      ADD COLUMN line bytea,
      ADD COLUMN folded_into uuid,
      DROP CONSTRAINT sent_messages_state_check,
      ADD CONSTRAINT sent_messages_state_check CHECK (state IN ('queued', 'delivered', 'failed', 'held')),
      ADD CONSTRAINT sent_messages_held_into_one CHECK ((state = 'held') = (folded_into IS NOT NULL));
    CREATE UNIQUE INDEX sent_messages_one_waits ON sent_messages (line) WHERE state = 'queued' AND counted_at IS NULL;
    CREATE INDEX sent_messages_folded ON sent_messages (folded_into) WHERE folded_into IS NOT NULL`);
}

/** The version before knows no message that was held: it did not arrive. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX sent_messages_folded;
    DROP INDEX sent_messages_one_waits;
    ALTER TABLE sent_messages DROP CONSTRAINT sent_messages_held_into_one;
    UPDATE sent_messages SET state = 'failed', reason = 'held' WHERE state = 'held';
    ALTER TABLE sent_messages
      DROP CONSTRAINT sent_messages_state_check,
      ADD CONSTRAINT sent_messages_state_check CHECK (state IN ('queued', 'delivered', 'failed')),
      DROP COLUMN folded_into,
      DROP COLUMN line,
      DROP COLUMN counted_at`);
}
