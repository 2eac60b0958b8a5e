import type { Knex } from 'knex';

/**
 * Which assurance policy has made an account's level: kept with the record of the proofing, and with a re-proofing, by version and
 * hash (`domain/assurance`, `referenceOf`). Records from before have none, and are looked at again whenever any policy is
 * withdrawn. And why level 2 does not count: after a recovery, or because the policy that made it was withdrawn.
 */
export async function up(knex: Knex): Promise<void> {
  const named = (table: string): string => `
    ALTER TABLE ${table}
      ADD COLUMN assurance_policy text COLLATE "C",
      ADD COLUMN assurance_policy_hash text CHECK (assurance_policy_hash ~ '^[A-Za-z0-9_-]{43}$'),
      ADD CONSTRAINT ${table}_policy_whole CHECK ((assurance_policy IS NULL) = (assurance_policy_hash IS NULL));`;
  await knex.raw(`
    ${named('proofing_records')}
    ALTER TABLE proofing_records ADD COLUMN assurance_row text
      CHECK (assurance_row IS NULL OR assurance_policy IS NOT NULL);
    ${named('reproofings')}
    ALTER TABLE subscribers ADD COLUMN reproofing_ground text
      CHECK (reproofing_ground IN ('recovery', 'policy_withdrawn'))`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE subscribers DROP COLUMN reproofing_ground;
    ALTER TABLE reproofings DROP COLUMN assurance_policy, DROP COLUMN assurance_policy_hash;
    ALTER TABLE proofing_records DROP COLUMN assurance_row, DROP COLUMN assurance_policy, DROP COLUMN assurance_policy_hash`);
}
