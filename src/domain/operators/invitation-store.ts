import type { Queryable } from '../../platform/database.ts';
import { tokenHash } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { type Sql, sql } from '../../platform/sql.ts';

/** How often the identity number may be typed wrong. */
const TRIES = 5;

/** When it is, and where: what is reusable stands open in a sandbox alone. */
interface When {
  readonly now: Date;
  readonly sandbox: boolean;
}
const open = ({ now, sandbox }: When): Sql =>
  sql`NOT used AND expires_at > ${now} AND tries < ${TRIES} AND (NOT reusable OR ${sandbox}::boolean)`;

/** Says that this code is this operator's: nobody without the master secret makes an invitation, or moves one. */
const sealOf = (sealer: Pick<Sealer, 'keyedHash'>, code: string, operatorId: string): Buffer =>
  sealer.keyedHash(`invitation ${code} of ${operatorId}`);

/** The one invitation of an operator: a new one takes the place of the old, whose code then opens nothing. */
export const put = (
  sealer: Pick<Sealer, 'keyedHash'>,
  invitation: { operatorId: string; code: string; expiresAt: Date; reusable?: boolean },
): Sql => {
  const { operatorId, code, expiresAt, reusable = false } = invitation;
  return sql`INSERT INTO operator_invitations (operator_id, code_hash, seal, reusable, expires_at)
    VALUES (${operatorId}, ${tokenHash(code)}, ${sealOf(sealer, code, operatorId)}, ${reusable}, ${expiresAt})
    ON CONFLICT (operator_id) DO UPDATE SET code_hash = excluded.code_hash, seal = excluded.seal,
      reusable = excluded.reusable, expires_at = excluded.expires_at, tries = 0, used = false`;
};

/** Counts a try, before the number is looked at, so that parallel tries are all counted; whose invitation it is, if it is open. */
export async function tryCode(
  on: Queryable,
  code: string,
  { sealer, ...when }: When & { readonly sealer: Pick<Sealer, 'keyedHash'> },
): Promise<{ operatorId: string; tries: number } | undefined> {
  const row = await on.row<{ operatorId: string; tries: number; seal: Buffer | null }>(
    sql`UPDATE operator_invitations SET tries = tries + 1
      WHERE code_hash = ${tokenHash(code)} AND ${open(when)}
      RETURNING operator_id AS "operatorId", tries, seal`,
  );
  return row?.seal?.equals(sealOf(sealer, code, row.operatorId)) ? row : undefined;
}

/** Whose number fits has guessed nothing. */
export const giveBackTry = (code: string): Sql =>
  sql`UPDATE operator_invitations SET tries = greatest(tries - 1, 0) WHERE code_hash = ${tokenHash(code)}`;

/** Uses an invitation up, in the transaction that binds the passkey. One that is reusable stays, in a sandbox. */
export const use = (code: string, operatorId: string, when: When): Sql =>
  sql`UPDATE operator_invitations SET used = NOT reusable
    WHERE code_hash = ${tokenHash(code)} AND operator_id = ${operatorId} AND ${open(when)}`;

/** Whether somebody may still come in by it. */
export async function isOpen(on: Queryable, operatorId: string, when: When): Promise<boolean> {
  const row = await on.row(sql`SELECT 1 FROM operator_invitations
    WHERE operator_id = ${operatorId} AND ${open(when)}`);
  return row !== undefined;
}

export const end = (operatorId: string): Sql => sql`DELETE FROM operator_invitations WHERE operator_id = ${operatorId}`;
