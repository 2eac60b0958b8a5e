import type { Knex } from 'knex';

/**
 * How the card of a number stands is about the card that was issued last, also where that is told after what was said later of the
 * former one: the word about another card gives way to it. What is said of one card undoes nothing newer, as before.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    step(`-- A card that was issued brings its own word with it: it says so anew.
      IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'register_standings' THEN
        IF OLD.aspect = 'card' AND NEW.aspect = 'card' AND NEW.said IS DISTINCT FROM OLD.said THEN
          RETURN NEW;
        END IF;
      END IF;
      `),
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(step(''));
}

// As the migration before has it, to the blank: what goes back is what was there.
const step = (issued: string): string => `
  CREATE OR REPLACE FUNCTION senid_standing_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${issued}IF TG_OP = 'DELETE' OR NEW.sequence < OLD.sequence
        OR NEW.sequence = OLD.sequence AND NEW.value IS DISTINCT FROM OLD.value AND NEW.value <> 'revoked' THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'what the register said before undoes nothing that it has said since';
      END IF;
      RETURN NEW;
    END $$`;
