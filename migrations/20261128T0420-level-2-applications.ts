import type { Knex } from 'knex';

/** How an officer looks for what to do next: all of them, those of a province, those of an office; each by deadline and by age. */
const SCOPES = ['', 'province, ', 'office, '] as const;

/**
 * Applications for level 2, at a counter (domain model 8b). What the state machine promises stands here too: an approved one has
 * a genuine card, a face and fingerprints, of which a second officer may have overridden one; of one number only one is open; and
 * what is practised in a training office never names an account.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE level_2_applications (
      id uuid PRIMARY KEY,
      reference text NOT NULL UNIQUE CHECK (reference ~ '^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$'),
      form text NOT NULL CHECK (form IN ('TK01', 'FOREIGN_L2', 'WARD_L2')),
      state text NOT NULL CHECK (state IN ('SUBMITTED', 'CHECKING', 'NEEDS_INFO', 'APPROVED', 'REFUSED', 'WITHDRAWN')),
      reason text,
      -- Rises with every change: whoever works on an older one has lost it.
      revision integer NOT NULL DEFAULT 1,
      training boolean NOT NULL,
      policy text NOT NULL,
      office text NOT NULL REFERENCES offices,
      -- The province that the office belongs to, or is; none for the nation's.
      province text REFERENCES offices,
      received_by uuid NOT NULL,
      -- Who has it in hand.
      officer uuid,
      -- What was said, what the register answered and which card was read, sealed; taken out once nobody needs it any more.
      applicant bytea,
      number_hash bytea NOT NULL CHECK (octet_length(number_hash) = 32),
      received_at timestamptz NOT NULL,
      due_at timestamptz NOT NULL,
      answer_before timestamptz,
      -- An override that waits for its second officer: what is asked, sealed, and the hash of what is shown to them.
      proposal bytea,
      shown_hash bytea CHECK (octet_length(shown_hash) = 32),
      decided_at timestamptz,
      decided_by uuid,
      second_officer uuid,
      -- The account that it lifted or opened, and the one that somebody else had opened in this name.
      account_id uuid,
      retired_id uuid,
      -- Whether the person has bound something new in presence; a ward's account has no sign-in of its own.
      binding text CHECK (binding IN ('waiting', 'bound', 'none')),
      binding_hash bytea UNIQUE CHECK (octet_length(binding_hash) = 32),
      binding_browser bytea CHECK (octet_length(binding_browser) = 32),
      binding_before timestamptz,
      -- When the card was last read again of somebody who had left before binding.
      card_shown_at timestamptz,
      phase text NOT NULL GENERATED ALWAYS AS (CASE
        WHEN state = 'SUBMITTED' THEN 'received'
        WHEN state = 'CHECKING' AND proposal IS NOT NULL THEN 'second'
        WHEN state = 'CHECKING' THEN 'checking'
        WHEN state = 'NEEDS_INFO' THEN 'needs_info'
        WHEN binding = 'waiting' THEN 'binding'
        ELSE 'over' END) STORED,
      CONSTRAINT decided_has_a_time CHECK ((state IN ('APPROVED', 'REFUSED', 'WITHDRAWN')) = (decided_at IS NOT NULL)),
      -- Nobody sits in the office of a deadline: what was not answered in time is refused by the calendar.
      CONSTRAINT decided_by_somebody CHECK (decided_at IS NULL OR decided_by IS NOT NULL OR reason = 'not_answered'),
      CONSTRAINT refused_has_a_reason CHECK ((state = 'REFUSED') = (reason IS NOT NULL)),
      CONSTRAINT checked_by_somebody CHECK (state <> 'CHECKING' OR officer IS NOT NULL),
      CONSTRAINT proposed_whole CHECK ((proposal IS NULL) = (shown_hash IS NULL) AND (proposal IS NULL OR state = 'CHECKING')),
      CONSTRAINT two_officers CHECK (second_officer IS NULL OR second_officer <> decided_by),
      CONSTRAINT approved_is_bound_or_waits CHECK ((state = 'APPROVED') = (binding IS NOT NULL)),
      CONSTRAINT approved_has_an_account CHECK (CASE WHEN training THEN account_id IS NULL AND retired_id IS NULL
        ELSE (state = 'APPROVED') = (account_id IS NOT NULL) END),
      CONSTRAINT retired_is_another CHECK (retired_id IS NULL OR retired_id <> account_id)
    );
    CREATE UNIQUE INDEX level_2_applications_one_open ON level_2_applications (number_hash, training)
      WHERE state IN ('SUBMITTED', 'CHECKING', 'NEEDS_INFO');
    CREATE INDEX level_2_applications_of_number ON level_2_applications (number_hash, received_at);
    CREATE INDEX level_2_applications_unanswered ON level_2_applications (answer_before) WHERE state = 'NEEDS_INFO';
    CREATE INDEX level_2_applications_kept ON level_2_applications (decided_at) WHERE applicant IS NOT NULL AND decided_at IS NOT NULL;

    CREATE TABLE level_2_checks (
      application_id uuid NOT NULL REFERENCES level_2_applications,
      number integer NOT NULL,
      kind text NOT NULL CHECK (kind IN ('register_match', 'guardian', 'card', 'face_match', 'fingerprint_match', 'portrait_match', 'override')),
      result text NOT NULL CHECK (result IN ('passed', 'failed', 'inconclusive', 'not_performed')),
      officer uuid NOT NULL,
      policy text NOT NULL,
      detail jsonb NOT NULL DEFAULT '{}',
      made_at timestamptz NOT NULL,
      PRIMARY KEY (application_id, number)
    );
    -- A capture of fingerprints counts once.
    CREATE UNIQUE INDEX level_2_checks_capture ON level_2_checks ((detail ->> 'capture')) WHERE kind = 'fingerprint_match';
    CREATE TRIGGER level_2_checks_append_only BEFORE UPDATE OR DELETE ON level_2_checks
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change();

    -- Faces, sealed, for as long as it takes to decide: the one just taken, and what it was compared with.
    CREATE TABLE level_2_pictures (
      application_id uuid NOT NULL REFERENCES level_2_applications,
      kind text NOT NULL CHECK (kind IN ('taken', 'chip', 'reference')),
      picture bytea NOT NULL,
      taken_at timestamptz NOT NULL,
      PRIMARY KEY (application_id, kind)
    );
    CREATE INDEX level_2_pictures_taken ON level_2_pictures (taken_at);

    CREATE FUNCTION senid_level_2_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE overridden text;
    BEGIN
      IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an application that was handed in stays';
      END IF;
      IF NEW.revision <= OLD.revision THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'every step of an application is counted';
      END IF;
      IF (NEW.id, NEW.reference, NEW.form, NEW.training, NEW.number_hash, NEW.received_at, NEW.received_by)
        IS DISTINCT FROM (OLD.id, OLD.reference, OLD.form, OLD.training, OLD.number_hash, OLD.received_at, OLD.received_by)
        OR OLD.state <> 'NEEDS_INFO' AND NEW.due_at IS DISTINCT FROM OLD.due_at THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'what an application is about never changes';
      END IF;
      IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('SUBMITTED', 'CHECKING'), ('SUBMITTED', 'REFUSED'), ('SUBMITTED', 'WITHDRAWN'),
        ('CHECKING', 'NEEDS_INFO'), ('CHECKING', 'APPROVED'), ('CHECKING', 'REFUSED'), ('CHECKING', 'WITHDRAWN'),
        ('NEEDS_INFO', 'CHECKING'), ('NEEDS_INFO', 'REFUSED'), ('NEEDS_INFO', 'WITHDRAWN')) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an application goes step by step';
      END IF;
      IF OLD.decided_at IS NOT NULL AND (NEW.reason, NEW.decided_at, NEW.decided_by, NEW.second_officer, NEW.account_id, NEW.retired_id)
        IS DISTINCT FROM (OLD.reason, OLD.decided_at, OLD.decided_by, OLD.second_officer, OLD.account_id, OLD.retired_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a decided application stays as it is';
      END IF;
      IF OLD.binding = 'bound' AND NEW.binding <> 'bound' THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'what is bound was bound';
      END IF;
      IF NEW.state = 'APPROVED' AND OLD.state <> 'APPROVED' THEN
        SELECT c.detail ->> 'check' INTO overridden FROM level_2_checks c
          WHERE c.application_id = NEW.id AND c.kind = 'override' AND c.result = 'passed' AND c.officer = NEW.second_officer
            AND NEW.second_officer <> NEW.decided_by
          ORDER BY c.number DESC LIMIT 1;
        IF (overridden IS NULL) <> (NEW.second_officer IS NULL) OR EXISTS (
          -- What was found last counts.
          SELECT FROM unnest(ARRAY['register_match', 'card', 'face_match', 'fingerprint_match', 'portrait_match']
              || CASE NEW.form WHEN 'WARD_L2' THEN ARRAY['guardian'] ELSE '{}' END) AS need (kind)
          LEFT JOIN LATERAL (SELECT c.result FROM level_2_checks c WHERE c.application_id = NEW.id AND c.kind = need.kind
            ORDER BY c.number DESC LIMIT 1) AS last ON true
          WHERE CASE WHEN need.kind IS NOT DISTINCT FROM overridden THEN last.result IS NULL OR last.result = 'passed'
            ELSE last.result IS DISTINCT FROM 'passed' END) THEN
          RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an approved application has all its checks passed';
        END IF;
      END IF;
      -- No picture outlives the decision.
      IF NEW.decided_at IS NOT NULL AND OLD.decided_at IS NULL THEN
        DELETE FROM level_2_pictures WHERE application_id = NEW.id;
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER level_2_goes_on BEFORE UPDATE OR DELETE ON level_2_applications
      FOR EACH ROW EXECUTE FUNCTION senid_level_2_goes_on();

    CREATE FUNCTION senid_level_2_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- Locked: what is decided in this moment is seen.
      PERFORM FROM level_2_applications WHERE id = NEW.application_id AND decided_at IS NULL FOR SHARE;
      IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'nothing is added to a decided application';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER level_2_checks_open BEFORE INSERT ON level_2_checks
      FOR EACH ROW EXECUTE FUNCTION senid_level_2_is_open();
    CREATE TRIGGER level_2_pictures_open BEFORE INSERT OR UPDATE ON level_2_pictures
      FOR EACH ROW EXECUTE FUNCTION senid_level_2_is_open()`);
  for (const [scope, name] of SCOPES.map((one) => [one, one.split(',')[0] || 'all'] as const))
    for (const by of ['due_at', 'received_at'])
      await knex.raw(`CREATE INDEX level_2_queue_${name}_${by} ON level_2_applications (training, ${scope}phase, ${by}, id)
        WHERE phase <> 'over'`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE level_2_pictures, level_2_checks, level_2_applications;
    DROP FUNCTION senid_level_2_goes_on(), senid_level_2_is_open()`);
}
