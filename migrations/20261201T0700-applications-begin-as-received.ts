import type { Knex } from 'knex';

/**
 * Every rule of a counter's application is asked of its steps: a row that began further on had taken none. What is written first is
 * what was received, and nothing else of it is there yet.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION senid_level_2_begins() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an application begins with what was received';
    END $$;
    CREATE TRIGGER level_2_begins BEFORE INSERT ON level_2_applications FOR EACH ROW
      WHEN (NEW.state <> 'SUBMITTED' OR NEW.revision <> 1 OR num_nonnulls(NEW.reason, NEW.officer, NEW.answer_before, NEW.proposal,
        NEW.shown_hash, NEW.decided_at, NEW.decided_by, NEW.second_officer, NEW.account_id, NEW.retired_id, NEW.binding,
        NEW.binding_hash, NEW.binding_browser, NEW.binding_before) > 0)
      EXECUTE FUNCTION senid_level_2_begins()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER level_2_begins ON level_2_applications;
    DROP FUNCTION senid_level_2_begins()`);
}
