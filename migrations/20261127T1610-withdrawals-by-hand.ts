import type { Knex } from 'knex';

/**
 * A relying party that listens to nothing is told of a withdrawal by somebody of ours, who writes down when; and it confirms
 * nothing that it was not told.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE consent_withdrawals
      ADD COLUMN told_at timestamptz,
      ADD CONSTRAINT only_hands_tell_later CHECK (told = 'by_hand' OR told_at IS NULL),
      ADD CONSTRAINT told_before_confirmed CHECK (told <> 'by_hand' OR confirmed_at IS NULL OR told_at IS NOT NULL)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE consent_withdrawals DROP COLUMN told_at');
}
