import type { Knex } from 'knex';

/**
 * After a recovery an account of level 2 counts as level 1 until its holder was proofed once more (decisions, "Recovery"). The
 * record of level 2 stays what it was: `reproofing_required_since` is what says that it does not count. It ends only with a
 * row that says how, made by two different officers or by card and face.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE subscribers ADD COLUMN reproofing_required_since timestamptz
      CONSTRAINT only_level_2_is_reproofed CHECK (reproofing_required_since IS NULL OR account_level = 2);

    CREATE TABLE reproofings (
      subscriber_id uuid NOT NULL REFERENCES subscribers (id),
      id uuid NOT NULL,
      required_since timestamptz NOT NULL,
      way text NOT NULL CHECK (way IN ('counter', 'card_and_face')),
      -- At the counter: who compared, and who else saw it.
      first_officer uuid,
      second_officer uuid,
      face_matched boolean NOT NULL,
      fingerprints_matched boolean NOT NULL,
      evidence_hash bytea NOT NULL CHECK (octet_length(evidence_hash) = 32),
      begun_at timestamptz NOT NULL,
      decided_at timestamptz,
      PRIMARY KEY (subscriber_id, id),
      CONSTRAINT face_is_compared CHECK (face_matched),
      CONSTRAINT two_officers CHECK (way <> 'counter' OR (first_officer IS NOT NULL AND fingerprints_matched
        AND (decided_at IS NULL OR (second_officer IS NOT NULL AND second_officer <> first_officer))))
    );
    CREATE UNIQUE INDEX reproofings_one_open ON reproofings (subscriber_id) WHERE decided_at IS NULL;

    CREATE FUNCTION senid_reproofed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.reproofing_required_since IS NOT NULL AND NEW.reproofing_required_since IS NULL AND NOT EXISTS (
        SELECT FROM reproofings r WHERE r.subscriber_id = NEW.id
          AND r.required_since = OLD.reproofing_required_since AND r.decided_at IS NOT NULL
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'level 2 counts again only after a re-proofing';
      END IF;
      RETURN NULL;
    END $$;
    -- At the end of the transaction: the row and what it lifts are written in one statement.
    CREATE CONSTRAINT TRIGGER subscribers_reproofed AFTER UPDATE ON subscribers DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (OLD.reproofing_required_since IS DISTINCT FROM NEW.reproofing_required_since)
      EXECUTE FUNCTION senid_reproofed()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER subscribers_reproofed ON subscribers;
    DROP FUNCTION senid_reproofed();
    DROP TABLE reproofings;
    ALTER TABLE subscribers DROP COLUMN reproofing_required_since`);
}
