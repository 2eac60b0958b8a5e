import type { Knex } from 'knex';

/**
 * What two officers together never override is approved by no way of writing; and nobody binds but by a code that was given with card,
 * face and fingerprints of this visit, compared by an officer's own eyes. The same in `standing.ts` and `binding.ts` of
 * src/domain/counter.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION senid_level_2_overridden() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      asked jsonb;
      tried record;
    BEGIN
      -- That it has not passed, and all the rest has, is asked by senid_level_2_goes_on.
      SELECT c.detail INTO asked FROM level_2_checks c
        WHERE c.application_id = NEW.id AND c.kind = 'override' AND c.result = 'passed' AND c.officer = NEW.second_officer
        ORDER BY c.number DESC LIMIT 1;
      SELECT c.result, c.detail INTO tried FROM level_2_checks c
        WHERE c.application_id = NEW.id AND c.kind = asked ->> 'check' ORDER BY c.number DESC LIMIT 1;
      IF tried.detail ->> 'padResult' = 'fail' OR tried.detail ->> 'reused' = 'true'
        OR EXISTS (SELECT FROM unnest(ARRAY['attack_suspected', 'pad_not_performed', 'old_capture']) AS never (issue)
          WHERE tried.detail -> 'issues' @> to_jsonb(never.issue))
        -- Nothing was compared: that is so for whoever has no fingers to show, as the station says, and for nobody else.
        OR (CASE WHEN asked ->> 'ground' = 'no_fingers' THEN (tried.detail -> 'issues' @> '["missing_fingers"]') IS NOT TRUE
          ELSE tried.result = 'not_performed' END) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'this is never overridden';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER level_2_overridden BEFORE UPDATE ON level_2_applications FOR EACH ROW
      WHEN (NEW.state = 'APPROVED' AND OLD.state <> 'APPROVED' AND NEW.second_officer IS NOT NULL)
      EXECUTE FUNCTION senid_level_2_overridden();

    CREATE OR REPLACE FUNCTION senid_level_2_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- Locked: what is decided in this moment is seen.
      PERFORM FROM level_2_applications WHERE id = NEW.application_id AND (decided_at IS NULL OR binding = 'waiting'
        AND NEW.kind IN ('card', 'face_match', 'fingerprint_match', 'portrait_match', 'taken', 'chip', 'reference')) FOR SHARE;
      IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'nothing is added to a decided application';
      END IF;
      RETURN NEW;
    END $$;

    CREATE FUNCTION senid_level_2_binds() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      -- A code is good for half an hour: what was found is as old as it was when it was given.
      given timestamptz := CASE NEW.binding WHEN 'bound' THEN OLD.binding_before ELSE NEW.binding_before END - interval '30 minutes';
      overridden text;
    BEGIN
      SELECT c.detail ->> 'check' INTO overridden FROM level_2_checks c
        WHERE c.application_id = NEW.id AND c.kind = 'override' AND c.result = 'passed' AND c.officer = NEW.second_officer
        ORDER BY c.number DESC LIMIT 1;
      IF given IS NULL OR NEW.decided_at <= given - interval '720 hours'
        OR (CASE NEW.binding WHEN 'bound' THEN OLD.binding_hash IS NULL OR OLD.binding_browser IS NULL
          WHEN 'waiting' THEN NEW.binding_hash IS NULL ELSE true END)
        OR EXISTS (
          -- What was found last counts. Whom nobody has looked at since the face was found has not been compared.
          SELECT FROM (VALUES ('card', interval '1 hour', NULL), ('face_match', interval '4 hours', NULL),
            ('fingerprint_match', interval '4 hours', NULL), ('portrait_match', interval '4 hours', 'face_match')) AS need (kind, within, after)
          LEFT JOIN LATERAL (SELECT c.result, c.made_at, c.number FROM level_2_checks c
            WHERE c.application_id = NEW.id AND c.kind = need.kind ORDER BY c.number DESC LIMIT 1) AS last ON true
          WHERE need.kind IS DISTINCT FROM overridden AND (last.result IS DISTINCT FROM 'passed' OR last.made_at < given - need.within
            OR NEW.binding_hash IS DISTINCT FROM OLD.binding_hash AND NEW.binding_hash IS NOT NULL AND EXISTS (
              SELECT FROM level_2_checks c WHERE c.application_id = NEW.id AND c.kind = need.after AND c.number > last.number))) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'nobody binds but in presence, with card, face and fingerprints of this visit';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER level_2_binds BEFORE UPDATE ON level_2_applications FOR EACH ROW
      WHEN (NEW.binding = 'bound' AND OLD.binding IS DISTINCT FROM 'bound'
        OR (NEW.binding_hash, NEW.binding_browser, NEW.binding_before) IS DISTINCT FROM (OLD.binding_hash, OLD.binding_browser, OLD.binding_before)
          AND coalesce(NEW.binding_hash, NEW.binding_browser) IS NOT NULL)
      EXECUTE FUNCTION senid_level_2_binds()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER level_2_binds ON level_2_applications;
    DROP FUNCTION senid_level_2_binds();
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
    DROP TRIGGER level_2_overridden ON level_2_applications;
    DROP FUNCTION senid_level_2_overridden()`);
}
