import type { Knex } from 'knex';

/**
 * People with an account. What tells who they are is sealed; numbers and telephones are found by keyed hash.
 *
 * How they can be distributed over several nodes:
 * - by subscriber: `subscribers`, and everything whose primary key begins with `subscriber_id`: proofing records, identity
 *   numbers, locks, authenticators, pairwise subjects, consents and disclosure receipts. Foreign keys among them carry it too.
 * - by what is looked up: the two directories that lead to a subscriber, `subscriber_identifiers` (a number, a telephone) and
 *   `passkey_locators`. Their rows are short and seldom written, so that each node can hold them all; no foreign key binds them.
 * - not by subscriber, though they name one: the journal, which is one chain, and the protocol's tables, each by its own id.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE subscribers (
      id uuid PRIMARY KEY,
      -- "Locked" is not a state of its own: an account is locked while at least one lock is open.
      state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'closed')),
      account_level smallint NOT NULL CHECK (account_level IN (1, 2)),
      account_type text NOT NULL CHECK (account_type IN ('citizen', 'foreigner')),
      proofing_id uuid,
      person bytea NOT NULL,
      locale text NOT NULL CHECK (locale IN ('vi', 'en')),
      test boolean NOT NULL,
      registered_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      closed_at timestamptz,
      CONSTRAINT closed_has_a_time CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
      CONSTRAINT level_2_has_evidence CHECK (account_level = 1 OR proofing_id IS NOT NULL),
      -- The record must be this person's, for this level, and test evidence never carries a real person.
      CONSTRAINT level_rests_on_its_proofing FOREIGN KEY (id, proofing_id, account_level, test)
        REFERENCES proofing_records (subscriber_id, id, account_level, test) DEFERRABLE INITIALLY DEFERRED
    );

    ALTER TABLE proofing_records ADD CONSTRAINT proofing_has_its_subscriber
      FOREIGN KEY (subscriber_id) REFERENCES subscribers (id) DEFERRABLE INITIALLY DEFERRED;

    -- The live directory: a number or telephone leads to one account at most. Closing an account takes its rows out.
    CREATE TABLE subscriber_identifiers (
      hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
      kind text NOT NULL CHECK (kind IN ('number', 'phone')),
      subscriber_id uuid NOT NULL,
      UNIQUE (subscriber_id, kind)
    );

    -- Numbers are cancelled and established anew (a corrected sex or birth date): the person stays, the history stays.
    CREATE TABLE identity_numbers (
      subscriber_id uuid NOT NULL REFERENCES subscribers (id),
      id uuid NOT NULL,
      number bytea NOT NULL,
      kind text NOT NULL CHECK (kind IN ('personal', 'foreigner')),
      valid_from timestamptz NOT NULL,
      cancelled_at timestamptz,
      PRIMARY KEY (subscriber_id, id)
    );
    CREATE UNIQUE INDEX identity_numbers_one_active ON identity_numbers (subscriber_id) WHERE cancelled_at IS NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE identity_numbers;
    DROP TABLE subscriber_identifiers;
    ALTER TABLE proofing_records DROP CONSTRAINT proofing_has_its_subscriber;
    DROP TABLE subscribers`);
}
