import type { Knex } from 'knex';

/**
 * What people read of a relying party in production changes by a change request of a client that it has, and by no client that
 * comes to it: of such a one two people are shown a new client, and not what the party was.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE OR REPLACE FUNCTION senid_party_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      request change_requests;
      had jsonb;
      party jsonb;
    BEGIN
      IF TG_TABLE_NAME = 'legal_entities' THEN
        IF NOT EXISTS (SELECT FROM clients c JOIN relying_parties r ON r.id = c.relying_party_id
          WHERE r.legal_entity_id = OLD.id AND c.environment = 'production') THEN RETURN NEW; END IF;
      ELSIF NOT EXISTS (SELECT FROM clients WHERE relying_party_id = OLD.id AND environment = 'production') THEN
        RETURN NEW;
      END IF;
      request := senid_applied_client_change(senid_said('change_request')::uuid);
      -- As the client's last version has it: what this transaction makes of it has no version yet.
      SELECT v.registration->'relyingParty' INTO had FROM client_versions v
        WHERE v.client_id = request.subject ORDER BY v.number DESC LIMIT 1;
      IF OLD.id IS DISTINCT FROM (CASE WHEN TG_TABLE_NAME = 'legal_entities' THEN had->'legalEntity' ELSE had END)->>'id' THEN
        PERFORM senid_takes_two('a relying party with clients in production');
      END IF;
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
    END $$`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE OR REPLACE FUNCTION senid_party_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
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
    END $$`);
}
