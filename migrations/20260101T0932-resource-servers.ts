import type { Knex } from 'knex';

/** Protected resources that tokens can be asked for (RFC 8707), and the form of token each wants. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE resource_servers (
      resource text PRIMARY KEY,
      relying_party_id text NOT NULL REFERENCES relying_parties (id),
      audience text NOT NULL,
      scopes text[] NOT NULL,
      access_token_format text NOT NULL DEFAULT 'opaque' CHECK (access_token_format IN ('opaque', 'jwt')),
      environment text NOT NULL CHECK (environment IN ('sandbox', 'production')),
      disabled_at timestamptz
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE resource_servers');
}
