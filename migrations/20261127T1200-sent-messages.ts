import type { Knex } from 'knex';

/**
 * What became of each message to a person. The outbox forgets what has arrived; its reader does not. The address is masked and
 * sealed: enough for its owner to recognise it, and nothing for whoever reads the table.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE sent_messages (
      id uuid PRIMARY KEY,
      subscriber_id uuid,
      kind text NOT NULL,
      medium text NOT NULL CHECK (medium IN ('sms', 'mail')),
      recipient bytea NOT NULL,
      queued_at timestamptz NOT NULL,
      expires_at timestamptz,
      state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'delivered', 'failed')),
      attempts integer NOT NULL DEFAULT 0,
      settled_at timestamptz,
      reason text,
      CHECK ((state = 'queued') = (settled_at IS NULL))
    ) WITH (fillfactor = 80);
    CREATE INDEX sent_messages_by_time ON sent_messages (queued_at DESC, id DESC);
    CREATE INDEX sent_messages_of_subscriber ON sent_messages (subscriber_id, queued_at DESC) WHERE subscriber_id IS NOT NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE sent_messages');
}
