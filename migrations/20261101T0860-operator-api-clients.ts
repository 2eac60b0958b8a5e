import type { Knex } from 'knex';

/**
 * Programs that act for one operator, and the answers that they were given under a key of theirs. Whatever takes an operator's
 * access away ends their programs for good, whoever does it: what was left behind does not come back with the person.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE operator_api_clients (
      id text PRIMARY KEY CHECK (id ~ '^op-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
      operator_id uuid NOT NULL REFERENCES operators,
      name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
      jwks jsonb NOT NULL,
      roles text[] NOT NULL CHECK (cardinality(roles) > 0),
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL CHECK (expires_at > created_at AND expires_at <= created_at + interval '366 days'),
      revoked_at timestamptz
    );
    CREATE INDEX operator_api_clients_of ON operator_api_clients (operator_id);

    CREATE FUNCTION senid_operator_api_client_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF to_jsonb(NEW) - 'revoked_at' <> to_jsonb(OLD) - 'revoked_at' OR OLD.revoked_at IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an API client is revoked once, and nothing else of it changes';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER operator_api_client_stays BEFORE UPDATE ON operator_api_clients
      FOR EACH ROW EXECUTE FUNCTION senid_operator_api_client_stays();

    CREATE FUNCTION senid_operator_api_clients_end() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE operator_api_clients SET revoked_at = now() WHERE operator_id = NEW.id AND revoked_at IS NULL;
      RETURN NULL;
    END $$;
    CREATE TRIGGER operator_api_clients_end AFTER UPDATE OF state ON operators
      FOR EACH ROW WHEN (OLD.state = 'active' AND NEW.state <> 'active') EXECUTE FUNCTION senid_operator_api_clients_end();

    CREATE TABLE operator_api_answers (
      client_id text NOT NULL REFERENCES operator_api_clients,
      key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
      request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
      created_at timestamptz NOT NULL,
      -- Sealed; missing while the first request under this key is at work.
      answer bytea,
      PRIMARY KEY (client_id, key)
    );
    CREATE INDEX operator_api_answers_by_age ON operator_api_answers (created_at)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE operator_api_answers;
    DROP TRIGGER operator_api_clients_end ON operators;
    DROP TABLE operator_api_clients;
    DROP FUNCTION senid_operator_api_clients_end(), senid_operator_api_client_stays()`);
}
