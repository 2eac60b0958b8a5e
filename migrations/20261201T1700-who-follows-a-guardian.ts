import type { Knex } from 'knex';

/** Passed on, the decision of the court ends with the word about whoever followed, and with nobody else's: the register has named them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The keyed hash of the number of whoever follows, as subscriber_identifiers has it; while the register has said nothing of it, none.
    ALTER TABLE guardianships ADD COLUMN successor_hash bytea`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE guardianships DROP COLUMN successor_hash');
}
