import type { Knex } from 'knex';

/**
 * A card that was issued to a former number of a person is known as one that was issued, and by which move it was left behind: whatever
 * was said of another until then is about a card before it. How the card of a number stands follows from what is known of each card,
 * none of which goes back; it changes also where nothing newer was said, when one is told late that a card was an earlier one.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE register_cards
      -- The register's number of the report that it was issued to a former number of this person.
      ADD COLUMN issued_before bigint,
      -- That of the first move of the number after it.
      ADD COLUMN left_behind bigint,
      ADD CONSTRAINT left_behind_after CHECK (left_behind > issued_before);

    -- What was handed on without it. A number that comes back ends the walk.
    WITH RECURSIVE leads AS (
      SELECT number_hash AS origin, successor AS number, ARRAY[number_hash, successor] AS passed,
        ARRAY[coalesce(moved_sequence, sequence)] AS moves
      FROM register_standings WHERE aspect = 'number' AND successor IS NOT NULL
      UNION ALL
      SELECT origin, s.successor, passed || s.successor, moves || coalesce(s.moved_sequence, s.sequence)
      FROM leads JOIN register_standings s ON s.number_hash = leads.number AND s.aspect = 'number'
      WHERE s.successor IS NOT NULL AND s.successor <> ALL(passed)
    ), known AS (
      SELECT DISTINCT ON (l.number, c.document) l.number, c.document, c.issued,
        (SELECT min(move) FROM unnest(l.moves) AS move WHERE move > c.issued) AS left_behind
      FROM leads l JOIN register_cards c ON c.number_hash = l.origin
      WHERE EXISTS (SELECT FROM unnest(l.moves) AS move WHERE move > c.issued)
      ORDER BY l.number, c.document, c.issued DESC
    )
    UPDATE register_cards c SET issued_before = known.issued, left_behind = known.left_behind
    FROM known WHERE c.number_hash = known.number AND c.document = known.document AND c.issued IS NULL;
    ${step('(NEW.said IS DISTINCT FROM OLD.said OR NEW.sequence >= OLD.sequence)')}`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE register_cards DROP COLUMN issued_before, DROP COLUMN left_behind;
    ${step('NEW.said IS DISTINCT FROM OLD.said')}`);
}

// As the migration before has it, to the blank: what goes back is what was there.
/** `may`: what else of a card's standing may be another. */
const step = (may: string): string => `
  CREATE OR REPLACE FUNCTION senid_standing_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- A card that was issued brings its own word with it: it says so anew.
      IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'register_standings' THEN
        IF OLD.aspect = 'card' AND NEW.aspect = 'card' AND ${may} THEN
          RETURN NEW;
        END IF;
      END IF;
      IF TG_OP = 'DELETE' OR NEW.sequence < OLD.sequence
        OR NEW.sequence = OLD.sequence AND NEW.value IS DISTINCT FROM OLD.value AND NEW.value <> 'revoked' THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'what the register said before undoes nothing that it has said since';
      END IF;
      RETURN NEW;
    END $$`;
