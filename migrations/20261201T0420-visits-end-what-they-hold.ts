import type { Knex } from 'knex';

/**
 * What ends with a visit to a machine that is put up for everybody: the sessions and the sign-up that were begun in it, each sealed
 * for this visit. Logged from now on: relying parties are told of the end, and a crash must not forget whom to tell of what.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE kiosk_visits ADD COLUMN holds bytea[] NOT NULL DEFAULT '{}' CHECK (cardinality(holds) <= 64)`);
  await knex.raw('ALTER TABLE kiosk_visits SET LOGGED');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE kiosk_visits SET UNLOGGED');
  await knex.raw('ALTER TABLE kiosk_visits DROP COLUMN holds');
}
