import type { Knex } from 'knex';

/**
 * A lock of one ground stands once for whoever opened it: of eight presses of one link each made one, and an officer had to lift all.
 * Two authorities may each have asked for one, so theirs stand beside each other. `alone` are those of this version: what stood twice
 * before, and what the version before opens meanwhile, stays as it is.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE subscriber_locks ADD COLUMN alone boolean NOT NULL DEFAULT false;
    CREATE UNIQUE INDEX subscriber_locks_alone ON subscriber_locks (subscriber_id, ground, opened_by)
      WHERE alone AND lifted_at IS NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE subscriber_locks DROP COLUMN alone');
}
