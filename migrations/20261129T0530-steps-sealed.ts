import type { Knex } from 'knex';

/**
 * The two decisive steps of a change request carry a seal under the master secret, written by the code that looked at who takes
 * them. What the database asks by itself (20261127T1310) is that both are operators: somebody with the server's own password
 * for the database can name two who are. Such a request is never made by us, and `senid doctor` and `senid audit verify` name
 * what was made by whoever wrote it.
 *
 * A migration knows no secret: what was proposed before lacks the seal and has to be proposed anew, what was applied before is
 * compared with the journal, with what it had until now. How far that is stands in a function, which is the owner's: the role
 * of the server cannot say that what it writes now was there already.
 */
export async function up(knex: Knex): Promise<void> {
  const { rows } = await knex.raw<{ rows: { reached: string }[] }>(
    'SELECT coalesce((SELECT max(sequence) FROM journal), 0) + (SELECT count(*) FROM journal_incoming) AS reached',
  );
  await knex.raw(`
    ALTER TABLE change_requests
      ADD COLUMN proposal_seal bytea CHECK (octet_length(proposal_seal) = 32),
      ADD COLUMN approval_seal bytea CHECK (octet_length(approval_seal) = 32);
    CREATE FUNCTION senid_steps_sealed_since() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT ${Number(rows[0]?.reached ?? 0)}::bigint'`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP FUNCTION senid_steps_sealed_since();
    ALTER TABLE change_requests DROP COLUMN proposal_seal, DROP COLUMN approval_seal`);
}
