import type { Knex } from 'knex';

/** Looks at an application whose person had no account yet: they read of them once they have one. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX journal_of_application ON journal ((detail->>'application'), sequence)
      WHERE subscriber_id IS NULL AND type IN ('application.viewed', 'counter.viewed')`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX journal_of_application');
}
