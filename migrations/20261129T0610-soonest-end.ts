import type { Knex } from 'knex';

/**
 * When the next key or secret of a client ends is what clients are found by, not whether any ever does: of ten thousand with dates in
 * two years none is read. Moments are ISO 8601 in UTC, which stand in their order as text.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION senid_soonest_end(terms jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
      SELECT min(moment) FROM (
        SELECT value AS moment FROM jsonb_each_text(CASE jsonb_typeof(terms->'keyExpiry') WHEN 'object' THEN terms->'keyExpiry' END)
        UNION ALL SELECT terms->>'secretExpiresAt') AS ends
    $$;
    CREATE INDEX clients_ending ON clients (senid_soonest_end(terms)) WHERE disabled_at IS NULL;
    CREATE INDEX clients_former_secret ON clients (previous_secret_until) WHERE previous_secret_until IS NOT NULL;
    DROP INDEX clients_expiring`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX clients_expiring ON clients (client_id)
      WHERE terms->'keyExpiry' IS NOT NULL OR terms->'secretExpiresAt' IS NOT NULL OR previous_secret_until IS NOT NULL;
    DROP INDEX clients_former_secret, clients_ending;
    DROP FUNCTION senid_soonest_end(jsonb)`);
}
