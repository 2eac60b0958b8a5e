import type { Knex } from 'knex';

/**
 * Where somebody has an account linked with theirs here (Decree 320/2026 Art. 40(9)): since when, the last sign-in, and when it was
 * unlinked. One row for a person and a client; signing in again links again, under the same `sub`.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE account_links (
      subscriber_id uuid NOT NULL,
      client_id text NOT NULL,
      linked_at timestamptz NOT NULL,
      last_sign_in_at timestamptz NOT NULL,
      unlinked_at timestamptz,
      PRIMARY KEY (subscriber_id, client_id)
    ) WITH (fillfactor = 80);
    CREATE INDEX account_links_of_client ON account_links (client_id) WHERE unlinked_at IS NULL;
    CREATE INDEX account_links_ended ON account_links (client_id, unlinked_at DESC) WHERE unlinked_at IS NOT NULL;
    INSERT INTO account_links (subscriber_id, client_id, linked_at, last_sign_in_at)
      SELECT subscriber_id, client_id, min(at), max(at) FROM consent_entries WHERE act = 'given'
      GROUP BY subscriber_id, client_id`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE account_links');
}
