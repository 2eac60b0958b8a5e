import type { Knex } from 'knex';

/**
 * Whoever the register knows at a number is told of a reissue too, with a code of its own, and stops the application for as many days
 * as a new one. The code that came with the application stops it as long.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE enrolment_applications
      ADD COLUMN reissued_at timestamptz,
      ADD COLUMN reissue_stop_hash bytea UNIQUE CHECK (octet_length(reissue_stop_hash) = 32)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE enrolment_applications DROP COLUMN reissued_at, DROP COLUMN reissue_stop_hash');
}
