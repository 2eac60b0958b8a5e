import type { Knex } from 'knex';

/**
 * Where somebody can be reached beside the telephone and e-mail of their account: a second telephone, a second mailbox, each
 * confirmed by a code (NIST SP 800-63B-4 §4.2.2: at least two recovery addresses). Sealed; nobody is found by one.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE recovery_addresses (
      subscriber_id uuid NOT NULL REFERENCES subscribers (id),
      medium text NOT NULL CHECK (medium IN ('sms', 'mail')),
      address bytea NOT NULL,
      confirmed_at timestamptz NOT NULL,
      PRIMARY KEY (subscriber_id, medium)
    );

    -- How often a code that was sent has been answered: counted before it is looked at, whoever it went to.
    CREATE TABLE recovery_code_answers (
      hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
      answers smallint NOT NULL,
      spent boolean NOT NULL DEFAULT false,
      expires_at timestamptz NOT NULL
    );
    CREATE INDEX recovery_code_answers_by_expiry ON recovery_code_answers (expires_at)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE recovery_code_answers; DROP TABLE recovery_addresses');
}
