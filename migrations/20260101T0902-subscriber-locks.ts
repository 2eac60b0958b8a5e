import type { Knex } from 'knex';

/** Why an account is locked. Several grounds stand side by side: lifting one leaves the others. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE subscriber_locks (
      subscriber_id uuid NOT NULL REFERENCES subscribers (id),
      id uuid NOT NULL,
      ground text NOT NULL CHECK (ground IN ('holder_request', 'terms_violation', 'card_revoked', 'card_held', 'card_expired',
        'death', 'authority_request', 'passport_expired', 'residence_expired', 'phone_reclaimed', 'security_suspected')),
      opened_by text NOT NULL,
      authority_ref text,
      opened_at timestamptz NOT NULL,
      lifted_by text,
      lifted_at timestamptz,
      PRIMARY KEY (subscriber_id, id),
      CONSTRAINT lifted_by_somebody CHECK ((lifted_at IS NULL) = (lifted_by IS NULL)),
      CONSTRAINT authority_is_named CHECK (ground <> 'authority_request' OR authority_ref IS NOT NULL)
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE subscriber_locks');
}
