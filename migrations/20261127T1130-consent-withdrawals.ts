import type { Knex } from 'knex';

/**
 * Who has to confirm a withdrawal, and by when: it took effect here at once, and whoever got the data stops within 20 days
 * (Decree 356/2025). `told` is how they hear of it; nobody confirms what they were never told. The ledger learns of messages
 * that are no logouts.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE consent_withdrawals (
      consent_id uuid PRIMARY KEY,
      subscriber_id uuid NOT NULL,
      client_id text NOT NULL,
      withdrawn_at timestamptz NOT NULL,
      told text NOT NULL CHECK (told IN ('event', 'logout', 'by_hand')),
      confirm_by timestamptz NOT NULL,
      confirmed_at timestamptz
    );
    CREATE INDEX consent_withdrawals_of_subscriber ON consent_withdrawals (subscriber_id, withdrawn_at DESC);
    CREATE INDEX consent_withdrawals_waiting ON consent_withdrawals (confirm_by, consent_id) WHERE confirmed_at IS NULL;
    ALTER TABLE deliveries ADD COLUMN kind text NOT NULL DEFAULT 'logout' CHECK (kind IN ('logout', 'event'))`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DELETE FROM deliveries WHERE kind <> 'logout';
    ALTER TABLE deliveries DROP COLUMN kind;
    DROP TABLE consent_withdrawals`);
}
