import type { Knex } from 'knex';

/**
 * Of one number one application is open: one that nobody goes on with keeps its person from every other office. It lapses as one does that
 * was not answered, so many days after an officer had to do with it last; of those that are there, after this.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE level_2_applications ADD COLUMN touched_at timestamptz NOT NULL DEFAULT now();
    CREATE INDEX level_2_applications_untouched ON level_2_applications (touched_at) WHERE state IN ('SUBMITTED', 'CHECKING')`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE level_2_applications DROP COLUMN touched_at');
}
