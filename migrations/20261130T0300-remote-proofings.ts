import type { Knex } from 'knex';

/**
 * Proofings over the network: chip, face and register (issue 6 §2). A sitting is what is under way, one of each person; it also
 * counts what failed, and so stays behind when it is over. A remote proofing says which document a record rests on and when it
 * ceased to count. The record is one of level 1, and nothing makes another of it: the foreign key carries the level.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE remote_sittings (
      subscriber_id uuid PRIMARY KEY REFERENCES subscribers (id),
      id uuid NOT NULL,
      owner bytea NOT NULL CHECK (octet_length(owner) = 32),
      step text NOT NULL CHECK (step IN ('card', 'face')),
      -- Hash of what the page that was shown last posts; spent with the first answer.
      token bytea CHECK (octet_length(token) = 32),
      -- What the chip is asked, or what it said: sealed, and gone when the sitting is over.
      sealed bytea,
      expires_at timestamptz NOT NULL,
      failures smallint NOT NULL DEFAULT 0 CHECK (failures >= 0),
      blocked_until timestamptz,
      touched_at timestamptz NOT NULL
    );
    CREATE INDEX remote_sittings_expire ON remote_sittings (expires_at) WHERE sealed IS NOT NULL;
    CREATE INDEX remote_sittings_touched ON remote_sittings (touched_at);

    CREATE TABLE remote_proofings (
      subscriber_id uuid NOT NULL,
      proofing_id uuid NOT NULL,
      account_level smallint NOT NULL DEFAULT 1,
      test boolean NOT NULL,
      document bytea NOT NULL,
      document_expires_on date NOT NULL,
      decided_at timestamptz NOT NULL,
      ended_at timestamptz,
      ended_ground text CHECK (ended_ground IN ('policy_withdrawn', 'card_refused', 'card_expired', 'recovery')),
      PRIMARY KEY (subscriber_id, proofing_id),
      CONSTRAINT remote_never_level_2 CHECK (account_level = 1),
      CONSTRAINT remote_ended_whole CHECK ((ended_at IS NULL) = (ended_ground IS NULL)),
      CONSTRAINT remote_rests_on_its_record FOREIGN KEY (subscriber_id, proofing_id, account_level, test)
        REFERENCES proofing_records (subscriber_id, id, account_level, test) DEFERRABLE INITIALLY DEFERRED
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE remote_proofings; DROP TABLE remote_sittings');
}
