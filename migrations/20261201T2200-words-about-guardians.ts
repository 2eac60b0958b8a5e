import type { Knex } from 'knex';

/**
 * What was said of a ward's guardians is read again with each word about one of them, and when it turns out that two numbers are of one
 * of them: whichever came first, the account waits for whoever looks after it in the end.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX register_events_of_guardians ON register_events (subscriber_id) WHERE kind = 'guardianship-ended';
    CREATE INDEX guardianships_successor ON guardianships (successor_hash) WHERE successor_hash IS NOT NULL AND released_at IS NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX register_events_of_guardians, guardianships_successor');
}
