import type { Knex } from 'knex';

/**
 * What was said of somebody's guardians by a number of which it was not known yet that it is theirs is found again once it is: by the
 * number, as the directory of accounts finds one, and by those that it has taken the place of.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE register_events ADD COLUMN ward_hash bytea
      CHECK (ward_hash IS NULL OR octet_length(ward_hash) = 32 AND kind = 'guardianship-ended' AND subscriber_id IS NULL);
    CREATE INDEX register_events_of_wards ON register_events (ward_hash) WHERE ward_hash IS NOT NULL;
    CREATE INDEX register_standings_successor ON register_standings (successor) WHERE successor IS NOT NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX register_standings_successor;
    ALTER TABLE register_events DROP COLUMN ward_hash`);
}
