import type { Knex } from 'knex';

/**
 * Who federates login with us. Each change of a client (or of what its pages show) takes the next number of one counter, under
 * that row's lock, so that numbers become visible in their order and a process that polls "greater than the last" misses none.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE legal_entities (
      id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
      name_vi text NOT NULL,
      name_en text NOT NULL
    );

    CREATE TABLE relying_parties (
      id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
      legal_entity_id text NOT NULL REFERENCES legal_entities (id),
      name_vi text NOT NULL,
      name_en text NOT NULL,
      mark text NOT NULL,
      colour text NOT NULL CHECK (colour ~ '^#[0-9a-f]{6}$'),
      contact text
    );

    -- The legal entity is the pairwise sector: moving a relying party would change every sub it knows (decisions, "sub").
    CREATE FUNCTION senid_sector_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'the legal entity of a relying party never changes';
    END $$;
    CREATE TRIGGER relying_parties_sector_stays BEFORE UPDATE ON relying_parties
      FOR EACH ROW WHEN (OLD.legal_entity_id <> NEW.legal_entity_id) EXECUTE FUNCTION senid_sector_stays();

    CREATE TABLE client_changes (
      singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
      number bigint NOT NULL
    ) WITH (fillfactor = 20);
    INSERT INTO client_changes (number) VALUES (0);

    CREATE TABLE clients (
      client_id text PRIMARY KEY CHECK (client_id ~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,126}$'),
      relying_party_id text NOT NULL REFERENCES relying_parties (id),
      environment text NOT NULL CHECK (environment IN ('sandbox', 'production')),
      fapi boolean NOT NULL,
      metadata jsonb NOT NULL,
      secret_hash bytea CHECK (octet_length(secret_hash) = 32),
      -- Purposes, floors, scopes, claims, exemptions: everything of the registration that is not protocol metadata.
      terms jsonb NOT NULL,
      registered_at timestamptz NOT NULL,
      disabled_at timestamptz,
      version bigint NOT NULL,
      -- The FAPI 2.0 Security Profile (§5.3.2), said once more where nothing can go round it.
      CONSTRAINT fapi_is_kept CHECK (NOT fapi OR coalesce(
        metadata->>'token_endpoint_auth_method' = 'private_key_jwt'
        AND metadata->'dpop_bound_access_tokens' = 'true'::jsonb
        AND metadata->'require_pushed_authorization_requests' = 'true'::jsonb, false)),
      CONSTRAINT secrets_are_hashed CHECK (metadata->'client_secret' IS NULL)
    );
    CREATE UNIQUE INDEX clients_version ON clients (version);
    CREATE INDEX clients_relying_party ON clients (relying_party_id);

    CREATE FUNCTION senid_client_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE client_changes SET number = number + 1 RETURNING number INTO NEW.version;
      PERFORM pg_notify('clients', NEW.client_id);
      RETURN NEW;
    END $$;
    CREATE TRIGGER clients_changed BEFORE INSERT OR UPDATE ON clients
      FOR EACH ROW EXECUTE FUNCTION senid_client_changed();

    CREATE FUNCTION senid_relying_party_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE clients SET version = version WHERE relying_party_id = NEW.id;
      RETURN NULL;
    END $$;
    CREATE TRIGGER relying_parties_changed AFTER UPDATE ON relying_parties
      FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION senid_relying_party_changed()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE clients;
    DROP TABLE client_changes;
    DROP TABLE relying_parties;
    DROP TABLE legal_entities;
    DROP FUNCTION senid_client_changed();
    DROP FUNCTION senid_relying_party_changed();
    DROP FUNCTION senid_sector_stays()`);
}
