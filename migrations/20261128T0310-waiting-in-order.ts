import type { Knex } from 'knex';

/** What waits for a second officer is listed by its age, a page at a time, however much waits. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX recoveries_at_counters ON recoveries (started_at, id) WHERE state = 'proven_one' AND first_kind = 'intake';
    CREATE INDEX reproofings_open ON reproofings (begun_at, id) WHERE decided_at IS NULL;
    CREATE INDEX reproofings_open_by_id ON reproofings (id) WHERE decided_at IS NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX recoveries_at_counters, reproofings_open, reproofings_open_by_id');
}
