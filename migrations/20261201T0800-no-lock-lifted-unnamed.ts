import type { Knex } from 'knex';

/**
 * A request to lift from before they named their lock is approved by nobody: which lock its authority means nobody guesses, not even
 * where there is one alone, since another authority may have asked for that one. It is refused, with the reason in writing.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION senid_unlock_names_its_lock() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a request to lift that names no lock lifts none';
    END $$;
    CREATE TRIGGER unlock_names_its_lock BEFORE UPDATE ON lock_requests FOR EACH ROW
      WHEN (NEW.what = 'unlock' AND NEW.lock_id IS NULL AND NEW.state = 'approved' AND OLD.state <> 'approved')
      EXECUTE FUNCTION senid_unlock_names_its_lock()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER unlock_names_its_lock ON lock_requests;
    DROP FUNCTION senid_unlock_names_its_lock()`);
}
