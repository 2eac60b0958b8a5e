import type { Knex } from 'knex';

/** Among millions that arrived, the few that did not are found by themselves. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX sent_messages_undelivered ON sent_messages (queued_at DESC, id DESC) WHERE state <> 'delivered'`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX sent_messages_undelivered');
}
