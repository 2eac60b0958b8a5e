import type { Knex } from 'knex';

/**
 * A resource server decides who may look into tokens and what they are good for. In production it changes by two people, whoever
 * writes: the row names the change request that is applied in this very transaction, and says word for word what that says.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE change_requests DROP CONSTRAINT change_requests_kind_check,
      ADD CONSTRAINT change_requests_kind_check CHECK (kind IN
        ('client', 'resource-server', 'national-csca', 'signing-keys', 'assurance-policy', 'operator'));

    ALTER TABLE resource_servers
      ADD COLUMN version integer NOT NULL DEFAULT 1,
      ADD COLUMN change_request_id uuid;

    CREATE TABLE resource_server_versions (
      resource text NOT NULL,
      number integer NOT NULL CHECK (number > 0),
      -- The whole of it, and whether it may be used.
      value jsonb NOT NULL,
      at timestamptz NOT NULL,
      change_request_id uuid NOT NULL UNIQUE,
      PRIMARY KEY (resource, number)
    );
    CREATE TRIGGER resource_server_versions_append_only BEFORE UPDATE OR DELETE ON resource_server_versions
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change();
    CREATE TRIGGER resource_server_versions_stay BEFORE TRUNCATE ON resource_server_versions
      EXECUTE FUNCTION senid_refuse_change();

    CREATE FUNCTION senid_resource_server_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        IF OLD.environment = 'production' THEN PERFORM senid_takes_two('a resource server in production'); END IF;
        RETURN OLD;
      END IF;
      IF NEW.environment <> 'production' AND (TG_OP = 'INSERT' OR OLD.environment <> 'production') THEN RETURN NEW; END IF;
      IF TG_OP = 'UPDATE' AND NEW.resource <> OLD.resource OR NOT EXISTS (
        SELECT FROM senid_agreed_now('resource-server', NEW.resource) WHERE id = NEW.change_request_id
          AND agreed = jsonb_build_object('resource', NEW.resource, 'relyingParty', NEW.relying_party_id,
            'audience', NEW.audience, 'scopes', to_jsonb(NEW.scopes), 'accessTokenFormat', NEW.access_token_format,
            'environment', NEW.environment, 'disabled', NEW.disabled_at IS NOT NULL)
      ) THEN
        PERFORM senid_takes_two('a resource server in production');
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER resource_servers_by_two BEFORE INSERT OR UPDATE OR DELETE ON resource_servers
      FOR EACH ROW EXECUTE FUNCTION senid_resource_server_by_two()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER resource_servers_by_two ON resource_servers;
    DROP FUNCTION senid_resource_server_by_two();
    DROP TABLE resource_server_versions;
    ALTER TABLE resource_servers DROP COLUMN change_request_id, DROP COLUMN version;
    ALTER TABLE change_requests DROP CONSTRAINT change_requests_kind_check,
      ADD CONSTRAINT change_requests_kind_check CHECK (kind IN
        ('client', 'national-csca', 'signing-keys', 'assurance-policy', 'operator'))`);
}
