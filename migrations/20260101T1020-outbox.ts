import type { Knex } from 'knex';

/**
 * Messages that leave after a change. The table is small: what has arrived is deleted. `due_at` is also the lease of the worker
 * that has the message. The trigger wakes the workers when the transaction commits.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE outbox (
      kind text NOT NULL,
      key text NOT NULL,
      payload bytea NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      due_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz,
      attempts integer NOT NULL DEFAULT 0,
      dead_at timestamptz,
      last_failure text,
      PRIMARY KEY (kind, key)
    ) WITH (autovacuum_vacuum_scale_factor = 0.02);
    CREATE INDEX outbox_due ON outbox (kind, due_at) WHERE dead_at IS NULL;
    CREATE FUNCTION outbox_wake() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('outbox', '');
      RETURN NULL;
    END $$;
    CREATE TRIGGER outbox_wake AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_wake()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE outbox; DROP FUNCTION outbox_wake()');
}
