import type { Knex } from 'knex';

/**
 * Level 2 that does not count comes back as it was given: by an application of the counter, with card, face and fingerprints checked
 * since, and a record of its own. Two officers' word that they had compared is no proofing any more (`reproofings`): what was
 * confirmed stays for whoever it is about, and what still waited for its second officer is of nothing.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    DELETE FROM reproofings WHERE decided_at IS NULL;
    DROP INDEX reproofings_open, reproofings_open_by_id;
    CREATE INDEX level_2_applications_of_account ON level_2_applications (account_id) WHERE account_id IS NOT NULL;

    CREATE OR REPLACE FUNCTION senid_reproofed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.reproofing_required_since IS NOT NULL AND NEW.reproofing_required_since IS NULL AND NOT EXISTS (
        SELECT FROM proofing_records p JOIN level_2_applications a ON a.account_id = p.subscriber_id
        WHERE p.subscriber_id = NEW.id AND p.id = NEW.proofing_id AND p.id IS DISTINCT FROM OLD.proofing_id
          AND p.account_level = 2 AND p.channel = 'in_person' AND p.decided_at >= OLD.reproofing_required_since
          AND a.state = 'APPROVED' AND a.decided_at >= OLD.reproofing_required_since
          AND p.officer = a.decided_by::text AND p.second_officer IS NOT DISTINCT FROM a.second_officer::text
          -- Whether they have passed is asked of the application itself (senid_level_2_goes_on).
          AND NOT EXISTS (
            SELECT FROM unnest(ARRAY['card', 'face_match', 'fingerprint_match']) AS need (kind)
            WHERE NOT EXISTS (SELECT FROM level_2_checks c WHERE c.application_id = a.id AND c.kind = need.kind
              AND c.made_at >= OLD.reproofing_required_since))
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'level 2 counts again only after a re-proofing';
      END IF;
      RETURN NULL;
    END $$`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE OR REPLACE FUNCTION senid_reproofed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.reproofing_required_since IS NOT NULL AND NEW.reproofing_required_since IS NULL AND NOT EXISTS (
        SELECT FROM reproofings r WHERE r.subscriber_id = NEW.id
          AND r.required_since = OLD.reproofing_required_since AND r.decided_at IS NOT NULL
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'level 2 counts again only after a re-proofing';
      END IF;
      RETURN NULL;
    END $$;
    DROP INDEX level_2_applications_of_account;
    CREATE INDEX reproofings_open ON reproofings (begun_at, id) WHERE decided_at IS NULL;
    CREATE INDEX reproofings_open_by_id ON reproofings (id) WHERE decided_at IS NULL`);
}
