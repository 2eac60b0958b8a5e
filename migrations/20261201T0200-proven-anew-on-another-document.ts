import type { Knex } from 'knex';

/**
 * Whose card was replaced has level 2 by the register's word, on a record whose document is over: it is told to nobody any more
 * (identity-assurance.md §5). It is proven anew as level 2 that does not count is, by an application of the counter with card, face
 * and fingerprints found since the former record, and in no other way; a record whose documents are in force stays.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The same in src/domain/subscribers/level/in-force.ts. The last days are those of the documents that somebody has now.
    CREATE FUNCTION senid_record_is_over(subscriber uuid, record uuid, card_until date, passport_until date, today date)
    RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT EXISTS (
        SELECT FROM proofing_records p
        CROSS JOIN LATERAL jsonb_array_elements(p.evidence) AS shown
        JOIN (VALUES
          ('chip_card', card_until, ARRAY['card_revoked', 'card_expired']),
          ('printed_card', card_until, ARRAY['card_revoked', 'card_expired']),
          ('residence_card', card_until, ARRAY['card_revoked', 'residence_expired']),
          ('passport', passport_until, ARRAY['passport_expired'])
        ) AS document (kind, until, grounds) ON document.kind = shown ->> 'kind'
        WHERE p.subscriber_id = subscriber AND p.id = record AND (
          EXISTS (SELECT FROM subscriber_locks l WHERE l.subscriber_id = subscriber AND l.ground = ANY (document.grounds)
            AND l.opened_at >= p.decided_at)
          -- A record from before the day was kept: of the document that somebody has now the day is known.
          OR CASE WHEN shown ->> 'expiresOn' IS NULL THEN coalesce(document.until < today, false)
            ELSE (shown ->> 'expiresOn')::date < today OR document.until IS DISTINCT FROM (shown ->> 'expiresOn')::date END))
    $$;

    CREATE OR REPLACE FUNCTION senid_reproofed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE since timestamptz := OLD.reproofing_required_since;
    BEGIN
      IF since IS NULL AND OLD.account_level = 2 AND NEW.proofing_id IS DISTINCT FROM OLD.proofing_id THEN
        SELECT p.decided_at INTO since FROM proofing_records p WHERE p.subscriber_id = OLD.id AND p.id = OLD.proofing_id
          AND senid_record_is_over(OLD.id, OLD.proofing_id, OLD.card_expires_on, OLD.passport_expires_on,
            (NEW.updated_at AT TIME ZONE 'UTC' + interval '7 hours')::date);
        IF since IS NULL THEN
          RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'level 2 rests on its record while the documents of that are in force';
        END IF;
      ELSIF since IS NULL OR NEW.reproofing_required_since IS NOT NULL THEN
        RETURN NULL;
      END IF;
      IF NOT EXISTS (
        SELECT FROM proofing_records p JOIN level_2_applications a ON a.account_id = p.subscriber_id
        WHERE p.subscriber_id = NEW.id AND p.id = NEW.proofing_id AND p.id IS DISTINCT FROM OLD.proofing_id
          AND p.account_level = 2 AND p.channel = 'in_person' AND p.decided_at >= since
          AND a.state = 'APPROVED' AND a.decided_at >= since
          AND p.officer = a.decided_by::text AND p.second_officer IS NOT DISTINCT FROM a.second_officer::text
          -- Whether they have passed is asked of the application itself (senid_level_2_goes_on).
          AND NOT EXISTS (
            SELECT FROM unnest(ARRAY['card', 'face_match', 'fingerprint_match']) AS need (kind)
            WHERE NOT EXISTS (SELECT FROM level_2_checks c WHERE c.application_id = a.id AND c.kind = need.kind
              AND c.made_at >= since))
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'level 2 counts again only after a re-proofing';
      END IF;
      RETURN NULL;
    END $$;

    DROP TRIGGER subscribers_reproofed ON subscribers;
    CREATE CONSTRAINT TRIGGER subscribers_reproofed AFTER UPDATE ON subscribers DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (OLD.reproofing_required_since IS DISTINCT FROM NEW.reproofing_required_since
        OR OLD.account_level = 2 AND OLD.proofing_id IS DISTINCT FROM NEW.proofing_id)
      EXECUTE FUNCTION senid_reproofed()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE OR REPLACE FUNCTION senid_reproofed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.reproofing_required_since IS NOT NULL AND NEW.reproofing_required_since IS NULL AND NOT EXISTS (
        SELECT FROM proofing_records p JOIN level_2_applications a ON a.account_id = p.subscriber_id
        WHERE p.subscriber_id = NEW.id AND p.id = NEW.proofing_id AND p.id IS DISTINCT FROM OLD.proofing_id
          AND p.account_level = 2 AND p.channel = 'in_person' AND p.decided_at >= OLD.reproofing_required_since
          AND a.state = 'APPROVED' AND a.decided_at >= OLD.reproofing_required_since
          AND p.officer = a.decided_by::text AND p.second_officer IS NOT DISTINCT FROM a.second_officer::text
          -- Whether they have passed is asked of the application itself (senid_level_2_goes_on).
          AND NOT EXISTS (
            SELECT FROM unnest(ARRAY['card', 'face_match', 'fingerprint_match']) AS need (kind)
            WHERE NOT EXISTS (SELECT FROM level_2_checks c WHERE c.application_id = a.id AND c.kind = need.kind
              AND c.made_at >= OLD.reproofing_required_since))
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'level 2 counts again only after a re-proofing';
      END IF;
      RETURN NULL;
    END $$;
    DROP TRIGGER subscribers_reproofed ON subscribers;
    CREATE CONSTRAINT TRIGGER subscribers_reproofed AFTER UPDATE ON subscribers DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (OLD.reproofing_required_since IS DISTINCT FROM NEW.reproofing_required_since)
      EXECUTE FUNCTION senid_reproofed();
    DROP FUNCTION senid_record_is_over(uuid, uuid, date, date, date)`);
}
