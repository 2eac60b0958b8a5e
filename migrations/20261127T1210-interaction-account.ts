import type { Knex } from 'knex';

/**
 * Whose sign-in waits, once somebody has proven something in it: a lock ends those too. The index holds the few minutes of
 * sign-ins that have come that far; what has not is no entry.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE interactions ADD COLUMN account_id text;
    CREATE INDEX interactions_of_account ON interactions (account_id) WHERE account_id IS NOT NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE interactions DROP COLUMN account_id');
}
