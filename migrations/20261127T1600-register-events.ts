import type { Knex } from 'knex';

/**
 * What the population register reports of changes. Each event is taken once; what is known of a number and how it stands is kept
 * beside it, by aspect and with the register's own order, so that what is older undoes nothing that is newer, and so that a
 * report about somebody without an account is not lost: the database opens none for a number whose holder has died.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE register_events (
      issuer text NOT NULL,
      -- The register's own name for it, hashed: it may say what it likes there.
      event_hash bytea NOT NULL CHECK (octet_length(event_hash) = 32),
      id uuid NOT NULL UNIQUE,
      kind text NOT NULL,
      sequence bigint,
      -- The whole event, sealed.
      event bytea NOT NULL,
      digest bytea NOT NULL CHECK (octet_length(digest) = 32),
      outcome text NOT NULL CHECK (outcome IN ('applied', 'no_account', 'superseded', 'former_card', 'number_taken',
        'unknown_kind', 'malformed')),
      subscriber_id uuid,
      taken_at timestamptz NOT NULL,
      PRIMARY KEY (issuer, event_hash)
    );
    CREATE INDEX register_events_kept ON register_events (taken_at)
      WHERE outcome IN ('number_taken', 'unknown_kind', 'malformed');
    CREATE TRIGGER register_events_append_only BEFORE UPDATE OR DELETE ON register_events
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change();

    CREATE TABLE register_standings (
      -- As the directory of accounts finds a number.
      number_hash bytea NOT NULL CHECK (octet_length(number_hash) = 32),
      aspect text NOT NULL CHECK (aspect IN ('life', 'number', 'name', 'card')),
      value text NOT NULL,
      sequence bigint NOT NULL,
      -- The number that has taken the place of a cancelled one.
      successor bytea CHECK (octet_length(successor) = 32),
      -- Of the document that the value is about, a keyed hash.
      document bytea CHECK (octet_length(document) = 32),
      close_at timestamptz,
      changed_at timestamptz NOT NULL,
      PRIMARY KEY (number_hash, aspect),
      CONSTRAINT value_of_its_aspect CHECK ((aspect, value) IN (('life', 'alive'), ('life', 'deceased'),
        ('number', 'current'), ('number', 'cancelled'), ('number', 'replaced'), ('name', 'corrected'),
        ('card', 'valid'), ('card', 'held'), ('card', 'revoked'))),
      CONSTRAINT replaced_by_another CHECK ((value = 'replaced') = (successor IS NOT NULL)),
      CONSTRAINT closed_for_a_ground CHECK (close_at IS NULL OR value IN ('deceased', 'cancelled'))
    );
    CREATE INDEX register_standings_due ON register_standings (close_at) WHERE close_at IS NOT NULL;

    CREATE FUNCTION senid_standing_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' OR NEW.sequence < OLD.sequence
        OR NEW.sequence = OLD.sequence AND NEW.value IS DISTINCT FROM OLD.value THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'what the register said before undoes nothing that it has said since';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER register_standings_go_on BEFORE UPDATE OR DELETE ON register_standings
      FOR EACH ROW EXECUTE FUNCTION senid_standing_goes_on();

    -- An account is opened, or not, after what is being reported of its number in this moment.
    CREATE FUNCTION senid_number_is_good() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(encode(NEW.hash, 'hex'), 0));
      IF EXISTS (SELECT FROM register_standings WHERE number_hash = NEW.hash
        AND value IN ('deceased', 'cancelled', 'replaced', 'held', 'revoked')) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL004', MESSAGE = 'no account is opened for a number that does not stand';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER subscriber_identifiers_number_is_good BEFORE INSERT ON subscriber_identifiers
      FOR EACH ROW WHEN (NEW.kind = 'number') EXECUTE FUNCTION senid_number_is_good();

    -- The last day of the card, or of a foreigner's residence card; none where it has none. What was done about it.
    ALTER TABLE subscribers ADD COLUMN card_expires_on date, ADD COLUMN card_expiry_met date;
    CREATE INDEX subscribers_card_expiry ON subscribers (card_expires_on)
      WHERE card_expires_on IS NOT NULL AND card_expiry_met IS DISTINCT FROM card_expires_on AND state = 'active';

    ALTER TABLE subscriber_locks DROP CONSTRAINT subscriber_locks_ground_check;
    ALTER TABLE subscriber_locks ADD CONSTRAINT subscriber_locks_ground_check CHECK (ground IN ('holder_request',
      'terms_violation', 'card_revoked', 'card_held', 'card_expired', 'death', 'number_cancelled', 'authority_request',
      'passport_expired', 'residence_expired', 'phone_reclaimed', 'security_suspected'))`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE subscriber_locks DROP CONSTRAINT subscriber_locks_ground_check;
    ALTER TABLE subscriber_locks ADD CONSTRAINT subscriber_locks_ground_check CHECK (ground IN ('holder_request',
      'terms_violation', 'card_revoked', 'card_held', 'card_expired', 'death', 'authority_request',
      'passport_expired', 'residence_expired', 'phone_reclaimed', 'security_suspected')) NOT VALID;
    ALTER TABLE subscribers DROP COLUMN card_expires_on, DROP COLUMN card_expiry_met;
    DROP TRIGGER subscriber_identifiers_number_is_good ON subscriber_identifiers;
    DROP TABLE register_standings, register_events;
    DROP FUNCTION senid_standing_goes_on(), senid_number_is_good()`);
}
