import type { Knex } from 'knex';

/** When somebody last said something else in a draft: what nobody has touched for a month is taken back by itself. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE change_requests ADD COLUMN touched_at timestamptz;
    CREATE INDEX change_requests_untouched ON change_requests (coalesce(touched_at, drafted_at)) WHERE state = 'draft'`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE change_requests DROP COLUMN touched_at');
}
