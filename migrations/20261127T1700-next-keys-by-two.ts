import type { Knex } from 'knex';

/**
 * A key is published from the moment it is in the table, and relying parties believe what it signs. So a key that comes rests
 * where the current one of its algorithm rests, unless two people have agreed to the other place in this very transaction: where
 * keys rest is a setting of one. None comes as a retired one.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION senid_next_keys_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- One that is there already is changed (ON CONFLICT), and looked at as such.
      IF EXISTS (SELECT FROM signing_keys WHERE kid = NEW.kid) OR NOT senid_among_real_people() THEN RETURN NEW; END IF;
      IF NEW.state = 'next' AND (
        EXISTS (SELECT FROM signing_keys WHERE algorithm = NEW.algorithm AND state = 'current' AND custody = NEW.custody)
        OR EXISTS (SELECT FROM senid_agreed_now('signing-keys', NEW.algorithm) WHERE agreed ->> 'custody' = NEW.custody)
      ) THEN RETURN NEW; END IF;
      PERFORM senid_takes_two('a key in another custody');
      RETURN NEW;
    END $$;
    CREATE TRIGGER signing_keys_next_by_two BEFORE INSERT ON signing_keys
      FOR EACH ROW WHEN (NEW.state <> 'current') EXECUTE FUNCTION senid_next_keys_by_two()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER signing_keys_next_by_two ON signing_keys;
    DROP FUNCTION senid_next_keys_by_two()`);
}
