import type { Knex } from 'knex';

/**
 * Whoever left before binding is found anew when they are back: their card, face and fingerprints are checks like those before the
 * decision, and their pictures are sealed and forgotten like them. What has waited too long lapses: it is `lapsed` for good.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE OR REPLACE FUNCTION senid_level_2_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- Locked: what is decided in this moment is seen.
      PERFORM FROM level_2_applications WHERE id = NEW.application_id AND (decided_at IS NULL OR binding = 'waiting'
        AND NEW.kind IN ('card', 'face_match', 'fingerprint_match', 'taken', 'chip', 'reference')) FOR SHARE;
      IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'nothing is added to a decided application';
      END IF;
      RETURN NEW;
    END $$;

    ALTER TABLE level_2_applications DROP CONSTRAINT level_2_applications_binding_check,
      ADD CONSTRAINT level_2_applications_binding_check CHECK (binding IN ('waiting', 'bound', 'none', 'lapsed'));
    CREATE INDEX level_2_applications_waiting ON level_2_applications (decided_at) WHERE binding = 'waiting';

    CREATE FUNCTION senid_level_2_binding_ends() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.binding = 'lapsed' THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'what has lapsed binds nothing';
      END IF;
      -- Nobody compares any more: no picture outlives it.
      DELETE FROM level_2_pictures WHERE application_id = NEW.id;
      RETURN NEW;
    END $$;
    CREATE TRIGGER level_2_binding_ends BEFORE UPDATE ON level_2_applications FOR EACH ROW
      WHEN (OLD.binding IS NOT NULL AND NEW.binding IS DISTINCT FROM OLD.binding) EXECUTE FUNCTION senid_level_2_binding_ends()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER level_2_binding_ends ON level_2_applications;
    DROP FUNCTION senid_level_2_binding_ends();
    DROP INDEX level_2_applications_waiting;
    ALTER TABLE level_2_applications DROP CONSTRAINT level_2_applications_binding_check,
      ADD CONSTRAINT level_2_applications_binding_check CHECK (binding IN ('waiting', 'bound', 'none')) NOT VALID;
    CREATE OR REPLACE FUNCTION senid_level_2_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- Locked: what is decided in this moment is seen.
      PERFORM FROM level_2_applications WHERE id = NEW.application_id AND decided_at IS NULL FOR SHARE;
      IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'nothing is added to a decided application';
      END IF;
      RETURN NEW;
    END $$`);
}
