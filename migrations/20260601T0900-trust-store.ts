import type { Knex } from 'knex';

/**
 * Whose signature on a card is believed. A certificate is trusted while somebody holds it: an operator by command, or the
 * newest master list of a publisher. National are only those that an operator has pinned by name: no list can say so.
 * Rows of certificates and of list imports stay for good: they are what the journal speaks of.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- One row that every change of trust passes: it counts them, and importers wait for one another at it.
    CREATE TABLE trust_version (
      singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
      number bigint NOT NULL
    ) WITH (fillfactor = 20);
    INSERT INTO trust_version (number) VALUES (1);

    CREATE TABLE trust_certificates (
      sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
      der bytea NOT NULL CHECK (sha256(der) = sha256),
      country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
      subject text NOT NULL,
      not_before timestamptz NOT NULL,
      not_after timestamptz NOT NULL,
      -- An operator's word ends trust whatever lists say, until an operator holds the certificate again.
      removed_at timestamptz,
      removed_by text CHECK (removed_by <> ''),
      CHECK ((removed_at IS NULL) = (removed_by IS NULL))
    );

    CREATE TABLE master_list_imports (
      publisher text NOT NULL CHECK (publisher ~ '^[A-Z]{2}$'),
      signed_at timestamptz NOT NULL,
      sha256 bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
      root bytea NOT NULL REFERENCES trust_certificates (sha256),
      signer bytea NOT NULL CHECK (octet_length(signer) = 32),
      certificates integer NOT NULL CHECK (certificates > 0),
      imported_at timestamptz NOT NULL,
      imported_by text NOT NULL CHECK (imported_by <> ''),
      PRIMARY KEY (publisher, signed_at)
    );

    -- Who holds a certificate: 'anchor by command', 'root by command' (of master lists), or 'list DE' (of that publisher).
    CREATE TABLE trust_holdings (
      sha256 bytea NOT NULL REFERENCES trust_certificates (sha256),
      holder text NOT NULL CHECK (holder IN ('anchor by command', 'root by command') OR holder ~ '^list [A-Z]{2}$'),
      national boolean NOT NULL DEFAULT false,
      -- The operator; for a list the one who imported it stands with the import.
      pinned_by text CHECK (pinned_by <> ''),
      since timestamptz NOT NULL,
      PRIMARY KEY (sha256, holder),
      CONSTRAINT national_is_pinned_by_command CHECK (NOT national OR (holder = 'anchor by command' AND pinned_by IS NOT NULL)),
      CONSTRAINT commands_have_a_name CHECK ((holder LIKE 'list %') = (pinned_by IS NULL))
    );

    CREATE TABLE trust_revocation_lists (
      -- Key of the authority that signed it, as SHA-256 of its subjectPublicKeyInfo: another key cannot put its list in this place.
      authority bytea PRIMARY KEY CHECK (octet_length(authority) = 32),
      certificate bytea NOT NULL REFERENCES trust_certificates (sha256),
      sha256 bytea NOT NULL CHECK (sha256(der) = sha256),
      der bytea NOT NULL,
      country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
      number numeric NOT NULL CHECK (number >= 0),
      this_update timestamptz NOT NULL,
      next_update timestamptz NOT NULL CHECK (next_update >= this_update),
      revoked integer NOT NULL CHECK (revoked >= 0),
      imported_at timestamptz NOT NULL,
      imported_by text NOT NULL CHECK (imported_by <> '')
    );

    -- What an older list would undo is refused here too (ICAO Doc 9303-12 §8, RFC 5280 §5.2.3).
    CREATE FUNCTION senid_master_list_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT 1 FROM master_list_imports WHERE publisher = NEW.publisher AND signed_at >= NEW.signed_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an older master list';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER master_list_goes_on BEFORE INSERT ON master_list_imports
      FOR EACH ROW EXECUTE FUNCTION senid_master_list_goes_on();
    CREATE TRIGGER master_list_imports_append_only BEFORE UPDATE OR DELETE ON master_list_imports
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change();

    CREATE FUNCTION senid_revocation_list_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' OR NEW.authority <> OLD.authority OR NEW.number <= OLD.number THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an older revocation list';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER revocation_list_goes_on BEFORE UPDATE OR DELETE ON trust_revocation_lists
      FOR EACH ROW EXECUTE FUNCTION senid_revocation_list_goes_on();

    CREATE FUNCTION senid_certificate_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' OR (NEW.sha256, NEW.der, NEW.country, NEW.subject, NEW.not_before, NEW.not_after)
        IS DISTINCT FROM (OLD.sha256, OLD.der, OLD.country, OLD.subject, OLD.not_before, OLD.not_after) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'a certificate is not changed';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER certificate_stays BEFORE UPDATE OR DELETE ON trust_certificates
      FOR EACH ROW EXECUTE FUNCTION senid_certificate_stays();

    -- However a change is made, every process hears of it.
    CREATE FUNCTION senid_trust_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE trust_version SET number = number + 1;
      RETURN NULL;
    END $$;
    CREATE TRIGGER trust_changed AFTER INSERT OR UPDATE OR DELETE ON trust_certificates
      FOR EACH STATEMENT EXECUTE FUNCTION senid_trust_changed();
    CREATE TRIGGER trust_changed AFTER INSERT OR UPDATE OR DELETE ON trust_holdings
      FOR EACH STATEMENT EXECUTE FUNCTION senid_trust_changed();
    CREATE TRIGGER trust_changed AFTER INSERT OR UPDATE ON trust_revocation_lists
      FOR EACH STATEMENT EXECUTE FUNCTION senid_trust_changed()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE trust_revocation_lists, trust_holdings, master_list_imports, trust_certificates, trust_version;
    DROP FUNCTION senid_master_list_goes_on(), senid_revocation_list_goes_on(), senid_certificate_stays(),
      senid_trust_changed()`);
}
