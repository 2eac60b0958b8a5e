import type { Knex } from 'knex';

/**
 * A record of the counter names the passport that it rests on as it does a card, and is over once the register has reported another one
 * of the same person: two passports may have the same last day. Records from before, which name none, go on as they were judged.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Of passports the last one issued is kept, by the register's own order, and goes with its holder from number to number. Nothing
    -- where the register has said nothing of any, or the record names none.
    CREATE FUNCTION senid_passport_is_over(subscriber uuid, passport bytea) RETURNS boolean LANGUAGE sql STABLE AS $$
      SELECT s.document <> passport FROM subscriber_identifiers number
        JOIN register_standings s ON s.number_hash = number.hash AND s.aspect = 'passport'
      WHERE number.subscriber_id = subscriber AND number.kind = 'number'
    $$;
    ${recordIsOver(`
          -- A record names one document: beside a passport it is not the card.
          OR coalesce(CASE WHEN document.kind = 'passport' THEN senid_passport_is_over(subscriber, p.card)
            WHEN NOT p.evidence @> '[{"kind": "passport"}]' THEN senid_card_is_over(subscriber, p.card, p.decided_at) END, false)))`)}`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ${recordIsOver(`
          OR document.kind <> 'passport' AND coalesce(senid_card_is_over(subscriber, p.card, p.decided_at), false)))`)}
    DROP FUNCTION senid_passport_is_over(uuid, bytea)`);
}

// Line for line as the migration before has it: what goes back is what was there.
/** `ended`: by what the register has said of the document that a record names. */
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
            AND l.opened_at >= p.decided_at)
          -- A record from before the day was kept: of the document that somebody has now the day is known.
          OR coalesce((shown ->> 'expiresOn')::date, document.until) < today
          -- A card that is issued anew may have the number of the one before, and another last day.
          OR shown ->> 'expiresOn' IS NOT NULL AND document.until IS DISTINCT FROM (shown ->> 'expiresOn')::date${ended}
    $$;`;
