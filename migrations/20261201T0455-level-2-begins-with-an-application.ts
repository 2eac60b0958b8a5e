import type { Knex } from 'knex';

/**
 * Level 2 begins as it comes back (`senid_reproofed`): by an application of the counter that was approved with this very record, whose
 * checks are asked for there. A record alone, whoever wrote it, raises nobody. Invented people of a sandbox are seeded with records
 * whose officer works nowhere; what an operator is named for has an application in a sandbox too.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION senid_level_2_was_approved() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (
        SELECT FROM proofing_records p WHERE p.subscriber_id = NEW.id AND p.id = NEW.proofing_id AND (
          NEW.test AND NOT EXISTS (SELECT FROM operators o WHERE o.id::text = p.officer)
          OR EXISTS (
            SELECT FROM level_2_applications a WHERE a.account_id = NEW.id AND a.state = 'APPROVED'
              AND p.officer = a.decided_by::text AND p.second_officer IS NOT DISTINCT FROM a.second_officer::text
              -- Made by this decision: what an earlier one was about raises nobody again.
              AND p.decided_at BETWEEN a.received_at AND a.decided_at
              -- Whether they have passed is asked of the application itself (senid_level_2_goes_on).
              AND NOT EXISTS (
                SELECT FROM unnest(ARRAY['card', 'face_match', 'fingerprint_match']) AS need (kind)
                WHERE NOT EXISTS (SELECT FROM level_2_checks c WHERE c.application_id = a.id AND c.kind = need.kind))))
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'level 2 begins with an application of the counter';
      END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER subscribers_raised AFTER UPDATE ON subscribers DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (OLD.account_level = 1 AND NEW.account_level = 2) EXECUTE FUNCTION senid_level_2_was_approved();
    CREATE CONSTRAINT TRIGGER subscribers_opened AFTER INSERT ON subscribers DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (NEW.account_level = 2) EXECUTE FUNCTION senid_level_2_was_approved()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER subscribers_opened ON subscribers;
    DROP TRIGGER subscribers_raised ON subscribers;
    DROP FUNCTION senid_level_2_was_approved()`);
}
