import type { Knex } from 'knex';

/**
 * What a browser is in the middle of: its own application, the look at one, or an activation; and the code that was sent to the
 * telephone for it. Kept for half an hour after the last request.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE sign_up_sessions (
      token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
      purpose text NOT NULL CHECK (purpose IN ('draft', 'status', 'activation')),
      -- Missing: somebody typed a reference that nobody has. Everything goes on as though somebody had.
      application_id uuid,
      confirmed boolean NOT NULL DEFAULT false,
      code_hash bytea CHECK (octet_length(code_hash) = 32),
      code_tries integer NOT NULL DEFAULT 0,
      code_expires_at timestamptz,
      seen_at timestamptz NOT NULL,
      CONSTRAINT confirmed_of_something CHECK (NOT confirmed OR application_id IS NOT NULL)
    );
    CREATE INDEX sign_up_sessions_seen ON sign_up_sessions (seen_at)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE sign_up_sessions');
}
