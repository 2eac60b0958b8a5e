import type { Knex } from 'knex';

/**
 * Each change of a client is a version. The database writes it when the transaction ends, so that no way of changing a client
 * leaves none, and a transaction that writes several rows leaves one. A row that says nothing new (a number that is counted up)
 * is no version.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE client_versions (
      client_id text NOT NULL,
      number integer NOT NULL CHECK (number > 0),
      -- The whole registration as parseRegistration takes it; no secret, and no hash of one.
      registration jsonb NOT NULL,
      disabled boolean NOT NULL,
      at timestamptz NOT NULL,
      -- 'operator:<id>', 'system', or the database role of somebody who wrote here by hand.
      by text NOT NULL,
      -- The change request that made this version.
      change_request_id uuid,
      PRIMARY KEY (client_id, number),
      CONSTRAINT made_once UNIQUE (change_request_id, client_id)
    );
    CREATE TRIGGER client_versions_append_only BEFORE UPDATE OR DELETE ON client_versions
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change();
    CREATE TRIGGER client_versions_stay BEFORE TRUNCATE ON client_versions EXECUTE FUNCTION senid_refuse_change();

    CREATE FUNCTION senid_registration(c clients) RETURNS jsonb LANGUAGE sql STABLE AS $$
      SELECT jsonb_build_object('clientId', c.client_id, 'environment', c.environment, 'fapi', c.fapi,
          'metadata', c.metadata, 'relyingParty', jsonb_strip_nulls(jsonb_build_object('id', r.id,
            'name', jsonb_build_object('vi', r.name_vi, 'en', r.name_en),
            'legalEntity', jsonb_build_object('id', e.id, 'name', jsonb_build_object('vi', e.name_vi, 'en', e.name_en)),
            'mark', r.mark, 'colour', r.colour, 'contact', r.contact, 'sector', r.sector, 'contacts', r.contacts))) || c.terms
        FROM relying_parties r JOIN legal_entities e ON e.id = r.legal_entity_id WHERE r.id = c.relying_party_id
    $$;

    -- What the transaction says of itself, for as long as it lasts: set_config('senid.…', …, true).
    CREATE FUNCTION senid_said(name text) RETURNS text LANGUAGE sql STABLE AS $$
      SELECT nullif(current_setting('senid.' || name, true), '')
    $$;

    CREATE FUNCTION senid_client_version() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      c clients;
      latest client_versions;
      registered jsonb;
      request uuid;
    BEGIN
      SELECT * INTO c FROM clients WHERE client_id = NEW.client_id;
      IF NOT FOUND THEN RETURN NULL; END IF;
      registered := senid_registration(c);
      SELECT * INTO latest FROM client_versions WHERE client_id = c.client_id ORDER BY number DESC LIMIT 1;
      -- The client's own request, or that of another client of the same relying party, whose name this one bears too.
      SELECT id INTO request FROM unnest(ARRAY[c.change_request_id, senid_said('change_request')::uuid]) AS id
        WHERE id IS NOT NULL AND NOT EXISTS (
          SELECT FROM client_versions v WHERE v.client_id = c.client_id AND v.change_request_id = id)
        LIMIT 1;
      IF request IS NULL AND latest.registration = registered AND latest.disabled = (c.disabled_at IS NOT NULL) THEN
        RETURN NULL;
      END IF;
      INSERT INTO client_versions (client_id, number, registration, disabled, at, by, change_request_id)
        VALUES (c.client_id, coalesce(latest.number, 0) + 1, registered, c.disabled_at IS NOT NULL,
          coalesce(senid_said('at')::timestamptz, now()), coalesce(senid_said('actor'), 'database:' || session_user), request);
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER clients_kept_as_version AFTER INSERT OR UPDATE ON clients DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION senid_client_version();

    INSERT INTO client_versions (client_id, number, registration, disabled, at, by)
      SELECT c.client_id, 1, senid_registration(c), c.disabled_at IS NOT NULL, now(), 'system' FROM clients c`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER clients_kept_as_version ON clients;
    DROP TABLE client_versions;
    DROP FUNCTION senid_client_version(), senid_said(text), senid_registration(clients)`);
}
