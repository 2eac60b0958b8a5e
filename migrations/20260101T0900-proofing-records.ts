import type { Knex } from 'knex';

/** How a person was proofed. Never changed: account level 2 hangs on these rows. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION senid_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = TG_TABLE_NAME || ' is append-only';
    END $$;

    CREATE TABLE proofing_records (
      subscriber_id uuid NOT NULL,
      id uuid NOT NULL,
      account_level smallint NOT NULL CHECK (account_level IN (1, 2)),
      channel text NOT NULL CHECK (channel IN ('in_person', 'remote')),
      -- Full years on the day of the decision, at the youngest the birth date allows.
      applicant_age smallint NOT NULL CHECK (applicant_age >= 0),
      face_matched boolean NOT NULL,
      fingerprints_matched boolean NOT NULL,
      -- Kinds, strengths and checks; nothing that tells who the person is.
      evidence jsonb NOT NULL CHECK (jsonb_typeof(evidence) = 'array' AND jsonb_array_length(evidence) > 0),
      evidence_hash bytea NOT NULL CHECK (octet_length(evidence_hash) = 32),
      officer text NOT NULL,
      policy text NOT NULL,
      decided_at timestamptz NOT NULL,
      test boolean NOT NULL,
      PRIMARY KEY (subscriber_id, id),
      UNIQUE (subscriber_id, id, account_level, test),
      -- Level 2 is reached in presence, with face and fingerprints, and never below 6 years (Decree 69/2024 Art. 7 and 10).
      CONSTRAINT level_2_in_presence CHECK (account_level < 2 OR (channel = 'in_person' AND face_matched AND fingerprints_matched)),
      CONSTRAINT level_2_from_six_years CHECK (account_level < 2 OR applicant_age >= 6)
    );

    CREATE TRIGGER proofing_records_append_only BEFORE UPDATE OR DELETE ON proofing_records
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE proofing_records; DROP FUNCTION senid_refuse_change()');
}
