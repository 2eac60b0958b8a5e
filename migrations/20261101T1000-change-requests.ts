import type { Knex } from 'knex';

/**
 * What changes only when two people agree. The rule stands here as well as in the code, so that no way of writing goes round
 * it: what was approved names two different persons, and what somebody agreed to is never altered afterwards.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE change_requests (
      id uuid PRIMARY KEY,
      number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      kind text NOT NULL CHECK (kind IN ('client', 'national-csca', 'signing-keys', 'assurance-policy', 'operator')),
      subject text NOT NULL CHECK (subject <> ''),
      revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
      state text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'proposed', 'scheduled', 'applied', 'refused', 'withdrawn', 'stale')),
      base_version text,
      before jsonb,
      after jsonb NOT NULL,
      reason text NOT NULL CHECK (reason <> ''),
      findings jsonb NOT NULL DEFAULT '[]',
      risks jsonb NOT NULL DEFAULT '[]',
      restores text,
      drafted_by text NOT NULL CHECK (drafted_by <> ''),
      drafted_at timestamptz NOT NULL,
      proposer uuid,
      proposer_person text,
      proposed_at timestamptz,
      approver uuid,
      approver_person text,
      decided_at timestamptz,
      note text,
      activate_at timestamptz,
      applied_at timestamptz,
      outcome text,
      CONSTRAINT proposed_by_a_person CHECK (state IN ('draft', 'withdrawn')
        OR (proposer IS NOT NULL AND proposer_person IS NOT NULL AND proposed_at IS NOT NULL)),
      CONSTRAINT two_persons CHECK (state NOT IN ('scheduled', 'applied')
        OR coalesce(approver IS NOT NULL AND approver <> proposer AND approver_person <> proposer_person, false)),
      CONSTRAINT refused_by_another CHECK (state <> 'refused' OR coalesce(approver_person <> proposer_person, false)),
      CONSTRAINT scheduled_has_a_time CHECK (state <> 'scheduled' OR activate_at IS NOT NULL),
      CONSTRAINT applied_has_a_time CHECK ((state = 'applied') = (applied_at IS NOT NULL))
    );
    CREATE INDEX change_requests_open ON change_requests (number DESC) WHERE state IN ('draft', 'proposed', 'scheduled');
    CREATE INDEX change_requests_of_subject ON change_requests (kind, subject, number DESC);
    CREATE INDEX change_requests_due ON change_requests (activate_at) WHERE state = 'scheduled';

    CREATE FUNCTION senid_change_request_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' OR OLD.state IN ('applied', 'refused', 'withdrawn', 'stale') THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a change request that has ended stays as it is';
      END IF;
      IF (NEW.id, NEW.kind, NEW.subject, NEW.drafted_by, NEW.drafted_at) IS DISTINCT FROM
        (OLD.id, OLD.kind, OLD.subject, OLD.drafted_by, OLD.drafted_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'what a change request is about never changes';
      END IF;
      IF NEW.revision <= OLD.revision THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'every step of a change request is counted';
      END IF;
      -- Whoever agrees agrees to what was proposed: only a draft can be altered, and it names nobody who stands behind it.
      IF NEW.state <> 'draft' AND (NEW.after, NEW.before, NEW.base_version, NEW.reason) IS DISTINCT FROM
        (OLD.after, OLD.before, OLD.base_version, OLD.reason) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'only a draft is altered';
      END IF;
      IF OLD.state <> 'draft' AND NEW.state <> 'draft' AND
        (NEW.proposer, NEW.proposer_person) IS DISTINCT FROM (OLD.proposer, OLD.proposer_person) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'the proposer stays';
      END IF;
      IF OLD.state = 'draft' AND NEW.state NOT IN ('draft', 'proposed', 'withdrawn')
        OR OLD.state = 'scheduled' AND NEW.state NOT IN ('applied', 'withdrawn', 'stale') THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a change request goes step by step';
      END IF;
      IF OLD.state = 'scheduled' AND (NEW.approver, NEW.approver_person, NEW.activate_at) IS DISTINCT FROM
        (OLD.approver, OLD.approver_person, OLD.activate_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'the approver stays';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER change_request_goes_on BEFORE UPDATE OR DELETE ON change_requests
      FOR EACH ROW EXECUTE FUNCTION senid_change_request_goes_on();

    CREATE FUNCTION senid_change_request_begins() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.state <> 'draft' OR NEW.proposer IS NOT NULL OR NEW.approver IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a change request begins as a draft';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER change_request_begins BEFORE INSERT ON change_requests
      FOR EACH ROW EXECUTE FUNCTION senid_change_request_begins()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE change_requests;
    DROP FUNCTION senid_change_request_goes_on(), senid_change_request_begins()`);
}
