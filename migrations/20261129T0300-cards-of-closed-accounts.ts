import type { Knex } from 'knex';

/**
 * A card that was bound to an account which is closed now may be bound to another one of its person: an account lets go of its
 * cards when it is closed, and here those do that were closed before. Nothing needs them back.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    DELETE FROM passkey_locators l USING authenticators a, subscribers s
    WHERE a.subscriber_id = l.subscriber_id AND a.id = l.authenticator_id AND a.kind = 'chip-card'
      AND s.id = l.subscriber_id AND s.state = 'closed'`);
}

export async function down(): Promise<void> {}
