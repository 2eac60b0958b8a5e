import type { Knex } from 'knex';

/**
 * The journal in two tables. `journal_incoming` takes one INSERT from the transaction that makes a change: nothing to read, no
 * lock, one ascending key. The sealer moves what has committed to `journal`, numbers it and chains it; only there are indexes.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE journal_incoming (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at timestamptz(3) NOT NULL,
      type text NOT NULL,
      actor_kind text NOT NULL,
      actor_id text,
      subscriber_id uuid,
      client_id text,
      detail jsonb
    );
    CREATE TABLE journal (
      sequence bigint PRIMARY KEY CHECK (sequence > 0),
      at timestamptz(3) NOT NULL,
      type text NOT NULL,
      actor_kind text NOT NULL,
      actor_id text,
      subscriber_id uuid,
      client_id text,
      detail jsonb,
      hash bytea NOT NULL CHECK (octet_length(hash) = 32)
    );
    CREATE INDEX journal_of_subscriber ON journal (subscriber_id, sequence) WHERE subscriber_id IS NOT NULL;
    CREATE TABLE journal_checkpoints (
      sequence bigint PRIMARY KEY,
      hash bytea NOT NULL,
      at timestamptz(3) NOT NULL,
      signature bytea NOT NULL
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE journal_checkpoints, journal, journal_incoming');
}
