import type { Knex } from 'knex';

/**
 * A record of the counter names the card that it rests on, so that what the register reports of that card is asked, and not the last
 * day alone: another card may have the same one, or none, and a former card that is revoked locks nothing. Records from before go on as
 * they were judged.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE proofing_records
      -- A keyed hash, as in register_cards; none of a passport, of which the register reports nothing by a number of its own.
      ADD COLUMN card bytea CHECK (octet_length(card) = 32);

    -- Nothing where the register has not said which card is there. What is only held is given back, and is the same one.
    CREATE FUNCTION senid_card_is_over(subscriber uuid, card bytea, shown_at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT CASE
        WHEN EXISTS (SELECT FROM register_cards c WHERE c.number_hash = number.hash AND c.document = card
          AND (c.revoked >= coalesce(greatest(c.issued, c.issued_before), 0) OR c.revoked IS NULL AND c.value = 'revoked')) THEN true
        WHEN last.document IS NOT NULL THEN last.document <> card
        -- What was shown under a number of before is one of the cards of that: the one issued last.
        WHEN former.document IS NOT NULL AND EXISTS (SELECT FROM register_standings s WHERE s.number_hash = number.hash
          AND s.aspect = 'number' AND s.moved_sequence IS NOT NULL AND s.changed_at >= shown_at) THEN former.document <> card
        END
      FROM subscriber_identifiers number
      LEFT JOIN LATERAL (SELECT c.document FROM register_cards c WHERE c.number_hash = number.hash AND c.issued IS NOT NULL
        ORDER BY c.issued DESC LIMIT 1) last ON true
      LEFT JOIN LATERAL (SELECT c.document FROM register_cards c WHERE c.number_hash = number.hash AND c.issued_before IS NOT NULL
        ORDER BY c.left_behind DESC, c.issued_before DESC LIMIT 1) former ON true
      WHERE number.subscriber_id = subscriber AND number.kind = 'number' AND card IS NOT NULL
    $$;
    ${recordIsOver(`
          -- A record from before the day was kept: of the document that somebody has now the day is known.
          OR coalesce((shown ->> 'expiresOn')::date, document.until) < today
          -- A card that is issued anew may have the number of the one before, and another last day.
          OR shown ->> 'expiresOn' IS NOT NULL AND document.until IS DISTINCT FROM (shown ->> 'expiresOn')::date
          OR document.kind <> 'passport' AND coalesce(senid_card_is_over(subscriber, p.card, p.decided_at), false)))`)}`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ${recordIsOver(`
          -- A record from before the day was kept: of the document that somebody has now the day is known.
          OR CASE WHEN shown ->> 'expiresOn' IS NULL THEN coalesce(document.until < today, false)
            ELSE (shown ->> 'expiresOn')::date < today OR document.until IS DISTINCT FROM (shown ->> 'expiresOn')::date END))`)}
    DROP FUNCTION senid_card_is_over(uuid, bytea, timestamptz);
    ALTER TABLE proofing_records DROP COLUMN card`);
}

// Line for line as the migration before has it: what goes back is what was there.
/** `ended`: by what a document is over that no lock says is. */
const recordIsOver = (ended: string): string => `
    CREATE OR REPLACE FUNCTION senid_record_is_over(subscriber uuid, record uuid, card_until date, passport_until date, today date)
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
            AND l.opened_at >= p.decided_at)${ended}
    $$;`;
