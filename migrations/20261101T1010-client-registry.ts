import type { Knex } from 'knex';

/** More of a relying party, an overlap of secrets, and the words that a client is found by. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE relying_parties
      ADD COLUMN sector text CHECK (sector IN ('aviation', 'banking', 'public_service', 'telecom', 'health', 'education',
        'insurance', 'commerce', 'other')),
      ADD COLUMN contacts jsonb CHECK (jsonb_typeof(contacts) = 'object');

    ALTER TABLE clients
      ADD COLUMN previous_secret_hash bytea CHECK (octet_length(previous_secret_hash) = 32),
      ADD COLUMN previous_secret_until timestamptz,
      ADD COLUMN change_request_id uuid,
      ADD COLUMN search tsvector,
      ADD CONSTRAINT previous_secret_ends CHECK ((previous_secret_hash IS NULL) = (previous_secret_until IS NULL));

    -- Small letters and digits without marks, so that "song hong" finds Sông Hồng; the letter đ has no decomposition.
    CREATE FUNCTION senid_search_words(given text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
      SELECT array_remove(regexp_split_to_array(lower(regexp_replace(normalize(translate(given, 'đĐ', 'dd'), NFD),
        '[\\u0300-\\u036f]', '', 'g')), '[^a-z0-9]+'), '')
    $$;

    CREATE FUNCTION senid_client_search() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      SELECT array_to_tsvector(senid_search_words(concat_ws(' ', NEW.client_id, r.id, r.name_vi, r.name_en, e.name_vi,
          e.name_en, NEW.metadata->>'redirect_uris'))) INTO NEW.search
        FROM relying_parties r JOIN legal_entities e ON e.id = r.legal_entity_id WHERE r.id = NEW.relying_party_id;
      RETURN NEW;
    END $$;
    CREATE TRIGGER clients_search BEFORE INSERT OR UPDATE ON clients
      FOR EACH ROW EXECUTE FUNCTION senid_client_search();
    UPDATE clients SET version = version;

    CREATE INDEX clients_search ON clients USING gin (search);
    CREATE INDEX clients_environment ON clients (environment, client_id);
    CREATE INDEX relying_parties_sector ON relying_parties (sector) WHERE sector IS NOT NULL;
    -- Few have a day on which something ends: they are found without reading the others.
    CREATE INDEX clients_expiring ON clients (client_id)
      WHERE terms->'keyExpiry' IS NOT NULL OR terms->'secretExpiresAt' IS NOT NULL OR previous_secret_until IS NOT NULL;

    -- What pages and versions say of a legal entity belongs to each of its clients.
    CREATE FUNCTION senid_legal_entity_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE clients SET version = version
        WHERE relying_party_id IN (SELECT id FROM relying_parties WHERE legal_entity_id = NEW.id);
      RETURN NULL;
    END $$;
    CREATE TRIGGER legal_entities_changed AFTER UPDATE ON legal_entities
      FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION senid_legal_entity_changed()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER legal_entities_changed ON legal_entities;
    DROP TRIGGER clients_search ON clients;
    DROP INDEX clients_expiring, relying_parties_sector, clients_environment, clients_search;
    ALTER TABLE clients DROP COLUMN previous_secret_hash, DROP COLUMN previous_secret_until, DROP COLUMN change_request_id,
      DROP COLUMN search;
    ALTER TABLE relying_parties DROP COLUMN sector, DROP COLUMN contacts;
    DROP FUNCTION senid_legal_entity_changed(), senid_client_search(), senid_search_words(text)`);
}
