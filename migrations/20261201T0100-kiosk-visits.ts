import type { Knex } from 'knex';

/**
 * Who is at a machine that is put up for everybody: nothing of them but that somebody is, and when they last did something.
 * Unlogged: a crash ends a visit as two minutes of silence do.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE UNLOGGED TABLE kiosk_visits (
      token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
      seen_at timestamptz NOT NULL
    ) WITH (fillfactor = 70)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE kiosk_visits');
}
