import type { Knex } from 'knex';

/** Level 2 begins with an application that was approved with this record: by officers, times, and what is asked of it here. */
const wasApproved = (record: string): string => `
    CREATE OR REPLACE FUNCTION senid_level_2_was_approved() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (
        SELECT FROM proofing_records p WHERE p.subscriber_id = NEW.id AND p.id = NEW.proofing_id AND (
          NEW.test AND NOT EXISTS (SELECT FROM operators o WHERE o.id::text = p.officer)
          OR EXISTS (
            SELECT FROM level_2_applications a WHERE a.account_id = NEW.id AND a.state = 'APPROVED'
              AND p.officer = a.decided_by::text AND p.second_officer IS NOT DISTINCT FROM a.second_officer::text
              -- Made by this decision: what an earlier one was about raises nobody again.
              AND p.decided_at BETWEEN a.received_at AND a.decided_at${record}
              -- Whether they have passed is asked of the application itself (senid_level_2_goes_on).
              AND NOT EXISTS (
                SELECT FROM unnest(ARRAY['card', 'face_match', 'fingerprint_match']) AS need (kind)
                WHERE NOT EXISTS (SELECT FROM level_2_checks c WHERE c.application_id = a.id AND c.kind = need.kind))))
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'level 2 begins with an application of the counter';
      END IF;
      RETURN NULL;
    END $$`;

/**
 * The record that level 2 begins with says of face and fingerprints what the application has come to: what two officers have overridden
 * is overridden in the record, and matched is what was not.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    wasApproved(`
              AND EXISTS (
                SELECT FROM (SELECT (SELECT c.detail ->> 'check' FROM level_2_checks c
                  WHERE c.application_id = a.id AND c.kind = 'override' AND c.result = 'passed' AND c.officer = a.second_officer
                  ORDER BY c.number DESC LIMIT 1) AS overridden) AS o
                WHERE p.overridden IS NOT DISTINCT FROM o.overridden
                  AND p.face_matched = (o.overridden IS DISTINCT FROM 'face_match')
                  AND p.fingerprints_matched = (o.overridden IS DISTINCT FROM 'fingerprint_match'))`),
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(wasApproved(''));
}
