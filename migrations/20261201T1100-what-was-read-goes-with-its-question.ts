import type { Knex } from 'knex';

/** Until when what a card has told is held for whoever asked: what is asked in presence is over with its question, and so is this. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE reader_sessions ADD COLUMN take_before timestamptz');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE reader_sessions DROP COLUMN take_before');
}
