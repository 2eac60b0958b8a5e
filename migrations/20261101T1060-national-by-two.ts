import type { Knex } from 'knex';

/**
 * What vouches for our own cards changes only by two people. A pin is either of a sandbox (`test`, and production does not
 * start with one), or names the change request that is applied in the very transaction that pins; its removal too.
 * Pins from before this rule stay, and end by it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE trust_holdings
      ADD COLUMN test boolean NOT NULL DEFAULT false,
      ADD COLUMN change_request_id uuid,
      ADD CONSTRAINT either_of_a_sandbox_or_by_two CHECK (NOT (test AND change_request_id IS NOT NULL)),
      ADD CONSTRAINT only_national_is_test CHECK (national OR NOT test);
    UPDATE trust_holdings SET test = true WHERE national AND EXISTS (SELECT 1 FROM subscribers WHERE test);

    -- Of this kind and subject, and being applied in this transaction: what two people agreed on once is not made twice.
    CREATE FUNCTION senid_agreed_now(wanted_kind text, wanted_subject text) RETURNS TABLE (id uuid, agreed jsonb)
    LANGUAGE sql AS $$
      SELECT id, after FROM change_requests
      WHERE kind = wanted_kind AND subject = wanted_subject AND state = 'applied' AND approver_person <> proposer_person
        AND xmin = pg_current_xact_id()::xid
    $$;

    CREATE FUNCTION senid_national_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP <> 'INSERT' AND OLD.national AND NOT OLD.test AND NOT (TG_OP = 'DELETE' AND EXISTS (
        SELECT 1 FROM senid_agreed_now('national-csca', encode(OLD.sha256, 'hex')) WHERE agreed ->> 'act' = 'remove'
      )) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL004', MESSAGE = 'a national authority is removed by two people';
      END IF;
      IF TG_OP = 'DELETE' THEN
        RETURN OLD;
      END IF;
      IF NEW.national AND NOT NEW.test AND NOT EXISTS (
        SELECT 1 FROM senid_agreed_now('national-csca', encode(NEW.sha256, 'hex'))
        WHERE id = NEW.change_request_id AND agreed ->> 'act' = 'pin'
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL004', MESSAGE = 'a national authority is pinned by two people';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER national_by_two BEFORE INSERT OR UPDATE OR DELETE ON trust_holdings
      FOR EACH ROW EXECUTE FUNCTION senid_national_by_two();

    -- A certificate that counts as removed vouches for nothing, whoever holds it: its pin has to go first.
    CREATE FUNCTION senid_national_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.removed_at IS NOT NULL AND OLD.removed_at IS NULL AND EXISTS (
        SELECT 1 FROM trust_holdings WHERE sha256 = OLD.sha256 AND national AND NOT test
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL004', MESSAGE = 'a national authority is removed by two people';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER national_stays BEFORE UPDATE ON trust_certificates
      FOR EACH ROW EXECUTE FUNCTION senid_national_stays()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER national_stays ON trust_certificates;
    DROP TRIGGER national_by_two ON trust_holdings;
    DROP FUNCTION senid_national_stays(), senid_national_by_two(), senid_agreed_now(text, text);
    ALTER TABLE trust_holdings
      DROP CONSTRAINT only_national_is_test,
      DROP CONSTRAINT either_of_a_sandbox_or_by_two,
      DROP COLUMN change_request_id,
      DROP COLUMN test`);
}
