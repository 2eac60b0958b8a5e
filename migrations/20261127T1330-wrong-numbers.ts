import type { Knex } from 'knex';

/** How many wrong identity numbers an operator has typed at approvals, and since when: whoever guesses has to wait. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE approval_wrong_numbers (
      operator_id uuid PRIMARY KEY REFERENCES operators,
      wrong smallint NOT NULL CHECK (wrong > 0),
      since timestamptz NOT NULL
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE approval_wrong_numbers');
}
