import type { Knex } from 'knex';

/**
 * By which assurance policy the record that an account rests on was found to carry nothing, after the one that made it was withdrawn:
 * version and hash, so that it is journalled once for each policy, whoever asks and in how many processes.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE subscribers ADD COLUMN record_disbelieved_by text');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE subscribers DROP COLUMN record_disbelieved_by');
}
