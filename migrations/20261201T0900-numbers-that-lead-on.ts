import type { Knex } from 'knex';

/**
 * Where a number leads stays known when it is cancelled afterwards, with the report that moved it; and what was said of somebody
 * without an account is kept with how it stands, so that it holds for the account that comes to that number later. When a card was
 * revoked stays known beside what was said of it since.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE register_standings DROP CONSTRAINT replaced_by_another;
    ALTER TABLE register_standings
      -- Of the report that replaced this number, or put it in the place of another.
      ADD COLUMN moved_sequence bigint,
      -- The report, or the number that has taken the place of this one, sealed.
      ADD COLUMN said bytea,
      ADD CONSTRAINT replaced_by_another CHECK (value <> 'replaced' OR successor IS NOT NULL),
      ADD CONSTRAINT a_number_leads_on CHECK (successor IS NULL OR aspect = 'number');

    ALTER TABLE register_cards
      -- The register's number of the report that it was revoked: it holds unless the card was issued after that.
      ADD COLUMN revoked bigint;
    UPDATE register_cards SET revoked = sequence WHERE value = 'revoked';

    -- A card that was revoked is so whenever one is told of it, also after what was said of it since.
    ${goesOn(" AND NEW.value <> 'revoked'")}
    ${isGood("(value IN ('deceased', 'cancelled', 'replaced', 'held', 'revoked') OR successor IS NOT NULL)")}`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    UPDATE register_cards SET value = 'revoked' WHERE revoked >= coalesce(issued, 0);
    ALTER TABLE register_cards DROP COLUMN revoked;
    ${goesOn('')}
    ${isGood("value IN ('deceased', 'cancelled', 'replaced', 'held', 'revoked')")}
    ALTER TABLE register_standings DROP CONSTRAINT replaced_by_another, DROP CONSTRAINT a_number_leads_on;
    ALTER TABLE register_standings
      DROP COLUMN moved_sequence, DROP COLUMN said,
      ADD CONSTRAINT replaced_by_another CHECK ((value = 'replaced') = (successor IS NOT NULL)) NOT VALID`);
}

// Line for line as the migrations before have them: what goes back is what was there.
/** `unless`: what a standing may still become at the sequence that it has. */
const goesOn = (unless: string): string => `
    CREATE OR REPLACE FUNCTION senid_standing_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' OR NEW.sequence < OLD.sequence
        OR NEW.sequence = OLD.sequence AND NEW.value IS DISTINCT FROM OLD.value${unless} THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'what the register said before undoes nothing that it has said since';
      END IF;
      RETURN NEW;
    END $$;`;

/** `bars`: the standings of a number for which no account is opened. */
const isGood = (bars: string): string => `
    CREATE OR REPLACE FUNCTION senid_number_is_good() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(encode(NEW.hash, 'hex'), 0));
      IF EXISTS (SELECT FROM register_standings WHERE number_hash = NEW.hash
        AND ${bars}) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL004', MESSAGE = 'no account is opened for a number that does not stand';
      END IF;
      RETURN NEW;
    END $$;`;
