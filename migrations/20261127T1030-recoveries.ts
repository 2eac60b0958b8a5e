import type { Knex } from 'knex';

/**
 * Recoveries of accounts whose holder has lost a way in. A row begins with the first method that was proven: whoever only types
 * somebody's number writes nothing, and stops nobody's own recovery. What the domain promises is refused here too: two methods
 * of two kinds before anything waits, two officers at a counter, nothing after an end, and no completion before its time.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE recoveries (
      id uuid PRIMARY KEY,
      subscriber_id uuid NOT NULL REFERENCES subscribers (id),
      state text NOT NULL CHECK (state IN ('proven_one', 'waiting', 'ready', 'completed', 'cancelled', 'expired')),
      first_method text NOT NULL,
      first_kind text NOT NULL,
      second_method text,
      second_kind text,
      path text,
      -- Whoever goes on with it shows this: a value in their browser, or the two halves that two officers gave out.
      holder_hash bytea UNIQUE CHECK (octet_length(holder_hash) = 32),
      first_half bytea,
      cancel_hash bytea NOT NULL UNIQUE CHECK (octet_length(cancel_hash) = 32),
      cancel_code bytea NOT NULL,
      -- A telephone that was proven here, sealed: what a password may be bound beside.
      proven_phone bytea,
      first_officer uuid,
      second_officer uuid,
      ground text,
      started_at timestamptz NOT NULL,
      waits_until timestamptz,
      ready_at timestamptz,
      ended_at timestamptz,
      expires_at timestamptz NOT NULL,
      CONSTRAINT kinds_of_methods CHECK (
        (first_method, first_kind) IN (('printed-code', 'paper'), ('passkey', 'device'), ('own-phone', 'phone'),
          ('second-phone', 'phone'), ('e-mail', 'mail'), ('intake-officer', 'intake'))
        AND (second_method IS NULL) = (second_kind IS NULL)
        AND (second_method IS NULL OR (second_method, second_kind) IN (('printed-code', 'paper'), ('passkey', 'device'),
          ('own-phone', 'phone'), ('second-phone', 'phone'), ('e-mail', 'mail'), ('approving-officer', 'approval')))),
      CONSTRAINT two_methods_of_two_kinds CHECK (state IN ('proven_one', 'cancelled', 'expired')
        OR (second_kind IS NOT NULL AND second_kind <> first_kind AND path IS NOT NULL AND waits_until IS NOT NULL
          AND holder_hash IS NOT NULL)),
      CONSTRAINT officers_go_together CHECK (second_kind IS NULL OR (first_kind = 'intake') = (second_kind = 'approval')),
      CONSTRAINT two_officers CHECK ((first_kind = 'intake') = (first_officer IS NOT NULL)
        AND (second_officer IS NOT NULL) = (second_kind IS NOT NULL AND second_kind = 'approval')
        AND (second_officer IS NULL OR second_officer <> first_officer)),
      CONSTRAINT counter_has_a_ground CHECK (first_kind <> 'intake' OR ground IS NOT NULL),
      CONSTRAINT ready_after_waiting CHECK (state NOT IN ('ready', 'completed') OR (ready_at IS NOT NULL AND ready_at >= waits_until)),
      CONSTRAINT ended_has_a_time CHECK ((state IN ('completed', 'cancelled', 'expired')) = (ended_at IS NOT NULL)),
      CONSTRAINT completed_in_time CHECK (state <> 'completed' OR (ended_at >= ready_at AND ended_at <= expires_at))
    );
    CREATE UNIQUE INDEX recoveries_one_open ON recoveries (subscriber_id) WHERE state IN ('proven_one', 'waiting', 'ready');
    CREATE INDEX recoveries_due ON recoveries (waits_until) WHERE state = 'waiting';
    CREATE INDEX recoveries_expiring ON recoveries (expires_at) WHERE state IN ('proven_one', 'waiting', 'ready');

    CREATE FUNCTION senid_recovery_step() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.id <> OLD.id OR NEW.subscriber_id <> OLD.subscriber_id OR NOT (
        (OLD.state = 'proven_one' AND NEW.state IN ('proven_one', 'waiting', 'ready', 'cancelled', 'expired'))
        OR (OLD.state = 'waiting' AND NEW.state IN ('ready', 'cancelled', 'expired'))
        OR (OLD.state = 'ready' AND NEW.state IN ('completed', 'cancelled', 'expired'))
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'no recovery goes from ' || OLD.state || ' to ' || NEW.state;
      END IF;
      IF OLD.waits_until IS NOT NULL AND NEW.waits_until <> OLD.waits_until THEN
        RAISE EXCEPTION USING ERRCODE = 'SL002', MESSAGE = 'a waiting time is not changed';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER recoveries_step BEFORE UPDATE ON recoveries FOR EACH ROW EXECUTE FUNCTION senid_recovery_step()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE recoveries; DROP FUNCTION senid_recovery_step()');
}
