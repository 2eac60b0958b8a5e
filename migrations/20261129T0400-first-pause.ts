import type { Knex } from 'knex';

/** A limit may say how long its first pause is: after five faces that did not match, half a minute. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    'DROP FUNCTION senid_reserve_attempt(timestamptz, bytea[], integer[], integer[], integer[], integer[], integer[])',
  );
  // Whoever still asks with seven arguments is answered as before.
  await knex.raw(reserve('p_firsts integer[] DEFAULT NULL,', 'coalesce(p_firsts[i], 1) * '));
  await knex.raw(
    "CREATE UNIQUE INDEX authenticators_single_face ON authenticators (subscriber_id, kind) WHERE kind = 'face'",
  );
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX authenticators_single_face');
  await knex.raw(
    'DROP FUNCTION senid_reserve_attempt(timestamptz, bytea[], integer[], integer[], integer[], integer[], integer[], integer[])',
  );
  await knex.raw(reserve('', ''));
}

const reserve = (more: string, first: string): string => `
    CREATE FUNCTION senid_reserve_attempt(
      p_now timestamptz, p_keys bytea[], p_limits integer[], p_windows integer[], p_free integer[], p_pauses integer[],
      p_keep integer[], ${more} OUT refused_by integer, OUT retry_after integer, OUT first_attempts integer, OUT first_refusals integer
    ) LANGUAGE plpgsql AS $$
    DECLARE
      counter authentication_throttles;
      number integer;
      wait double precision;
    BEGIN
      refused_by := 0;
      retry_after := 0;
      FOR i IN 1 .. cardinality(p_keys) LOOP
        SELECT * INTO counter FROM authentication_throttles WHERE key = p_keys[i] FOR UPDATE;
        IF NOT FOUND THEN
          INSERT INTO authentication_throttles AS t (key, attempts, refusals, since, expires_at)
          VALUES (p_keys[i], 0, 0, p_now, p_now + make_interval(secs => p_keep[i]))
          ON CONFLICT (key) DO UPDATE SET attempts = t.attempts
          RETURNING * INTO counter;
        END IF;
        number := counter.attempts;
        IF p_windows[i] > 0 AND p_now >= counter.since + make_interval(secs => p_windows[i]) THEN
          number := 0;
        END IF;
        wait := 0;
        IF number >= p_limits[i] THEN
          wait := CASE WHEN p_windows[i] > 0
            THEN extract(epoch FROM counter.since + make_interval(secs => p_windows[i]) - p_now) ELSE 86400 END;
        ELSIF p_pauses[i] > 0 AND number >= p_free[i] AND counter.last_at IS NOT NULL THEN
          wait := least(p_pauses[i], ${first}power(2, least(number - p_free[i], 20)))
            - extract(epoch FROM p_now - counter.last_at);
        END IF;
        IF i = 1 THEN
          first_attempts := number;
          first_refusals := counter.refusals;
        END IF;
        IF refused_by = 0 AND wait > 0 THEN
          refused_by := i;
          retry_after := ceil(wait);
          first_refusals := counter.refusals;
          EXIT;
        END IF;
      END LOOP;
      IF refused_by > 0 THEN
        UPDATE authentication_throttles SET refusals = refusals + 1 WHERE key = p_keys[refused_by];
        RETURN;
      END IF;
      UPDATE authentication_throttles t SET
        attempts = CASE WHEN k.span > 0 AND p_now >= t.since + make_interval(secs => k.span) THEN 1 ELSE t.attempts + 1 END,
        refusals = CASE WHEN k.span > 0 AND p_now >= t.since + make_interval(secs => k.span) THEN 0 ELSE t.refusals END,
        since = CASE WHEN k.span > 0 AND p_now >= t.since + make_interval(secs => k.span) THEN p_now ELSE t.since END,
        last_at = p_now,
        expires_at = p_now + make_interval(secs => k.keep)
      FROM unnest(p_keys, p_windows, p_keep) AS k (key, span, keep)
      WHERE t.key = k.key;
      first_attempts := first_attempts + 1;
    END $$`;
