import type { Knex } from 'knex';

/**
 * What a competent authority asks of somebody's account, in writing (Law on Identification 2023 Art. 34; Decree 69/2024 Art. 30):
 * looked at and forwarded within one working day, decided within two, by another officer than the one who took it in. Words are
 * sealed. What the console promises stands here too, so that no way of writing goes round it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE lock_requests (
      id uuid PRIMARY KEY,
      number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      subscriber_id uuid NOT NULL,
      what text NOT NULL CHECK (what IN ('lock', 'unlock')),
      -- Which authority, the number of its document, and what it says.
      authority bytea NOT NULL,
      document bytea NOT NULL,
      statement bytea NOT NULL,
      state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'forwarded', 'approved', 'refused')),
      received_by uuid NOT NULL,
      received_at timestamptz NOT NULL,
      forward_by timestamptz NOT NULL,
      forwarded_by uuid,
      forwarded_at timestamptz,
      decide_by timestamptz,
      decided_by uuid,
      decided_at timestamptz,
      decision bytea,
      CONSTRAINT forwarded_by_somebody CHECK ((state = 'received') = (forwarded_at IS NULL)
        AND (forwarded_at IS NULL) = (forwarded_by IS NULL) AND (forwarded_at IS NULL) = (decide_by IS NULL)),
      CONSTRAINT decided_by_another CHECK ((state IN ('approved', 'refused')) = (decided_at IS NOT NULL)
        AND (decided_at IS NULL) = (decided_by IS NULL) AND decided_by IS DISTINCT FROM received_by
        AND (decided_by IS NULL OR decided_by <> forwarded_by)),
      -- A refusal has its reasons in writing.
      CONSTRAINT refused_with_reasons CHECK ((decided_at IS NULL) = (decision IS NULL))
    );
    CREATE INDEX lock_requests_open ON lock_requests (coalesce(decide_by, forward_by), id) WHERE decided_at IS NULL;
    CREATE INDEX lock_requests_of_subscriber ON lock_requests (subscriber_id);
    CREATE UNIQUE INDEX lock_requests_one_open ON lock_requests (subscriber_id, what) WHERE decided_at IS NULL;

    CREATE FUNCTION senid_lock_request_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' OR (OLD.state, NEW.state) NOT IN (('received', 'forwarded'), ('forwarded', 'approved'),
        ('forwarded', 'refused')) OR (NEW.id, NEW.subscriber_id, NEW.what, NEW.authority, NEW.document, NEW.statement,
          NEW.received_by, NEW.received_at, NEW.forward_by) IS DISTINCT FROM (OLD.id, OLD.subscriber_id, OLD.what,
          OLD.authority, OLD.document, OLD.statement, OLD.received_by, OLD.received_at, OLD.forward_by)
        OR OLD.state = 'forwarded' AND (NEW.forwarded_by, NEW.forwarded_at, NEW.decide_by) IS DISTINCT FROM
          (OLD.forwarded_by, OLD.forwarded_at, OLD.decide_by) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a request of an authority goes step by step';
      END IF;
      -- Two names are not two people: the list of operators says who they are, and that they are at work.
      IF NEW.decided_by IS NOT NULL AND NOT EXISTS (
        SELECT FROM operators o WHERE o.id = NEW.decided_by AND o.state = 'active' AND NOT EXISTS (
          SELECT FROM operators other WHERE other.id IN (NEW.received_by, NEW.forwarded_by) AND other.person = o.person)
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'another officer decides about what an authority asks';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER lock_request_goes_on BEFORE UPDATE OR DELETE ON lock_requests
      FOR EACH ROW EXECUTE FUNCTION senid_lock_request_goes_on()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE lock_requests; DROP FUNCTION senid_lock_request_goes_on()');
}
