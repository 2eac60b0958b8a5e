import type { Knex } from 'knex';

/** Checks of people in presence: what is asked, sealed and for two minutes; afterwards that it was used, and nothing of anybody. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE in_person_verifications (
      -- SHA-256 of the id.
      id bytea PRIMARY KEY CHECK (octet_length(id) = 32),
      client_id text NOT NULL,
      -- Keyed hash: a client gives each once.
      nonce bytea NOT NULL CHECK (octet_length(nonce) = 32),
      sealed bytea,
      pictures integer NOT NULL DEFAULT 0,
      working_until timestamptz,
      opened_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      ended_at timestamptz,
      UNIQUE (client_id, nonce),
      CONSTRAINT in_person_ends_empty CHECK ((ended_at IS NULL) = (sealed IS NOT NULL))
    );
    CREATE INDEX in_person_opened ON in_person_verifications (client_id, opened_at);
    CREATE INDEX in_person_expiry ON in_person_verifications (expires_at);
    -- Keyed hashes: the same picture never comes twice from a camera.
    CREATE TABLE in_person_pictures (
      hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
      until timestamptz NOT NULL
    );
    CREATE INDEX in_person_pictures_until ON in_person_pictures (until);
    ALTER TABLE disclosure_receipts DROP CONSTRAINT disclosure_receipts_carrier_check;
    ALTER TABLE disclosure_receipts ADD CONSTRAINT disclosure_receipts_carrier_check
      CHECK (carrier IN ('id_token', 'userinfo', 'access_token', 'introspection', 'in_person'))`);
}

/** Receipts are never changed: those of checks in presence stay, and only what comes is held to the list. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE disclosure_receipts DROP CONSTRAINT disclosure_receipts_carrier_check;
    ALTER TABLE disclosure_receipts ADD CONSTRAINT disclosure_receipts_carrier_check
      CHECK (carrier IN ('id_token', 'userinfo', 'access_token', 'introspection')) NOT VALID;
    DROP TABLE in_person_pictures;
    DROP TABLE in_person_verifications`);
}
