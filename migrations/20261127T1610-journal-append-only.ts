import type { Knex } from 'knex';

/**
 * The journal is written and never rewritten, and nothing of it goes before its five years are over (domain model 8c, 10; Decree
 * 59/2022 Art. 21). What waits for its number leaves only for the journal itself, in the same transaction. Whoever owns the
 * database can take these triggers away: that the chain shows.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION senid_journal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' AND OLD.at < now() - interval '5 years' THEN
        RETURN OLD;
      END IF;
      RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'the journal is append-only: nothing younger than five years goes';
    END $$;
    CREATE TRIGGER journal_stays BEFORE UPDATE OR DELETE ON journal
      FOR EACH ROW EXECUTE FUNCTION senid_journal_stays();
    CREATE TRIGGER journal_checkpoints_stay BEFORE UPDATE OR DELETE ON journal_checkpoints
      FOR EACH ROW EXECUTE FUNCTION senid_journal_stays();
    CREATE TRIGGER journal_incoming_unchanged BEFORE UPDATE ON journal_incoming
      FOR EACH ROW EXECUTE FUNCTION senid_journal_stays();

    CREATE FUNCTION senid_journal_whole() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'the journal is append-only';
    END $$;
    CREATE TRIGGER journal_whole BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION senid_journal_whole();
    CREATE TRIGGER journal_incoming_whole BEFORE TRUNCATE ON journal_incoming
      FOR EACH STATEMENT EXECUTE FUNCTION senid_journal_whole();
    CREATE TRIGGER journal_checkpoints_whole BEFORE TRUNCATE ON journal_checkpoints
      FOR EACH STATEMENT EXECUTE FUNCTION senid_journal_whole();

    CREATE FUNCTION senid_journal_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT FROM journal j WHERE j.at = OLD.at AND j.type = OLD.type AND j.actor_kind = OLD.actor_kind
        AND j.actor_id IS NOT DISTINCT FROM OLD.actor_id AND j.subscriber_id IS NOT DISTINCT FROM OLD.subscriber_id
        AND j.client_id IS NOT DISTINCT FROM OLD.client_id AND j.detail IS NOT DISTINCT FROM OLD.detail) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'an event leaves for the journal and for nowhere else';
      END IF;
      RETURN NULL;
    END $$;
    -- At the end of the transaction: the sealer takes events out before it has numbered them.
    CREATE CONSTRAINT TRIGGER journal_incoming_sealed AFTER DELETE ON journal_incoming DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION senid_journal_sealed()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER journal_incoming_sealed ON journal_incoming;
    DROP TRIGGER journal_incoming_whole ON journal_incoming;
    DROP TRIGGER journal_incoming_unchanged ON journal_incoming;
    DROP TRIGGER journal_checkpoints_whole ON journal_checkpoints;
    DROP TRIGGER journal_checkpoints_stay ON journal_checkpoints;
    DROP TRIGGER journal_whole ON journal;
    DROP TRIGGER journal_stays ON journal;
    DROP FUNCTION senid_journal_sealed(), senid_journal_whole(), senid_journal_stays()`);
}
