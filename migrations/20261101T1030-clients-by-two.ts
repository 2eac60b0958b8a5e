import type { Knex } from 'knex';

/**
 * A client in production changes by two people, whoever writes: the row must name a change request of its own that two persons
 * stand behind, that no earlier version used, and whose words are what the row says afterwards. One person may only stop it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- SL004: this takes two people.
    CREATE FUNCTION senid_takes_two(what text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION USING ERRCODE = 'SL004', MESSAGE = what || ' changes by an applied change request of two people';
    END $$;

    CREATE FUNCTION senid_applied_client_change(request uuid) RETURNS change_requests LANGUAGE sql STABLE AS $$
      SELECT q.* FROM change_requests q
      WHERE q.id = request AND q.kind = 'client' AND q.state = 'applied' AND q.proposer_person <> q.approver_person
    $$;

    CREATE FUNCTION senid_client_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      request change_requests;
      wanted_secret bytea;
      wanted_previous bytea;
      wanted_until timestamptz;
    BEGIN
      IF TG_OP = 'DELETE' THEN
        IF OLD.environment = 'production' THEN PERFORM senid_takes_two('a client in production'); END IF;
        RETURN OLD;
      END IF;
      IF TG_OP = 'INSERT' THEN
        IF NEW.environment <> 'production' THEN RETURN NEW; END IF;
      ELSE
        IF NEW.environment <> 'production' AND OLD.environment <> 'production' THEN RETURN NEW; END IF;
        -- The counter and the words it is found by are the triggers' own.
        IF to_jsonb(NEW) - '{version,search}'::text[] = to_jsonb(OLD) - '{version,search}'::text[] THEN RETURN NEW; END IF;
        -- In an emergency one person stops a client; to let it in again takes two.
        IF OLD.disabled_at IS NULL AND to_jsonb(NEW) - '{version,search,disabled_at}'::text[]
          = to_jsonb(OLD) - '{version,search,disabled_at}'::text[] THEN RETURN NEW; END IF;
        IF NEW.client_id <> OLD.client_id OR NEW.change_request_id IS NOT DISTINCT FROM OLD.change_request_id THEN
          PERFORM senid_takes_two('a client in production');
        END IF;
      END IF;
      request := senid_applied_client_change(NEW.change_request_id);
      IF request.id IS NULL OR request.subject <> NEW.client_id
        OR EXISTS (SELECT FROM client_versions v WHERE v.change_request_id = request.id) THEN
        PERFORM senid_takes_two('a client in production');
      END IF;
      -- A secret is no part of a version: what was agreed on is looked at here.
      IF request.after->>'secretHash' IS NOT NULL THEN
        wanted_secret := decode(request.after->>'secretHash', 'hex');
        IF TG_OP = 'UPDATE' AND request.after->>'previousSecretUntil' IS NOT NULL THEN
          wanted_previous := OLD.secret_hash;
          wanted_until := (request.after->>'previousSecretUntil')::timestamptz;
        END IF;
      ELSIF TG_OP = 'UPDATE' THEN
        wanted_secret := OLD.secret_hash;
        wanted_previous := OLD.previous_secret_hash;
        wanted_until := OLD.previous_secret_until;
      END IF;
      IF (NEW.secret_hash, NEW.previous_secret_hash, NEW.previous_secret_until)
        IS DISTINCT FROM (wanted_secret, wanted_previous, wanted_until) THEN
        PERFORM senid_takes_two('the secret of a client in production');
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER clients_by_two BEFORE INSERT OR UPDATE OR DELETE ON clients
      FOR EACH ROW EXECUTE FUNCTION senid_client_by_two();

    -- When the transaction ends, what stands there is word for word what two people read.
    CREATE FUNCTION senid_client_as_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      agreed jsonb;
      c clients;
    BEGIN
      SELECT q.after INTO agreed FROM change_requests q WHERE q.id = NEW.change_request_id;
      SELECT * INTO c FROM clients WHERE client_id = NEW.client_id;
      IF agreed IS NULL OR c.change_request_id IS DISTINCT FROM NEW.change_request_id THEN RETURN NULL; END IF;
      IF NEW.registration IS DISTINCT FROM agreed - '{secretHash,previousSecretUntil,disabled}'::text[]
        OR to_jsonb(NEW.disabled) IS DISTINCT FROM agreed->'disabled' THEN
        PERFORM senid_takes_two('what a client in production is');
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER client_versions_as_agreed AFTER INSERT ON client_versions
      FOR EACH ROW WHEN (NEW.change_request_id IS NOT NULL) EXECUTE FUNCTION senid_client_as_agreed();

    -- What people read of a relying party is what they trust: its name, mark and colour go with a client's change request.
    CREATE FUNCTION senid_party_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      request change_requests;
      party jsonb;
    BEGIN
      IF TG_TABLE_NAME = 'legal_entities' THEN
        IF NOT EXISTS (SELECT FROM clients c JOIN relying_parties r ON r.id = c.relying_party_id
          WHERE r.legal_entity_id = OLD.id AND c.environment = 'production') THEN RETURN NEW; END IF;
      ELSIF NOT EXISTS (SELECT FROM clients WHERE relying_party_id = OLD.id AND environment = 'production') THEN
        RETURN NEW;
      END IF;
      request := senid_applied_client_change(senid_said('change_request')::uuid);
      party := request.after->'relyingParty';
      IF request.id IS NULL OR EXISTS (SELECT FROM client_versions v WHERE v.change_request_id = request.id) THEN
        PERFORM senid_takes_two('a relying party with clients in production');
      END IF;
      IF TG_TABLE_NAME = 'legal_entities' THEN
        IF jsonb_build_object('id', NEW.id, 'name', jsonb_build_object('vi', NEW.name_vi, 'en', NEW.name_en))
          IS DISTINCT FROM party->'legalEntity' THEN PERFORM senid_takes_two('a legal entity with clients in production'); END IF;
      ELSIF jsonb_strip_nulls(jsonb_build_object('id', NEW.id, 'name', jsonb_build_object('vi', NEW.name_vi, 'en', NEW.name_en),
          'mark', NEW.mark, 'colour', NEW.colour, 'contact', NEW.contact, 'sector', NEW.sector, 'contacts', NEW.contacts))
        IS DISTINCT FROM party - 'legalEntity' THEN
        PERFORM senid_takes_two('a relying party with clients in production');
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER relying_parties_by_two BEFORE UPDATE ON relying_parties
      FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION senid_party_by_two();
    CREATE TRIGGER legal_entities_by_two BEFORE UPDATE ON legal_entities
      FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION senid_party_by_two()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER legal_entities_by_two ON legal_entities;
    DROP TRIGGER relying_parties_by_two ON relying_parties;
    DROP TRIGGER client_versions_as_agreed ON client_versions;
    DROP TRIGGER clients_by_two ON clients;
    DROP FUNCTION senid_party_by_two(), senid_client_as_agreed(), senid_client_by_two(), senid_applied_client_change(uuid),
      senid_takes_two(text)`);
}
