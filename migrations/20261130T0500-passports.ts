import type { Knex } from 'knex';

/**
 * The passport of a foreigner, which runs out apart from their residence card: its last day, and what was done about it; and what the
 * register says of a new one.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE subscribers ADD COLUMN passport_expires_on date, ADD COLUMN passport_expiry_met date;
    CREATE INDEX subscribers_passport_expiry ON subscribers (passport_expires_on)
      WHERE passport_expires_on IS NOT NULL AND passport_expiry_met IS DISTINCT FROM passport_expires_on
        AND state = 'active';
    ALTER TABLE register_standings DROP CONSTRAINT register_standings_aspect_check, DROP CONSTRAINT value_of_its_aspect;
    ALTER TABLE register_standings
      ADD CONSTRAINT register_standings_aspect_check CHECK (aspect IN ('life', 'number', 'name', 'card', 'passport')),
      ADD CONSTRAINT value_of_its_aspect CHECK ((aspect, value) IN (('life', 'alive'), ('life', 'deceased'),
        ('number', 'current'), ('number', 'cancelled'), ('number', 'replaced'), ('name', 'corrected'),
        ('card', 'valid'), ('card', 'held'), ('card', 'revoked'), ('passport', 'valid')))`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE register_standings DROP CONSTRAINT register_standings_aspect_check, DROP CONSTRAINT value_of_its_aspect;
    ALTER TABLE register_standings
      ADD CONSTRAINT register_standings_aspect_check CHECK (aspect IN ('life', 'number', 'name', 'card')) NOT VALID,
      ADD CONSTRAINT value_of_its_aspect CHECK ((aspect, value) IN (('life', 'alive'), ('life', 'deceased'),
        ('number', 'current'), ('number', 'cancelled'), ('number', 'replaced'), ('name', 'corrected'),
        ('card', 'valid'), ('card', 'held'), ('card', 'revoked'))) NOT VALID;
    ALTER TABLE subscribers DROP COLUMN passport_expires_on, DROP COLUMN passport_expiry_met`);
}
