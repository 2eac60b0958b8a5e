import type { Knex } from 'knex';

/**
 * Who proposes and who decides are operators, active in this moment, and the persons that the list of operators says they are:
 * two names that somebody made up are not two people, whoever writes them.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION senid_change_request_by_operators() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.state <> 'draft' AND NEW.proposer IS DISTINCT FROM OLD.proposer AND NOT EXISTS (
        SELECT FROM operators WHERE id = NEW.proposer AND person = NEW.proposer_person AND state = 'active'
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an operator proposes';
      END IF;
      IF NEW.state IN ('scheduled', 'applied', 'refused') AND OLD.state <> 'scheduled' AND (NOT EXISTS (
        SELECT FROM operators WHERE id = NEW.approver AND person = NEW.approver_person AND state = 'active'
      ) OR NOT EXISTS (SELECT FROM operators WHERE id = NEW.proposer AND person = NEW.proposer_person)) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an operator decides about what an operator proposes';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER change_request_by_operators BEFORE UPDATE ON change_requests
      FOR EACH ROW EXECUTE FUNCTION senid_change_request_by_operators()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER change_request_by_operators ON change_requests;
    DROP FUNCTION senid_change_request_by_operators()`);
}
