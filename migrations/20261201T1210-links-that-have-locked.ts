import type { Knex } from 'knex';

/**
 * The link of a recovery that has ended locks once, and the recovery says that it did. Nothing else of what has ended changes. And how
 * many recoveries of a kind somebody has begun is counted, those that have ended too.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE recoveries
      ADD COLUMN link_locked_at timestamptz,
      ADD CONSTRAINT links_lock_afterwards CHECK (link_locked_at IS NULL OR ended_at IS NOT NULL);
    CREATE INDEX recoveries_begun ON recoveries (subscriber_id, first_kind, started_at)`);
  await knex.raw(
    step(`IF NEW.state = OLD.state AND OLD.link_locked_at IS NULL AND NEW.link_locked_at IS NOT NULL
        AND OLD.state IN ('cancelled', 'completed') AND (to_jsonb(NEW) - 'link_locked_at') = (to_jsonb(OLD) - 'link_locked_at') THEN
        RETURN NEW;
      END IF;
      `),
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(step(''));
  await knex.raw('DROP INDEX recoveries_begun; ALTER TABLE recoveries DROP COLUMN link_locked_at');
}

// As the migration before has it, to the blank: what goes back is what was there.
const step = (marked: string): string => `
  CREATE OR REPLACE FUNCTION senid_recovery_step() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${marked}IF NEW.id <> OLD.id OR NEW.subscriber_id <> OLD.subscriber_id OR NOT (
        (OLD.state IN ('half', 'proven_one') AND NEW.state IN (OLD.state, 'waiting', 'ready', 'cancelled', 'expired'))
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
