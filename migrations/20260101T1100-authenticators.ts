import type { Knex } from 'knex';

/**
 * Authenticators and the challenges that have been answered. Bindings are sealed whole (public keys, password hashes, telephone
 * numbers, shared secrets), with the row's id as context. No index on a column that changes: `last_used_at` and `binding` are
 * rewritten at each sign-in and must stay heap-only updates.
 *
 * An authenticator is found by its subscriber. A passkey that nobody typed an identifier for is found by what it calls itself:
 * `passkey_locators` leads to its row, and is keyed by the locator alone, so that either table can be distributed by its key.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE authenticators (
      subscriber_id uuid NOT NULL,
      id uuid NOT NULL,
      kind text NOT NULL CHECK (kind IN ('password', 'passkey', 'totp', 'message-otp', 'recovery-code', 'chip-card', 'face')),
      name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
      status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
      binding bytea NOT NULL,
      revision integer NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL,
      last_used_at timestamptz,
      PRIMARY KEY (subscriber_id, id)
    ) WITH (fillfactor = 70)`);
  await knex.raw(
    "CREATE UNIQUE INDEX authenticators_single ON authenticators (subscriber_id, kind) WHERE kind IN ('password', 'totp')",
  );
  // A credential belongs to one account (WebAuthn §7.1, step 26).
  await knex.raw(`
    CREATE TABLE passkey_locators (
      locator bytea PRIMARY KEY CHECK (octet_length(locator) = 32),
      subscriber_id uuid NOT NULL,
      authenticator_id uuid NOT NULL
    )`);
  await knex.raw(`
    CREATE TABLE spent_challenges (
      hash bytea PRIMARY KEY,
      expires_at timestamptz NOT NULL
    )`);
  await knex.raw('CREATE INDEX spent_challenges_by_expiry ON spent_challenges (expires_at)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE spent_challenges');
  await knex.raw('DROP TABLE passkey_locators');
  await knex.raw('DROP TABLE authenticators');
}
