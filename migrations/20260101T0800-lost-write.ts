import type { Knex } from 'knex';

/** A conditional write that lost raises through this function, which undoes its whole statement (platform/unit-of-work.ts). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION senid_lost(write_number integer) RETURNS integer LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION USING ERRCODE = 'SL001', MESSAGE = write_number::text;
    END $$`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP FUNCTION senid_lost(integer)');
}
