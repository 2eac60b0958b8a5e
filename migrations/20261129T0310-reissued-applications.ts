import type { Knex } from 'knex';

/** The steps of an application, as they were; `unless` says what else they allow. */
const goesOn = (unless: string): string => `
    CREATE OR REPLACE FUNCTION senid_application_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE needed text[];
    BEGIN
      IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'DRAFT' THEN
          RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an application that was handed in stays';
        END IF;
        DELETE FROM application_pictures WHERE application_id = OLD.id;
        RETURN OLD;
      END IF;
      IF NEW.revision <= OLD.revision THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'every step of an application is counted';
      END IF;
      IF (NEW.id, NEW.reference, NEW.guardian_id) IS DISTINCT FROM (OLD.id, OLD.reference, OLD.guardian_id)
        OR OLD.state <> 'DRAFT' AND (NEW.form, NEW.number_hash, NEW.phone_hash, NEW.submitted_at, NEW.consent)
          IS DISTINCT FROM (OLD.form, OLD.number_hash, OLD.phone_hash, OLD.submitted_at, OLD.consent)
        -- The term is counted from the moment at which the application is complete, and anew when an answer made it so.
        OR OLD.state NOT IN ('DRAFT', 'NEEDS_INFO') AND NEW.due_at IS DISTINCT FROM OLD.due_at THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'what an application is about never changes';
      END IF;
      IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (('DRAFT', 'SUBMITTED'),
        ('SUBMITTED', 'CHECKING'), ('SUBMITTED', 'REFUSED'), ('SUBMITTED', 'WITHDRAWN'),
        ('CHECKING', 'NEEDS_INFO'), ('CHECKING', 'APPROVED'), ('CHECKING', 'REFUSED'), ('CHECKING', 'WITHDRAWN'),
        ('NEEDS_INFO', 'CHECKING'), ('NEEDS_INFO', 'REFUSED'), ('NEEDS_INFO', 'WITHDRAWN')) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an application goes step by step';
      END IF;
      IF OLD.decided_at IS NOT NULL AND (NEW.reason, NEW.decided_at, NEW.account_id) IS DISTINCT FROM
        (OLD.reason, OLD.decided_at, OLD.account_id)${unless} THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a decided application stays as it is';
      END IF;
      IF OLD.activation IS NOT NULL AND OLD.activation <> 'issued' AND NEW.activation IS DISTINCT FROM OLD.activation${unless} THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an account is activated once';
      END IF;
      IF NEW.state = 'APPROVED' AND OLD.state <> 'APPROVED' THEN
        needed := CASE NEW.form WHEN 'WARD_L1' THEN ARRAY['register_match', 'guardian']
          ELSE ARRAY['phone_confirmed', 'register_match', 'phone_ownership', 'face_match'] END;
        IF EXISTS (SELECT FROM unnest(needed) AS need (kind) WHERE NOT EXISTS (
            SELECT FROM application_checks c WHERE c.application_id = NEW.id AND c.kind = need.kind AND c.result = 'passed'))
          OR EXISTS (SELECT FROM application_checks c WHERE c.application_id = NEW.id AND c.result = 'failed') THEN
          RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an approved application has all its checks passed';
        END IF;
      END IF;
      -- No picture outlives the decision.
      IF NEW.decided_at IS NOT NULL AND OLD.decided_at IS NULL THEN
        DELETE FROM application_pictures WHERE application_id = NEW.id;
      END IF;
      RETURN NEW;
    END $$`;

/** What has lapsed is issued anew by an officer: as another account, because the former one may have been made and closed. */
const REISSUED = `
        AND NOT (OLD.activation = 'lapsed' AND NEW.activation = 'issued' AND OLD.stopped_at IS NULL
          AND (NEW.reason, NEW.decided_at) IS NOT DISTINCT FROM (OLD.reason, OLD.decided_at)
          AND NEW.activation_hash IS NOT NULL AND NEW.account_id <> OLD.account_id)`;

/**
 * An activation that has lapsed is issued anew at a counter (domain model 8b), unless the holder of the number has stopped it; and
 * what waits online, or has lapsed, is read along an index of its own.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(goesOn(REISSUED));
  await knex.raw(`
    CREATE INDEX enrolment_applications_waiting ON enrolment_applications (due_at, id) WHERE state IN ('SUBMITTED', 'CHECKING');
    CREATE INDEX enrolment_applications_lapsed ON enrolment_applications (activate_before, id)
      WHERE activation = 'lapsed' AND applicant IS NOT NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX enrolment_applications_waiting, enrolment_applications_lapsed');
  await knex.raw(goesOn(''));
}
