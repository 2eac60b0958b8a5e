import type { Knex } from 'knex';

/**
 * Assurance policies after the first, which is part of the source. A version is exactly what two people agreed on, in the
 * transaction in which they did; it is never changed, and only a newer one takes its place.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE assurance_policies (
      version text COLLATE "C" PRIMARY KEY CHECK (version ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([.][1-9]){0,1}$'),
      policy jsonb NOT NULL CHECK (policy ->> 'version' = version),
      adopted_at timestamptz NOT NULL,
      change_request_id uuid NOT NULL UNIQUE
    );

    CREATE FUNCTION senid_policy_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- Two that come at once: the second sees the first.
      PERFORM pg_advisory_xact_lock(hashtextextended('assurance policies', 0));
      IF EXISTS (SELECT 1 FROM assurance_policies WHERE version >= NEW.version) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an older assurance policy';
      END IF;
      IF NOT EXISTS (
        SELECT 1 FROM senid_agreed_now('assurance-policy', 'assurance-policy')
        WHERE id = NEW.change_request_id AND agreed = NEW.policy
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL004', MESSAGE = 'an assurance policy is adopted by two people';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER policy_goes_on BEFORE INSERT ON assurance_policies
      FOR EACH ROW EXECUTE FUNCTION senid_policy_goes_on();
    CREATE TRIGGER assurance_policies_append_only BEFORE UPDATE OR DELETE ON assurance_policies
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change();
    CREATE TRIGGER assurance_policies_stay BEFORE TRUNCATE ON assurance_policies
      FOR EACH STATEMENT EXECUTE FUNCTION senid_refuse_change();

    CREATE FUNCTION senid_policy_adopted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('assurance_policies', NEW.version);
      RETURN NULL;
    END $$;
    CREATE TRIGGER policy_adopted AFTER INSERT ON assurance_policies
      FOR EACH ROW EXECUTE FUNCTION senid_policy_adopted()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE assurance_policies;
    DROP FUNCTION senid_policy_goes_on(), senid_policy_adopted()`);
}
