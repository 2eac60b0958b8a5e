import type { Knex } from 'knex';

/**
 * What programs sent along with a key was remembered as a plain hash of a body that may hold an identity number, and is now a
 * keyed one. The old ones are made unreadable and not removed: a key that was used stays used, and a repeat under it is refused.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('UPDATE operator_api_answers SET request_hash = sha256(gen_random_uuid()::text::bytea)');
}

/** A hash has no way back, and the version before needs none: what it finds here it takes for another request. */
export async function down(): Promise<void> {}
