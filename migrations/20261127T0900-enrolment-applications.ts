import type { Knex } from 'knex';

/**
 * Applications for an account of level 1 (domain model 8b). What the state machine promises stands here too, so that no way of
 * writing goes round it: an approved one has all its checks passed, a decided one stays as it is, and of one number only one
 * application at a time is looked at or waits to be activated.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE enrolment_applications (
      id uuid PRIMARY KEY,
      reference text NOT NULL UNIQUE CHECK (reference ~ '^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$'),
      form text NOT NULL CHECK (form IN ('APP_L1', 'FOREIGN_L1', 'WARD_L1')),
      state text NOT NULL
        CHECK (state IN ('DRAFT', 'SUBMITTED', 'CHECKING', 'NEEDS_INFO', 'APPROVED', 'REFUSED', 'WITHDRAWN')),
      reason text,
      -- Rises with every change: whoever works on an older one has lost it.
      revision integer NOT NULL DEFAULT 1,
      locale text NOT NULL CHECK (locale IN ('vi', 'en')),
      test boolean NOT NULL,
      policy text NOT NULL,
      -- What was said and what the register answered, sealed; taken out once nobody needs it any more.
      applicant bytea,
      number_hash bytea CHECK (octet_length(number_hash) = 32),
      phone_hash bytea CHECK (octet_length(phone_hash) = 32),
      guardian_id uuid,
      consent text,
      consented_at timestamptz,
      begun_at timestamptz NOT NULL,
      submitted_at timestamptz,
      due_at timestamptz,
      answer_before timestamptz,
      next_try_at timestamptz,
      silences integer NOT NULL DEFAULT 0,
      waiting_for text CHECK (waiting_for IN ('population_register', 'telephone_register', 'face_matcher')),
      stop_hash bytea UNIQUE CHECK (octet_length(stop_hash) = 32),
      decided_at timestamptz,
      account_id uuid UNIQUE,
      activation text CHECK (activation IN ('issued', 'active', 'lapsed')),
      activation_hash bytea UNIQUE CHECK (octet_length(activation_hash) = 32),
      activate_before timestamptz,
      CONSTRAINT submitted_is_whole CHECK (state = 'DRAFT' OR (number_hash IS NOT NULL AND phone_hash IS NOT NULL
        AND submitted_at IS NOT NULL AND due_at IS NOT NULL AND consent IS NOT NULL AND consented_at IS NOT NULL)),
      CONSTRAINT decided_has_a_time CHECK ((state IN ('APPROVED', 'REFUSED', 'WITHDRAWN')) = (decided_at IS NOT NULL)),
      CONSTRAINT refused_has_a_reason CHECK ((state = 'REFUSED') = (reason IS NOT NULL)),
      CONSTRAINT approved_is_issued CHECK ((state = 'APPROVED') = (activation IS NOT NULL)
        AND (state = 'APPROVED') = (account_id IS NOT NULL)),
      CONSTRAINT ward_has_a_guardian CHECK ((form = 'WARD_L1') = (guardian_id IS NOT NULL))
    );
    CREATE UNIQUE INDEX enrolment_applications_one_live ON enrolment_applications (number_hash)
      WHERE state IN ('CHECKING', 'NEEDS_INFO') OR activation = 'issued';
    CREATE INDEX enrolment_applications_due ON enrolment_applications (next_try_at) WHERE state IN ('SUBMITTED', 'CHECKING');
    CREATE INDEX enrolment_applications_asked ON enrolment_applications (answer_before) WHERE state = 'NEEDS_INFO';
    CREATE INDEX enrolment_applications_issued ON enrolment_applications (activate_before) WHERE activation = 'issued';
    CREATE INDEX enrolment_applications_of_number ON enrolment_applications (number_hash, submitted_at);
    CREATE INDEX enrolment_applications_of_phone ON enrolment_applications (phone_hash, submitted_at);
    CREATE INDEX enrolment_applications_of_guardian ON enrolment_applications (guardian_id) WHERE guardian_id IS NOT NULL;

    -- What was found, each time it was asked. Codes and hashes, never who somebody is.
    CREATE TABLE application_checks (
      application_id uuid NOT NULL REFERENCES enrolment_applications,
      number integer NOT NULL,
      kind text NOT NULL CHECK (kind IN ('phone_confirmed', 'register_match', 'phone_ownership', 'face_match', 'guardian')),
      result text NOT NULL CHECK (result IN ('passed', 'failed', 'inconclusive')),
      policy text NOT NULL,
      detail jsonb NOT NULL DEFAULT '{}',
      made_at timestamptz NOT NULL,
      PRIMARY KEY (application_id, number)
    );
    CREATE TRIGGER application_checks_append_only BEFORE UPDATE OR DELETE ON application_checks
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change();

    -- A face, sealed, for as long as it takes to compare it.
    CREATE TABLE application_pictures (
      application_id uuid PRIMARY KEY REFERENCES enrolment_applications,
      number integer NOT NULL CHECK (number BETWEEN 1 AND 9),
      picture bytea NOT NULL,
      taken_at timestamptz NOT NULL
    );

    CREATE FUNCTION senid_application_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
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
        (OLD.reason, OLD.decided_at, OLD.account_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a decided application stays as it is';
      END IF;
      IF OLD.activation IS NOT NULL AND OLD.activation <> 'issued' AND NEW.activation IS DISTINCT FROM OLD.activation THEN
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
    END $$;
    CREATE TRIGGER application_goes_on BEFORE UPDATE OR DELETE ON enrolment_applications
      FOR EACH ROW EXECUTE FUNCTION senid_application_goes_on();

    CREATE FUNCTION senid_application_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- Locked: what is decided in this moment is seen.
      PERFORM FROM enrolment_applications WHERE id = NEW.application_id AND decided_at IS NULL FOR SHARE;
      IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'nothing is added to a decided application';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER application_checks_open BEFORE INSERT ON application_checks
      FOR EACH ROW EXECUTE FUNCTION senid_application_is_open();
    CREATE TRIGGER application_pictures_open BEFORE INSERT OR UPDATE ON application_pictures
      FOR EACH ROW EXECUTE FUNCTION senid_application_is_open()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE application_pictures, application_checks, enrolment_applications;
    DROP FUNCTION senid_application_goes_on(), senid_application_is_open()`);
}
