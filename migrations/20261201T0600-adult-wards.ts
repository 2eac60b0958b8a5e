import type { Knex } from 'knex';

/** What holds of every row of a guardianship; `begins`, `changes` and `hands` say what else there is to ask. */
const goesOn = ({
  begins,
  changes,
  ended,
}: {
  readonly begins: string;
  readonly changes: string;
  readonly ended: string;
}): string => `
    CREATE OR REPLACE FUNCTION senid_guardianship_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- Invariant 3: a ward's account is made by a guardian with level 2, at this moment.
      IF TG_OP = 'INSERT' THEN
        IF NOT senid_level_2_stands(NEW.guardian_id) THEN
          RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a guardian acts with level 2';
        END IF;${begins}
        RETURN NEW;
      END IF;
      IF TG_OP = 'DELETE' OR (NEW.ward_id, NEW.guardian_id, NEW.application_id, NEW.began_at) IS DISTINCT FROM
          (OLD.ward_id, OLD.guardian_id, OLD.application_id, OLD.began_at) OR ${ended}
        OR (OLD.handed_over_at IS NOT NULL AND (NEW.handed_over_at, NEW.view_until, NEW.policy) IS DISTINCT FROM
          (OLD.handed_over_at, OLD.view_until, OLD.policy)) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a guardianship goes step by step';
      END IF;${changes}
      RETURN NEW;
    END $$`;

const BEFORE = { begins: '', changes: '', ended: 'OLD.ended_at IS NOT NULL' };

const SINCE = {
  // One at a time, whoever asks in the same moment; and nobody looks after what its holder has taken over.
  begins: `
        PERFORM pg_advisory_xact_lock(hashtextextended('guardianship of ' || NEW.ward_id, 0));
        IF EXISTS (SELECT FROM guardianships g WHERE g.ward_id = NEW.ward_id
            AND (g.ended_at IS NULL OR g.handed_over_at IS NOT NULL)) THEN
          RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'one guardian at a time, of an account that nobody has taken over';
        END IF;`,
  // Of what has ended its holder may still take the account over, once; and the decision of the court may end after its guardian.
  ended: `(OLD.ended_at IS NOT NULL AND (NEW.ended_at, NEW.ended_ground) IS DISTINCT FROM (OLD.ended_at, OLD.ended_ground))
        OR (NEW.basis, NEW.until) IS DISTINCT FROM (OLD.basis, OLD.until)
        OR (OLD.released_at IS NOT NULL AND NEW.released_at IS DISTINCT FROM OLD.released_at)`,
  changes: `
      IF NEW.handed_over_at IS NOT NULL AND OLD.handed_over_at IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('guardianship of ' || NEW.ward_id, 0));
        -- A court has left an adult's affairs to somebody: until that is over nobody else has the account, the adult neither.
        IF NEW.basis = 'guardian_of_adult' AND NEW.released_at IS NULL OR EXISTS (SELECT FROM guardianships g
            WHERE g.ward_id = NEW.ward_id AND g.application_id <> NEW.application_id AND g.ended_at IS NULL) THEN
          RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'a court’s decision holds';
        END IF;
      END IF;`,
};

/**
 * Adults whom a court has declared without, or with limited, capacity are wards too (Civil Code 2015 Art. 22–24, 46–63; Decree 69/2024
 * Art. 7, 10). What the register named the guardian as stands with the guardianship; age ends none of an adult's, but the register's
 * word, or its last day. Another guardian may follow: one at a time. What stands already is of minors.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE guardianships
      ADD COLUMN basis text NOT NULL DEFAULT 'guardian_of_minor'
        CHECK (basis IN ('parent', 'guardian_of_minor', 'guardian_of_adult')),
      -- The last day in Viet Nam, where the register names one.
      ADD COLUMN until date,
      ADD COLUMN ended_ground text CHECK (ended_ground IN ('order_ended', 'passed_on', 'term_over')),
      -- Since when no decision of a court keeps its holder from taking the account over.
      ADD COLUMN released_at timestamptz,
      DROP CONSTRAINT handed_over_by_rules,
      ADD CONSTRAINT handed_over_by_rules CHECK ((handed_over_at IS NULL) = (view_until IS NULL)
        AND (handed_over_at IS NULL) = (policy IS NULL)),
      ADD CONSTRAINT ended_on_a_ground CHECK ((ended_at IS NOT NULL OR ended_ground IS NULL)
        AND (ended_at IS NULL OR ended_ground IS NOT NULL OR handed_over_at IS NOT NULL)
        AND (released_at IS NULL OR ended_at IS NOT NULL)),
      DROP CONSTRAINT guardianships_pkey,
      ADD PRIMARY KEY (ward_id, application_id);
    CREATE UNIQUE INDEX guardianships_one_at_a_time ON guardianships (ward_id) WHERE ended_at IS NULL;
    CREATE INDEX guardianships_until ON guardianships (until) WHERE until IS NOT NULL AND ended_at IS NULL`);
  await knex.raw(goesOn(SINCE));
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(goesOn(BEFORE));
  await knex.raw(`
    ALTER TABLE guardianships DISABLE TRIGGER guardianship_goes_on;
    -- Of several the newest is left, and one that ended without a hand-over as if nobody had looked after the account.
    DELETE FROM guardianships g WHERE (ended_at IS NOT NULL AND handed_over_at IS NULL) OR EXISTS (SELECT FROM guardianships o
      WHERE o.ward_id = g.ward_id AND (o.began_at, o.application_id) > (g.began_at, g.application_id));
    ALTER TABLE guardianships ENABLE TRIGGER guardianship_goes_on;
    DROP INDEX guardianships_one_at_a_time, guardianships_until;
    ALTER TABLE guardianships
      DROP CONSTRAINT ended_on_a_ground,
      DROP CONSTRAINT handed_over_by_rules,
      ADD CONSTRAINT handed_over_by_rules CHECK ((handed_over_at IS NULL) = (view_until IS NULL)
        AND (handed_over_at IS NULL) = (policy IS NULL) AND (ended_at IS NULL OR handed_over_at IS NOT NULL)),
      DROP CONSTRAINT guardianships_pkey,
      ADD PRIMARY KEY (ward_id),
      DROP COLUMN basis, DROP COLUMN until, DROP COLUMN ended_ground, DROP COLUMN released_at`);
}
