import type { Knex } from 'knex';

/**
 * What people ask about their data (Personal Data Protection Law 91/2025 Art. 4, Decree 356/2025), with the law's clocks as dates:
 * acknowledged within two working days, decided within 15 or 20 days, once 15 more with a reason. Words are sealed.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE data_requests (
      id uuid PRIMARY KEY,
      number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      subscriber_id uuid NOT NULL,
      kind text NOT NULL CHECK (kind IN ('access', 'copy', 'rectify', 'restrict', 'object', 'erase')),
      -- What a correction is about; nothing for the others.
      subject text CHECK (subject IN ('name', 'birthdate', 'gender', 'address', 'nationality', 'other')),
      statement bytea NOT NULL,
      received_at timestamptz NOT NULL,
      acknowledge_by timestamptz NOT NULL,
      acknowledged_at timestamptz,
      decide_by timestamptz NOT NULL,
      extended_at timestamptz,
      extension_reason bytea,
      outcome text CHECK (outcome IN ('granted', 'partly', 'refused')),
      decision bytea,
      -- The operator, or nobody: what the rules decide by themselves.
      decided_by uuid,
      decided_at timestamptz,
      -- Corrections are the register's: when it took the request, and under which number.
      handed_over_at timestamptz,
      register_case text,
      CHECK ((kind = 'rectify') = (subject IS NOT NULL)),
      CHECK ((extended_at IS NULL) = (extension_reason IS NULL)),
      CHECK ((decided_at IS NULL) = (outcome IS NULL) AND (decided_at IS NULL) = (decision IS NULL)),
      CHECK (acknowledged_at IS NOT NULL OR decided_at IS NULL)
    );
    CREATE INDEX data_requests_open ON data_requests (decide_by, id) WHERE decided_at IS NULL;
    CREATE INDEX data_requests_of_subscriber ON data_requests (subscriber_id, number DESC);
    CREATE INDEX data_requests_to_hand_over ON data_requests (received_at)
      WHERE kind = 'rectify' AND handed_over_at IS NULL AND decided_at IS NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE data_requests');
}
