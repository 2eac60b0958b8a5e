import type { Knex } from 'knex';

/**
 * A guardian whose account was closed looks after nobody any more, and the register may have another to name, or none. It is marked by
 * whatever closes an account, in that statement; who was to follow is not known, so the mark stays until the register has said it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Since when its guardian has no account, while the register has not said what becomes of it.
    ALTER TABLE guardianships ADD COLUMN guardian_gone_at timestamptz;
    UPDATE guardianships g SET guardian_gone_at = s.closed_at FROM subscribers s
      WHERE s.id = g.guardian_id AND s.state = 'closed' AND g.ended_at IS NULL AND g.handed_over_at IS NULL;
    CREATE INDEX guardianships_guardian_gone ON guardianships (guardian_gone_at)
      WHERE guardian_gone_at IS NOT NULL AND ended_at IS NULL;

    CREATE FUNCTION senid_guardian_is_gone() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE guardianships SET guardian_gone_at = NEW.closed_at
        WHERE guardian_id = NEW.id AND ended_at IS NULL AND handed_over_at IS NULL;
      RETURN NULL;
    END $$;
    CREATE TRIGGER guardian_is_gone AFTER UPDATE OF state ON subscribers FOR EACH ROW
      WHEN (NEW.state = 'closed' AND OLD.state <> 'closed') EXECUTE FUNCTION senid_guardian_is_gone()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER guardian_is_gone ON subscribers;
    DROP FUNCTION senid_guardian_is_gone();
    ALTER TABLE guardianships DROP COLUMN guardian_gone_at`);
}
