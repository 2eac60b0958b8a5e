import type { Knex } from 'knex';

/**
 * The delivery ledger: what became of each logout that relying parties were to be told of. The message itself waits, sealed, in
 * the outbox under the same id; what stays here names neither address nor session. `receiver` lets the workers of the outbox
 * give each receiver a share of their own.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE deliveries (
      id uuid PRIMARY KEY,
      client_id text NOT NULL,
      subscriber_id uuid NOT NULL,
      -- The sign-out that it belongs to: one for all relying parties that hear of it.
      sign_out uuid NOT NULL,
      queued_at timestamptz NOT NULL,
      attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
      last_attempt_at timestamptz,
      next_attempt_at timestamptz,
      last_failure text,
      delivered_at timestamptz,
      dead_at timestamptz,
      replays integer NOT NULL DEFAULT 0,
      CHECK (delivered_at IS NULL OR dead_at IS NULL),
      CHECK (next_attempt_at IS NULL OR (delivered_at IS NULL AND dead_at IS NULL))
    ) WITH (autovacuum_vacuum_scale_factor = 0.02);
    CREATE INDEX deliveries_newest ON deliveries (queued_at DESC, id DESC);
    CREATE INDEX deliveries_of_client ON deliveries (client_id, queued_at DESC, id DESC);
    CREATE INDEX deliveries_of_subscriber ON deliveries (subscriber_id, queued_at DESC, id DESC);
    CREATE INDEX deliveries_of_sign_out ON deliveries (sign_out);
    CREATE INDEX deliveries_waiting ON deliveries (queued_at DESC, id DESC)
      WHERE delivered_at IS NULL AND dead_at IS NULL;
    CREATE INDEX deliveries_dead ON deliveries (queued_at DESC, id DESC) WHERE dead_at IS NOT NULL;
    ALTER TABLE outbox ADD COLUMN receiver text`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE outbox DROP COLUMN receiver; DROP TABLE deliveries');
}
