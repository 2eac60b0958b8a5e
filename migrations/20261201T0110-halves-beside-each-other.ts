import type { Knex } from 'knex';

/**
 * Whoever has proven one half of a recovery leaves those of others as they are: a thief who holds a telephone, and the owner who
 * holds another way, each go on with their own. Such a half has a state of its own, so that `recoveries_one_open`, which the version
 * before names when it begins one, still lets one alone wait or be ready. `proven_one` are halves of that version, and at counters.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE recoveries
      DROP CONSTRAINT recoveries_state_check,
      DROP CONSTRAINT two_methods_of_two_kinds,
      ADD CONSTRAINT recoveries_state_check CHECK
        (state IN ('half', 'proven_one', 'waiting', 'ready', 'completed', 'cancelled', 'expired')),
      ADD CONSTRAINT two_methods_of_two_kinds CHECK (state IN ('half', 'proven_one', 'cancelled', 'expired')
        OR (second_kind IS NOT NULL AND second_kind <> first_kind AND path IS NOT NULL AND waits_until IS NOT NULL
          AND holder_hash IS NOT NULL)),
      ADD CONSTRAINT officers_are_alone CHECK (state <> 'half' OR first_kind <> 'intake');
    CREATE INDEX recoveries_halves ON recoveries (subscriber_id) WHERE state = 'half';
    CREATE INDEX recoveries_halves_expiring ON recoveries (expires_at) WHERE state = 'half'`);
  await knex.raw(step("OLD.state IN ('half', 'proven_one') AND NEW.state IN (OLD.state,"));
}

/** The version before knows no half beside another one. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    UPDATE recoveries SET state = 'cancelled', ended_at = greatest(started_at, now()) WHERE state = 'half';
    DROP INDEX recoveries_halves, recoveries_halves_expiring;
    ALTER TABLE recoveries
      DROP CONSTRAINT officers_are_alone,
      DROP CONSTRAINT recoveries_state_check,
      DROP CONSTRAINT two_methods_of_two_kinds,
      ADD CONSTRAINT recoveries_state_check CHECK
        (state IN ('proven_one', 'waiting', 'ready', 'completed', 'cancelled', 'expired')),
      ADD CONSTRAINT two_methods_of_two_kinds CHECK (state IN ('proven_one', 'cancelled', 'expired')
        OR (second_kind IS NOT NULL AND second_kind <> first_kind AND path IS NOT NULL AND waits_until IS NOT NULL
          AND holder_hash IS NOT NULL))`);
  await knex.raw(step("OLD.state = 'proven_one' AND NEW.state IN ('proven_one',"));
}

// As the migration that made it has it, to the blank: what goes back is what was there.
const step = (begun: string): string => `
  CREATE OR REPLACE FUNCTION senid_recovery_step() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.id <> OLD.id OR NEW.subscriber_id <> OLD.subscriber_id OR NOT (
        (${begun} 'waiting', 'ready', 'cancelled', 'expired'))
        OR (OLD.state = 'waiting' AND NEW.state IN ('ready', 'cancelled', 'expired'))
        OR (OLD.state = 'ready' AND NEW.state IN ('completed', 'cancelled', 'expired'))
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'no recovery goes from ' || OLD.state || ' to ' || NEW.state;
      END IF;
      IF OLD.waits_until IS NOT NULL AND NEW.waits_until <> OLD.waits_until THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'a waiting time is not changed';
      END IF;
      RETURN NEW;
    END $$`;
