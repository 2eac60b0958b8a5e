import type { Knex } from 'knex';

/**
 * What is approved at a counter was found by the officer who decides, with the pictures that they compare with their own eyes: whoever
 * stood before another officer may have been somebody else, and nobody has seen what is not there.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION senid_level_2_found_by() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.decided_by IS DISTINCT FROM OLD.officer
        OR EXISTS (
          -- What was found last counts.
          SELECT FROM unnest(ARRAY['register_match', 'card', 'face_match', 'fingerprint_match', 'portrait_match']
              || CASE NEW.form WHEN 'WARD_L2' THEN ARRAY['guardian'] ELSE '{}' END) AS need (kind)
          LEFT JOIN LATERAL (SELECT c.officer FROM level_2_checks c WHERE c.application_id = NEW.id AND c.kind = need.kind
            ORDER BY c.number DESC LIMIT 1) AS last ON true
          WHERE last.officer IS DISTINCT FROM NEW.decided_by)
        OR (SELECT count(*) FROM level_2_pictures p WHERE p.application_id = NEW.id AND p.kind IN ('taken', 'reference')) < 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'what is approved was found by the officer who decides, with its pictures';
      END IF;
      RETURN NEW;
    END $$;
    -- By its name before level_2_goes_on, which takes the pictures away.
    CREATE TRIGGER level_2_found_by BEFORE UPDATE ON level_2_applications FOR EACH ROW
      WHEN (NEW.state = 'APPROVED' AND OLD.state <> 'APPROVED') EXECUTE FUNCTION senid_level_2_found_by()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER level_2_found_by ON level_2_applications;
    DROP FUNCTION senid_level_2_found_by()`);
}
