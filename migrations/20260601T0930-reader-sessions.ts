import type { Knex } from 'knex';

/**
 * Sessions between a reader and the server: what to read, and for a few minutes what was read. Session, token and owner are
 * SHA-256 hashes. Unlogged: a crash costs one more tap of the card, and portraits reach neither the write-ahead log nor what
 * is made from it. `expires_at` never changes, so that updates stay heap-only beside its index.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE UNLOGGED TABLE reader_sessions (
      id bytea PRIMARY KEY CHECK (octet_length(id) = 32),
      token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
      session_key_hash bytea NOT NULL CHECK (octet_length(session_key_hash) = 32),
      -- What is asked, until the reader claims it; what was read, once it is settled; else nothing.
      sealed bytea,
      expires_at timestamptz NOT NULL,
      claimed_at timestamptz,
      settled_at timestamptz,
      refused text,
      CHECK (settled_at IS NULL OR claimed_at IS NOT NULL),
      CHECK (refused IS NULL OR (settled_at IS NOT NULL AND sealed IS NULL)),
      CHECK (sealed IS NULL OR claimed_at IS NULL OR settled_at IS NOT NULL)
    ) WITH (fillfactor = 70)`);
  // Sealed bytes do not compress.
  await knex.raw('ALTER TABLE reader_sessions ALTER COLUMN sealed SET STORAGE EXTERNAL');
  await knex.raw('CREATE INDEX reader_sessions_by_expiry ON reader_sessions (expires_at)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE reader_sessions');
}
