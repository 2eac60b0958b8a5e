import type { Knex } from 'knex';

/**
 * Which key signs changes by two people, whoever writes: by a change request that is applied in this very transaction. By itself
 * a key follows only one that has signed for its 90 days and rests where it rests, and the first of an algorithm follows none.
 * So wherever there is somebody who exists; in a sandbox keys come and go.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- What had a key once gets no first key again, wherever its keys have gone.
    CREATE TABLE signing_key_beginnings (
      algorithm text PRIMARY KEY,
      kid text NOT NULL
    );
    INSERT INTO signing_key_beginnings SELECT DISTINCT ON (algorithm) algorithm, kid FROM signing_keys ORDER BY algorithm, created_at;
    CREATE TRIGGER signing_key_beginnings_append_only BEFORE UPDATE OR DELETE ON signing_key_beginnings
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change();
    CREATE TRIGGER signing_key_beginnings_stay BEFORE TRUNCATE ON signing_key_beginnings
      FOR EACH STATEMENT EXECUTE FUNCTION senid_refuse_change();

    CREATE FUNCTION senid_among_real_people() RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT EXISTS (SELECT FROM operators WHERE NOT test)
        OR EXISTS (SELECT FROM clients WHERE environment = 'production')
        OR EXISTS (SELECT FROM subscribers WHERE NOT test)
    $$;

    CREATE FUNCTION senid_signing_keys_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      what CONSTANT text := 'the key that signs';
    BEGIN
      IF TG_OP = 'INSERT' THEN
        -- One that is there already is changed (ON CONFLICT), and looked at as such.
        IF NEW.state <> 'current' OR EXISTS (SELECT FROM signing_keys WHERE kid = NEW.kid) THEN RETURN NEW; END IF;
        INSERT INTO signing_key_beginnings VALUES (NEW.algorithm, NEW.kid) ON CONFLICT DO NOTHING;
        IF NOT FOUND AND senid_among_real_people() THEN PERFORM senid_takes_two(what); END IF;
        RETURN NEW;
      END IF;
      IF TG_OP = 'DELETE' THEN
        IF OLD.state = 'current' AND senid_among_real_people() THEN PERFORM senid_takes_two(what); END IF;
        RETURN OLD;
      END IF;
      IF NEW IS NOT DISTINCT FROM OLD OR NOT senid_among_real_people() THEN RETURN NEW; END IF;
      -- Dates decide when a key goes: they are what they were.
      IF to_jsonb(NEW) - '{state,activated_at,retired_at}'::text[] <> to_jsonb(OLD) - '{state,activated_at,retired_at}'::text[]
        OR (OLD.state, NEW.state) NOT IN (('next', 'current'), ('current', 'retired'))
        OR OLD.state = 'current' AND NEW.activated_at IS DISTINCT FROM OLD.activated_at THEN
        PERFORM senid_takes_two(what);
      END IF;
      IF EXISTS (SELECT FROM senid_agreed_now('signing-keys', OLD.algorithm)
        WHERE NEW.state = 'retired' OR agreed ->> 'signs' = NEW.kid) THEN RETURN NEW; END IF;
      -- By itself: 90 days, and an hour for clocks that differ.
      IF NEW.state = 'retired' THEN
        IF coalesce(OLD.activated_at, OLD.created_at) > now() - interval '90 days' + interval '1 hour' THEN
          PERFORM senid_takes_two(what);
        END IF;
      ELSIF NOT EXISTS (SELECT FROM signing_keys WHERE algorithm = NEW.algorithm AND state = 'retired'
        AND custody = NEW.custody AND retired_at = NEW.activated_at AND xmin = pg_current_xact_id()::xid) THEN
        PERFORM senid_takes_two(what);
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER signing_keys_by_two BEFORE INSERT OR UPDATE OR DELETE ON signing_keys
      FOR EACH ROW EXECUTE FUNCTION senid_signing_keys_by_two()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER signing_keys_by_two ON signing_keys;
    DROP FUNCTION senid_signing_keys_by_two(), senid_among_real_people();
    DROP TABLE signing_key_beginnings`);
}
