import type { Knex } from 'knex';

/**
 * Who looks after whose account, and until when (domain model 8a, 8b: hand-over at fourteen; 8c invariant 3). A ward's account is
 * made through its guardian; from fourteen on the ward takes it over by an application of their own. What stands already is taken
 * from the applications that made it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE guardianships (
      ward_id uuid PRIMARY KEY,
      guardian_id uuid NOT NULL,
      application_id uuid NOT NULL,
      began_at timestamptz NOT NULL,
      handed_over_at timestamptz,
      -- Until when the guardian still sees it, and by which rules.
      view_until timestamptz,
      policy text,
      ended_at timestamptz,
      CONSTRAINT nobody_is_their_own_guardian CHECK (guardian_id <> ward_id),
      CONSTRAINT handed_over_by_rules CHECK ((handed_over_at IS NULL) = (view_until IS NULL)
        AND (handed_over_at IS NULL) = (policy IS NULL) AND (ended_at IS NULL OR handed_over_at IS NOT NULL))
    );
    CREATE INDEX guardianships_of_guardian ON guardianships (guardian_id);
    CREATE INDEX guardianships_viewing ON guardianships (view_until) WHERE handed_over_at IS NOT NULL AND ended_at IS NULL;
    INSERT INTO guardianships (ward_id, guardian_id, application_id, began_at)
      SELECT a.account_id, a.guardian_id, a.id, a.decided_at FROM enrolment_applications a
      JOIN subscribers s ON s.id = a.account_id WHERE a.form = 'WARD_L1' AND a.activation = 'active';

    CREATE FUNCTION senid_guardianship_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- Invariant 3: a ward's account is made by a guardian with level 2, at this moment.
      IF TG_OP = 'INSERT' THEN
        IF NOT senid_level_2_stands(NEW.guardian_id) THEN
          RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a guardian acts with level 2';
        END IF;
        RETURN NEW;
      END IF;
      IF TG_OP = 'DELETE' OR (NEW.ward_id, NEW.guardian_id, NEW.application_id, NEW.began_at) IS DISTINCT FROM
          (OLD.ward_id, OLD.guardian_id, OLD.application_id, OLD.began_at) OR OLD.ended_at IS NOT NULL
        OR (OLD.handed_over_at IS NOT NULL AND (NEW.handed_over_at, NEW.view_until, NEW.policy) IS DISTINCT FROM
          (OLD.handed_over_at, OLD.view_until, OLD.policy)) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a guardianship goes step by step';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER guardianship_goes_on BEFORE INSERT OR UPDATE OR DELETE ON guardianships
      FOR EACH ROW EXECUTE FUNCTION senid_guardianship_goes_on();

    -- A hand-over is an application for an account that there is: the one that made it names it too.
    ALTER TABLE enrolment_applications ADD COLUMN hands_over boolean NOT NULL DEFAULT false;
    ALTER TABLE enrolment_applications DROP CONSTRAINT enrolment_applications_account_id_key;
    CREATE UNIQUE INDEX enrolment_applications_made ON enrolment_applications (account_id) WHERE NOT hands_over;
    CREATE INDEX enrolment_applications_of_account ON enrolment_applications (account_id) WHERE account_id IS NOT NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX enrolment_applications_made, enrolment_applications_of_account;
    -- What has handed an account over names none then: of two applications for one account the first has made it.
    ALTER TABLE enrolment_applications DISABLE TRIGGER application_goes_on;
    UPDATE enrolment_applications SET account_id = gen_random_uuid() WHERE hands_over;
    ALTER TABLE enrolment_applications ENABLE TRIGGER application_goes_on;
    ALTER TABLE enrolment_applications DROP COLUMN hands_over;
    ALTER TABLE enrolment_applications ADD CONSTRAINT enrolment_applications_account_id_key UNIQUE (account_id);
    DROP TABLE guardianships;
    DROP FUNCTION senid_guardianship_goes_on()`);
}
