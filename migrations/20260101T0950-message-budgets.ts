import type { Knex } from 'knex';

/** How many messages went out in a window: to a number, a range of numbers, for an account, and in all. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE message_budgets (
      scope text NOT NULL,
      key bytea NOT NULL,
      window_start timestamptz NOT NULL,
      used integer NOT NULL,
      cap integer NOT NULL,
      PRIMARY KEY (scope, key, window_start),
      CONSTRAINT within_the_cap CHECK (used <= cap)
    ) WITH (fillfactor = 60)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE message_budgets');
}
