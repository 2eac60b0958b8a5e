import type { Knex } from 'knex';

/**
 * Organisations and who acts for them (Decree 69/2024 Art. 12; domain model 8a, 8b, 8c invariant 4). An organisation has no level:
 * a person of level 2 acts for it, with the consent of the other legal representatives. What is promised of that stands here too,
 * so that no way of writing goes round it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE organisations (
      id uuid PRIMARY KEY,
      enterprise_code text NOT NULL UNIQUE CHECK (enterprise_code ~ '^([0-9]{10}|[0-9]{10}-[0-9]{3})$'),
      name text NOT NULL,
      status text NOT NULL CHECK (status IN ('active', 'suspended', 'dissolved')),
      -- The moment that the register's last word is of, and when it was asked.
      as_of timestamptz NOT NULL,
      asked_at timestamptz NOT NULL,
      opened_at timestamptz NOT NULL
    );

    CREATE TABLE organisation_applications (
      id uuid PRIMARY KEY,
      reference text NOT NULL UNIQUE,
      enterprise_code text NOT NULL CHECK (enterprise_code ~ '^([0-9]{10}|[0-9]{10}-[0-9]{3})$'),
      subscriber_id uuid NOT NULL,
      state text NOT NULL CHECK (state IN ('SUBMITTED', 'CHECKING', 'APPROVED', 'REFUSED', 'WITHDRAWN')),
      reason text,
      revision integer NOT NULL DEFAULT 1,
      policy text NOT NULL,
      submitted_at timestamptz NOT NULL,
      due_at timestamptz NOT NULL,
      -- From when on it waits for co-representatives, and until when.
      answer_before timestamptz,
      next_try_at timestamptz NOT NULL,
      silences integer NOT NULL DEFAULT 0,
      waiting_for text CHECK (waiting_for IN ('register', 'registration', 'consents')),
      -- What the register answered: the name, and whose consent is asked; sealed.
      known bytea,
      decided_at timestamptz,
      CONSTRAINT decided_has_a_time CHECK ((state IN ('APPROVED', 'REFUSED', 'WITHDRAWN')) = (decided_at IS NOT NULL)),
      CONSTRAINT refused_has_a_reason CHECK ((state = 'REFUSED') = (reason IS NOT NULL))
    );
    CREATE UNIQUE INDEX organisation_applications_one_live ON organisation_applications (subscriber_id, enterprise_code)
      WHERE state IN ('SUBMITTED', 'CHECKING');
    CREATE INDEX organisation_applications_due ON organisation_applications (next_try_at)
      WHERE state IN ('SUBMITTED', 'CHECKING');
    CREATE INDEX organisation_applications_of ON organisation_applications (subscriber_id, submitted_at);

    CREATE TABLE organisation_consents (
      application_id uuid NOT NULL REFERENCES organisation_applications (id),
      -- Whom the register lists, by keyed hash of the number; who it is here is known once they answer.
      number_hash bytea NOT NULL CHECK (octet_length(number_hash) = 32),
      asked_at timestamptz NOT NULL,
      subscriber_id uuid,
      answer text CHECK (answer IN ('given', 'declined')),
      answered_at timestamptz,
      -- How well they had just proven who they are.
      authentication_level integer,
      strong boolean,
      policy text,
      PRIMARY KEY (application_id, number_hash),
      CONSTRAINT answered_by_somebody CHECK ((answer IS NULL) = (subscriber_id IS NULL)
        AND (answer IS NULL) = (answered_at IS NULL)),
      CONSTRAINT given_with_a_strong_proof CHECK (answer IS DISTINCT FROM 'given'
        OR (authentication_level >= 2 AND strong AND policy IS NOT NULL))
    );
    CREATE INDEX organisation_consents_of_number ON organisation_consents (number_hash);
    CREATE INDEX organisation_consents_of ON organisation_consents (subscriber_id);

    CREATE TABLE organisation_representations (
      id uuid PRIMARY KEY,
      organisation_id uuid NOT NULL REFERENCES organisations (id),
      subscriber_id uuid NOT NULL,
      application_id uuid NOT NULL UNIQUE REFERENCES organisation_applications (id),
      role text NOT NULL CHECK (role IN ('legal_representative', 'head', 'authorised')),
      began_at timestamptz NOT NULL,
      ended_at timestamptz,
      end_reason text CHECK (end_reason IN ('own_wish', 'left_the_list', 'dissolved')),
      CONSTRAINT ended_for_a_reason CHECK ((ended_at IS NULL) = (end_reason IS NULL))
    );
    CREATE UNIQUE INDEX organisation_representations_one_live ON organisation_representations (organisation_id, subscriber_id)
      WHERE ended_at IS NULL;
    CREATE INDEX organisation_representations_of ON organisation_representations (subscriber_id);

    CREATE FUNCTION senid_level_2_stands(whose uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT EXISTS (SELECT FROM subscribers s WHERE s.id = whose AND s.state = 'active' AND s.account_level = 2
          AND s.reproofing_required_since IS NULL)
        AND NOT EXISTS (SELECT FROM subscriber_locks l WHERE l.subscriber_id = whose AND l.lifted_at IS NULL)
    $$;

    CREATE FUNCTION senid_organisation_application_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' OR (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (('SUBMITTED', 'CHECKING'),
          ('SUBMITTED', 'REFUSED'), ('SUBMITTED', 'WITHDRAWN'), ('CHECKING', 'APPROVED'), ('CHECKING', 'REFUSED'),
          ('CHECKING', 'WITHDRAWN')))
        OR (OLD.decided_at IS NOT NULL AND (NEW.state, NEW.reason, NEW.decided_at) IS DISTINCT FROM
          (OLD.state, OLD.reason, OLD.decided_at))
        OR (NEW.id, NEW.enterprise_code, NEW.subscriber_id, NEW.submitted_at) IS DISTINCT FROM
          (OLD.id, OLD.enterprise_code, OLD.subscriber_id, OLD.submitted_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an application of an organisation goes step by step';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER organisation_application_goes_on BEFORE UPDATE OR DELETE ON organisation_applications
      FOR EACH ROW EXECUTE FUNCTION senid_organisation_application_goes_on();

    CREATE FUNCTION senid_organisation_consent_is_theirs() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP <> 'INSERT' AND OLD.answer IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'what was answered stays';
      END IF;
      IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
      IF NEW.answer IS NOT NULL AND EXISTS (SELECT FROM organisation_applications a
          WHERE a.id = NEW.application_id AND a.subscriber_id = NEW.subscriber_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'nobody consents to their own application';
      END IF;
      IF NEW.answer = 'given' AND NOT senid_level_2_stands(NEW.subscriber_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a consent takes an account of level 2';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER organisation_consent_is_theirs BEFORE INSERT OR UPDATE OR DELETE ON organisation_consents
      FOR EACH ROW EXECUTE FUNCTION senid_organisation_consent_is_theirs();

    -- After the statement: the application that is approved with it is seen as approved.
    CREATE FUNCTION senid_representation_has_consents() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT FROM organisation_applications a JOIN organisations o ON o.enterprise_code = a.enterprise_code
          WHERE a.id = NEW.application_id AND a.state = 'APPROVED' AND a.subscriber_id = NEW.subscriber_id
            AND o.id = NEW.organisation_id AND o.status = 'active')
        OR EXISTS (SELECT FROM organisation_consents c
          WHERE c.application_id = NEW.application_id AND c.answer IS DISTINCT FROM 'given')
        OR NOT senid_level_2_stands(NEW.subscriber_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003',
          MESSAGE = 'who acts for an organisation has level 2, and the consent of every other legal representative';
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER representation_has_consents AFTER INSERT ON organisation_representations
      FOR EACH ROW EXECUTE FUNCTION senid_representation_has_consents();

    CREATE FUNCTION senid_representation_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL OR (NEW.id, NEW.organisation_id, NEW.subscriber_id, NEW.application_id,
          NEW.began_at) IS DISTINCT FROM (OLD.id, OLD.organisation_id, OLD.subscriber_id, OLD.application_id, OLD.began_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'who acted for an organisation stays written down';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER representation_only_ends BEFORE UPDATE OR DELETE ON organisation_representations
      FOR EACH ROW EXECUTE FUNCTION senid_representation_only_ends()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE organisation_representations, organisation_consents, organisation_applications, organisations;
    DROP FUNCTION senid_representation_only_ends(), senid_representation_has_consents(),
      senid_organisation_consent_is_theirs(), senid_organisation_application_goes_on(), senid_level_2_stands(uuid)`);
}
