import type { Knex } from 'knex';

/**
 * That a message has arrived says that a relying party was told of a withdrawal, and not that it has stopped: what had been
 * written down as confirmed by an arrival is told. Whoever could not be reached (`given_up_at`) is told by hand.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE consent_withdrawals
      DROP CONSTRAINT only_hands_tell_later,
      ADD COLUMN given_up_at timestamptz;
    UPDATE consent_withdrawals SET told_at = confirmed_at, confirmed_at = NULL
      WHERE told <> 'by_hand' AND confirmed_at IS NOT NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    UPDATE consent_withdrawals SET told = 'by_hand' WHERE given_up_at IS NOT NULL;
    UPDATE consent_withdrawals SET confirmed_at = told_at, told_at = NULL WHERE told <> 'by_hand';
    ALTER TABLE consent_withdrawals
      DROP COLUMN given_up_at,
      ADD CONSTRAINT only_hands_tell_later CHECK (told = 'by_hand' OR told_at IS NULL)`);
}
