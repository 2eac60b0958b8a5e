import type { Knex } from 'knex';

/** Offices in which people learn: what is done there is about invented people, and never about an account. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE offices ADD COLUMN training boolean NOT NULL DEFAULT false,
      -- Whoever works for a province or the nation has real people before them.
      ADD CONSTRAINT only_a_commune_trains CHECK (NOT training OR kind = 'commune')`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE offices DROP COLUMN training');
}
