import type { Knex } from 'knex';

/**
 * Budgets that slide: a row holds the messages of the newest twelfth of its window, and of the twelve before it. Whatever
 * moment a window of that length begins at, what went out in it is at most their sum; a budget of calendar days let twice its
 * cap through around midnight. One row for each thing that is counted, so that whoever asks in the same moment waits for it.
 *
 * The version before counts in `message_budgets` as long as it runs beside this one; what it left is swept away, and the empty
 * table goes with a later release.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION senid_slid(counts integer[], twelfths bigint) RETURNS integer[] IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
      SELECT CASE WHEN twelfths <= 0 THEN counts WHEN twelfths > 12 THEN ARRAY[0]
        ELSE (array_fill(0, ARRAY[twelfths::integer]) || counts)[1:13] END
    $$;
    CREATE FUNCTION senid_in_all(counts integer[]) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
      SELECT coalesce(sum(n), 0) FROM unnest(counts) AS n
    $$;
    CREATE TABLE sliding_message_budgets (
      scope text NOT NULL,
      key bytea NOT NULL,
      newest bigint NOT NULL,
      counts integer[] NOT NULL,
      cap integer NOT NULL,
      counted_at timestamptz NOT NULL,
      PRIMARY KEY (scope, key),
      CONSTRAINT within_the_cap CHECK (senid_in_all(counts) <= cap),
      CONSTRAINT a_window_at_most CHECK (cardinality(counts) BETWEEN 1 AND 13)
    ) WITH (fillfactor = 60);
    CREATE INDEX sliding_message_budgets_age ON sliding_message_budgets (counted_at)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE sliding_message_budgets;
    DROP FUNCTION senid_in_all(integer[]);
    DROP FUNCTION senid_slid(integer[], bigint)`);
}
