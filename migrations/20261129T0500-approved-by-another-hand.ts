import type { Knex } from 'knex';

/**
 * Whoever wrote what a change request says, drafted or amended it, agrees to it no more than whoever proposed it: somebody else may
 * put the words of one person forward unread. An amendment by a former version of the program names nobody here; its proposer is
 * named all the same.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE change_requests ADD COLUMN amended_by uuid[] NOT NULL DEFAULT '{}';

    CREATE FUNCTION senid_change_request_by_another_hand() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT NEW.amended_by @> OLD.amended_by THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'whoever amended a change request stays named';
      END IF;
      IF NEW.state IN ('scheduled', 'applied', 'refused') AND OLD.state <> 'scheduled' AND EXISTS (
        SELECT FROM operators WHERE person = NEW.approver_person
          AND (id = ANY (NEW.amended_by) OR id::text = NEW.drafted_by)
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'nobody decides about their own words';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER change_request_by_another_hand BEFORE UPDATE ON change_requests
      FOR EACH ROW EXECUTE FUNCTION senid_change_request_by_another_hand()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER change_request_by_another_hand ON change_requests;
    DROP FUNCTION senid_change_request_by_another_hand();
    ALTER TABLE change_requests DROP COLUMN amended_by`);
}
