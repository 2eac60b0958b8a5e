import type { Knex } from 'knex';

/**
 * Level 2 names the row of the assurance policy that gave it: nothing else writes one, whoever writes it. Records of before the
 * policy was kept with them stand as they are, and are looked at again whenever a policy is withdrawn.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE proofing_records ADD CONSTRAINT level_2_names_its_policy
      CHECK (account_level < 2 OR assurance_row IS NOT NULL) NOT VALID`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE proofing_records DROP CONSTRAINT level_2_names_its_policy');
}
