import type { Knex } from 'knex';

/** What people agreed to and took back, and what left the house on which ground. Both only grow. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE consent_entries (
      subscriber_id uuid NOT NULL,
      client_id text NOT NULL,
      purpose text NOT NULL,
      number bigint GENERATED ALWAYS AS IDENTITY,
      id uuid NOT NULL,
      act text NOT NULL CHECK (act IN ('given', 'withdrawn')),
      -- The consent that this one takes the place of; its state is "superseded" from then on.
      supersedes uuid,
      scopes text[] NOT NULL,
      claims text[] NOT NULL,
      text_version text NOT NULL,
      language text NOT NULL CHECK (language IN ('vi', 'en')),
      text_hash bytea NOT NULL CHECK (octet_length(text_hash) = 32),
      given_by text NOT NULL CHECK (given_by IN ('self', 'guardian', 'operator', 'system')),
      at timestamptz NOT NULL,
      PRIMARY KEY (subscriber_id, client_id, purpose, number)
    );
    CREATE TRIGGER consent_entries_append_only BEFORE UPDATE OR DELETE ON consent_entries
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change();

    CREATE TABLE disclosure_receipts (
      subscriber_id uuid NOT NULL,
      id uuid NOT NULL,
      client_id text NOT NULL,
      consent_id uuid,
      legal_basis text,
      claims text[] NOT NULL,
      carrier text NOT NULL CHECK (carrier IN ('id_token', 'userinfo', 'access_token', 'introspection')),
      at timestamptz NOT NULL,
      PRIMARY KEY (subscriber_id, id),
      -- Every disclosure has a consent or a recorded legal basis.
      CONSTRAINT disclosure_has_a_ground CHECK (consent_id IS NOT NULL OR legal_basis IS NOT NULL)
    );
    CREATE TRIGGER disclosure_receipts_append_only BEFORE UPDATE OR DELETE ON disclosure_receipts
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE disclosure_receipts; DROP TABLE consent_entries');
}
