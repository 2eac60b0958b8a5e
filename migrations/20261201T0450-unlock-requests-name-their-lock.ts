import type { Knex } from 'knex';

/**
 * Two authorities may each have had an account locked, and the word of one lifts no lock of the other (domain model 8b): a request to
 * lift names the lock, and one that was approved to lock says which lock came of it, so that whoever decides sees whose it is. A
 * request that is open from before, or of the version before, names none.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE lock_requests
      ADD COLUMN lock_id uuid,
      ADD CONSTRAINT lock_comes_with_the_approval CHECK (lock_id IS NULL OR what = 'unlock' OR state = 'approved');

    CREATE FUNCTION senid_lock_request_names() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT FROM subscriber_locks l WHERE l.subscriber_id = NEW.subscriber_id AND l.id = NEW.lock_id
        AND l.ground = 'authority_request' AND l.lifted_at IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an authority asks to lift a lock that one had asked for';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER lock_request_names BEFORE INSERT ON lock_requests FOR EACH ROW WHEN (NEW.lock_id IS NOT NULL)
      EXECUTE FUNCTION senid_lock_request_names();

    -- As it is decided, what it names stays, and what it made is written down.
    CREATE FUNCTION senid_lock_request_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT (NEW.what = 'lock' AND OLD.lock_id IS NULL AND OLD.state = 'forwarded') THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a request of an authority is about the lock that it was about';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER lock_request_keeps BEFORE UPDATE ON lock_requests FOR EACH ROW
      WHEN (NEW.lock_id IS DISTINCT FROM OLD.lock_id) EXECUTE FUNCTION senid_lock_request_keeps()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER lock_request_keeps ON lock_requests;
    DROP TRIGGER lock_request_names ON lock_requests;
    DROP FUNCTION senid_lock_request_keeps();
    DROP FUNCTION senid_lock_request_names();
    ALTER TABLE lock_requests DROP COLUMN lock_id`);
}
