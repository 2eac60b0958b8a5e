import type { Knex } from 'knex';

/**
 * What somebody reported about their account, for the security role to look into: a sign-in that was not theirs. What was frozen
 * with it stands here, so that it can be given back. No word that is typed by hand but the sealed reason of the end.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE security_cases (
      id uuid PRIMARY KEY,
      number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      subscriber_id uuid NOT NULL,
      kind text NOT NULL CHECK (kind IN ('sign_in_disowned')),
      -- The session that was disowned, by the hash that the journal knows it by: reported once.
      session text NOT NULL,
      signed_in_at timestamptz NOT NULL,
      frozen uuid[] NOT NULL,
      opened_at timestamptz NOT NULL,
      outcome text CHECK (outcome IN ('own_after_all', 'secured', 'handed_on')),
      reason bytea,
      closed_by uuid,
      closed_at timestamptz,
      CHECK ((closed_at IS NULL) = (outcome IS NULL) AND (closed_at IS NULL) = (reason IS NULL)
        AND (closed_at IS NULL) = (closed_by IS NULL)),
      UNIQUE (subscriber_id, session)
    );
    CREATE INDEX security_cases_open ON security_cases (number) WHERE closed_at IS NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE security_cases');
}
