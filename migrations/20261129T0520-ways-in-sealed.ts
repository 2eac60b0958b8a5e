import type { Knex } from 'knex';

/**
 * Each way in for an operator carries a seal under the master secret over whose it is: programs, sessions, invitations. Whoever
 * writes to the database and has not that secret lets nobody in, and moves nobody's way in to somebody else. (Passkeys have
 * been sealed whole, with their owner, from the start.)
 *
 * What stands here already cannot be sealed by a migration, which knows no secret, and is not believed later: whoever wrote it
 * before would be let in for good. So API clients end and are registered anew, with the same key if one likes; invitations that
 * are open end and are sent again; operators sign in once more.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE operator_api_clients ADD COLUMN seal bytea CHECK (octet_length(seal) = 32);
    ALTER TABLE operator_sessions ADD COLUMN seal bytea CHECK (octet_length(seal) = 32);
    ALTER TABLE operator_invitations ADD COLUMN seal bytea CHECK (octet_length(seal) = 32);
    UPDATE operator_api_clients SET revoked_at = now() WHERE revoked_at IS NULL;
    UPDATE operator_invitations SET expires_at = now() WHERE NOT used AND NOT reusable AND expires_at > now();
    -- One that is removed could come back as it was before it was revoked.
    CREATE TRIGGER operator_api_clients_are_kept BEFORE DELETE ON operator_api_clients
      FOR EACH ROW EXECUTE FUNCTION senid_refuse_change()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER operator_api_clients_are_kept ON operator_api_clients;
    ALTER TABLE operator_api_clients DROP COLUMN seal;
    ALTER TABLE operator_sessions DROP COLUMN seal;
    ALTER TABLE operator_invitations DROP COLUMN seal`);
}
