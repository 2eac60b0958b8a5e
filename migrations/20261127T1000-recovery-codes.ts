import type { Knex } from 'knex';

/** One sheet of recovery codes an account: a new one takes the place of the old, and none of two sheets at once is forgotten. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    "CREATE UNIQUE INDEX authenticators_single_sheet ON authenticators (subscriber_id, kind) WHERE kind = 'recovery-code'",
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX authenticators_single_sheet');
}
