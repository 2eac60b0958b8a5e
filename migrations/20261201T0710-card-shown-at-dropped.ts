import type { Knex } from 'knex';

/** When a card was read again is said by its check (20261201T0440); nothing reads or writes the column any more. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE level_2_applications DROP COLUMN card_shown_at');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    -- When the card was last read again of somebody who had left before binding.
    ALTER TABLE level_2_applications ADD COLUMN card_shown_at timestamptz`);
}
