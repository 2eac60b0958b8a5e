import type { Knex } from 'knex';

/**
 * A table for each model of the protocol (src/oidc/storage). Ids of bearer values are SHA-256 hashes; what could hold one is
 * sealed. No foreign keys among them, so that each can be distributed by its own key. No index on a column that an update
 * changes, and room in the pages of what is updated: those updates stay heap-only. Expired rows are found by walking the
 * pages (jobs/expire), which costs an insert nothing.
 *
 * Unlogged is what a crash may forget at the price of starting a sign-in again: codes, requests and interactions of minutes.
 * Never the memory of replays, nor anything that revokes.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE grants (
      id text PRIMARY KEY,
      account_id text NOT NULL,
      client_id text NOT NULL,
      -- Tokens carry the generation they were issued under; raising it kills them and keeps the grant.
      generation integer NOT NULL DEFAULT 0,
      payload json NOT NULL,
      expires_at timestamptz NOT NULL,
      revoked_at timestamptz
    ) WITH (fillfactor = 80);
    CREATE INDEX grants_of_account ON grants (account_id, client_id);

    CREATE TABLE sessions (
      uid text PRIMARY KEY,
      account_id text,
      -- Per client its sid and grant; merged by key, so that two tabs do not lose one another's.
      authorizations jsonb NOT NULL,
      sealed bytea NOT NULL,
      expires_at timestamptz NOT NULL,
      ended_at timestamptz
    ) WITH (fillfactor = 60);
    CREATE INDEX sessions_of_account ON sessions (account_id) WHERE account_id IS NOT NULL;

    -- The cookie's value, hashed. It rotates; the session's row stays where it is.
    CREATE TABLE session_ids (
      id bytea PRIMARY KEY,
      session_uid text NOT NULL
    );

    CREATE UNLOGGED TABLE interactions (
      id bytea PRIMARY KEY,
      client_id text,
      sealed bytea NOT NULL,
      expires_at timestamptz NOT NULL
    ) WITH (fillfactor = 60);

    CREATE UNLOGGED TABLE authorization_codes (
      id bytea PRIMARY KEY,
      account_id text NOT NULL,
      client_id text NOT NULL,
      grant_id text NOT NULL,
      grant_generation integer NOT NULL,
      session_uid text,
      payload json NOT NULL,
      expires_at timestamptz NOT NULL,
      consumed_at timestamptz
    ) WITH (fillfactor = 70);

    CREATE TABLE access_tokens (
      id bytea PRIMARY KEY,
      account_id text NOT NULL,
      client_id text NOT NULL,
      grant_id text NOT NULL,
      grant_generation integer NOT NULL,
      session_uid text,
      payload json NOT NULL,
      expires_at timestamptz NOT NULL
    );

    CREATE TABLE refresh_tokens (
      id bytea PRIMARY KEY,
      account_id text NOT NULL,
      client_id text NOT NULL,
      grant_id text NOT NULL,
      grant_generation integer NOT NULL,
      session_uid text,
      payload json NOT NULL,
      expires_at timestamptz NOT NULL,
      consumed_at timestamptz
    ) WITH (fillfactor = 85);

    -- The answer to a rotation, for a retry within seconds; sealed under a key derived from the token that was spent.
    CREATE TABLE refresh_answers (
      id bytea PRIMARY KEY,
      sealed bytea NOT NULL,
      expires_at timestamptz NOT NULL
    );

    CREATE TABLE client_credentials (
      id bytea PRIMARY KEY,
      client_id text NOT NULL,
      payload json NOT NULL,
      expires_at timestamptz NOT NULL
    );

    CREATE UNLOGGED TABLE pushed_authorization_requests (
      id bytea PRIMARY KEY,
      sealed bytea NOT NULL,
      expires_at timestamptz NOT NULL,
      consumed_at timestamptz
    ) WITH (fillfactor = 70);

    CREATE TABLE replay_detections (
      id bytea PRIMARY KEY,
      client_id text NOT NULL,
      expires_at timestamptz NOT NULL
    );

    CREATE UNLOGGED TABLE device_codes (
      id bytea PRIMARY KEY,
      user_code_hash bytea NOT NULL UNIQUE,
      client_id text NOT NULL,
      account_id text,
      grant_id text,
      session_uid text,
      grant_generation integer,
      -- Two browsers that confirm one code: the second one's write finds a later revision and loses.
      revision integer NOT NULL DEFAULT 0,
      sealed bytea NOT NULL,
      expires_at timestamptz NOT NULL,
      consumed_at timestamptz
    ) WITH (fillfactor = 50);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE grants, sessions, session_ids, interactions, authorization_codes, access_tokens, refresh_tokens,
      refresh_answers, client_credentials, pushed_authorization_requests, replay_detections, device_codes`);
}
