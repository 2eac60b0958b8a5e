import type { Knex } from 'knex';

/**
 * The holder of a number stops an application while one of those who are asked is silent: it is refused when everybody has answered,
 * as one with a number that does not exist is. Refused at once, whoever made it would read from the moment that the number exists.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE enrolment_applications ADD COLUMN stopped_at timestamptz');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE enrolment_applications DROP COLUMN stopped_at');
}
