import type { Knex } from 'knex';

/**
 * A face or fingerprints that did not match and were overridden: by a second officer, never both, and the record says so. Before,
 * a record of level 2 had both matched; this one is as strict about those without an override.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE proofing_records
      ADD COLUMN overridden text CHECK (overridden IN ('face_match', 'fingerprint_match')),
      ADD COLUMN second_officer text,
      DROP CONSTRAINT level_2_in_presence,
      ADD CONSTRAINT level_2_in_presence CHECK (account_level < 2 OR (channel = 'in_person'
        AND (face_matched OR overridden IS NOT DISTINCT FROM 'face_match')
        AND (fingerprints_matched OR overridden IS NOT DISTINCT FROM 'fingerprint_match'))),
      -- What matched is not overridden, and nobody overrides alone.
      ADD CONSTRAINT override_by_two CHECK (CASE overridden
        WHEN 'face_match' THEN NOT face_matched AND fingerprints_matched AND second_officer IS NOT NULL AND second_officer <> officer
        WHEN 'fingerprint_match' THEN face_matched AND NOT fingerprints_matched AND second_officer IS NOT NULL AND second_officer <> officer
        ELSE second_officer IS NULL END)`);
}

export async function down(knex: Knex): Promise<void> {
  // What was overridden has no place in the former table: it refuses to go back over it.
  await knex.raw(`
    ALTER TABLE proofing_records
      DROP CONSTRAINT override_by_two,
      DROP CONSTRAINT level_2_in_presence,
      ADD CONSTRAINT level_2_in_presence CHECK (account_level < 2 OR (channel = 'in_person' AND face_matched AND fingerprints_matched)),
      DROP COLUMN second_officer,
      DROP COLUMN overridden`);
}
