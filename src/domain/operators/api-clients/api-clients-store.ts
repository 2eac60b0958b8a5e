import type { Queryable } from '../../../platform/database.ts';
import type { Sealer } from '../../../platform/sealed.ts';
import { type Sql, sql } from '../../../platform/sql.ts';
import { canonicalJson } from '../../../standards/canonical-json.ts';
import type { Role } from '../roles.ts';
import type { ApiClient } from './api-client.ts';

interface Row {
  id: string;
  operator_id: string;
  name: string;
  jwks: ApiClient['jwks'];
  roles: Role[];
  created_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
  seal: Buffer | null;
}

const columns = sql.raw('id, operator_id, name, jwks, roles, created_at, expires_at, revoked_at, seal');

const fromRow = (row: Row): ApiClient => ({
  ...{ id: row.id, operatorId: row.operator_id, name: row.name, jwks: row.jwks, roles: row.roles },
  ...{ createdAt: row.created_at, expiresAt: row.expires_at },
  ...(row.revoked_at ? { revokedAt: row.revoked_at } : {}),
});

/**
 * Says that this program was registered here by this operator, with these keys and roles, until then. Without the master
 * secret nobody makes one: a row that lacks it is no program, whoever wrote it.
 */
const sealOf = (sealer: Pick<Sealer, 'keyedHash'>, client: ApiClient): Buffer => {
  const { id, operatorId, name, jwks, roles, createdAt, expiresAt } = client;
  return sealer.keyedHash(`api client ${canonicalJson({ id, operatorId, name, jwks, roles, createdAt, expiresAt })}`);
};

/** One by its id, and whether it was registered here as it stands. */
export async function find(
  on: Queryable,
  id: string,
  sealer: Pick<Sealer, 'keyedHash'>,
): Promise<{ readonly client: ApiClient; readonly sealed: boolean } | undefined> {
  const row = await on.row<Row>(sql`SELECT ${columns} FROM operator_api_clients WHERE id = ${id}`);
  return row && judged(row, sealer);
}

const judged = (row: Row, sealer: Pick<Sealer, 'keyedHash'>) => {
  const client = fromRow(row);
  return { client, sealed: row.seal?.equals(sealOf(sealer, client)) ?? false };
};

/** Those that could be used now had they been registered here as they stand. */
export async function forged(on: Queryable, sealer: Pick<Sealer, 'keyedHash'>, now: Date): Promise<ApiClient[]> {
  const rows = await on.rows<Row>(sql`SELECT ${columns} FROM operator_api_clients
    WHERE revoked_at IS NULL AND expires_at > ${now} ORDER BY created_at, id`);
  return rows.map((row) => judged(row, sealer)).flatMap(({ client, sealed }) => (sealed ? [] : [client]));
}

/** The newest first, after one of them. */
export async function ofOperator(
  on: Queryable,
  operatorId: string,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<ApiClient[]> {
  const rows = await on.rows<Row>(sql`
    SELECT ${columns} FROM operator_api_clients WHERE operator_id = ${operatorId}
      AND (${after ?? null}::text IS NULL OR (created_at, id) <
        (SELECT created_at, id FROM operator_api_clients WHERE id = ${after ?? null} AND operator_id = ${operatorId}))
    ORDER BY created_at DESC, id DESC LIMIT ${limit}`);
  return rows.map(fromRow);
}

/** How many of an operator's can be used now. */
export const countUsable = async (on: Queryable, operatorId: string, now: Date): Promise<number> =>
  (
    await on.row<{ count: number }>(sql`SELECT count(*) FROM operator_api_clients
      WHERE operator_id = ${operatorId} AND revoked_at IS NULL AND expires_at > ${now}`)
  )?.count ?? 0;

/** Takes these keys for an operator for good; false when one of them is or was another's. */
export async function takeKeys(on: Queryable, operatorId: string, thumbprints: readonly string[]): Promise<boolean> {
  const another = async (): Promise<boolean> => {
    const row = await on.row<{ taken: boolean }>(sql`SELECT EXISTS (SELECT FROM operator_api_keys
      WHERE thumbprint = ANY (${thumbprints}) AND operator_id <> ${operatorId}) AS taken`);
    return row?.taken ?? true;
  };
  if (await another()) return false;
  for (const thumbprint of [...thumbprints].sort())
    await on.execute(sql`
      INSERT INTO operator_api_keys (thumbprint, operator_id) VALUES (${thumbprint}, ${operatorId}) ON CONFLICT DO NOTHING`);
  // Of two who take one at the same moment the second has waited for the first.
  return !(await another());
}

export const insert = (client: ApiClient, sealer: Pick<Sealer, 'keyedHash'>): Sql => sql`
  INSERT INTO operator_api_clients (id, operator_id, name, jwks, roles, created_at, expires_at, seal)
  VALUES (${client.id}, ${client.operatorId}, ${client.name}, ${JSON.stringify(client.jwks)}, ${client.roles}::text[],
    ${client.createdAt}, ${client.expiresAt}, ${sealOf(sealer, client)})`;

/** Of this operator and nobody else; no row when it is revoked already. */
export const revoke = (id: string, operatorId: string, now: Date): Sql => sql`
  UPDATE operator_api_clients SET revoked_at = ${now}
  WHERE id = ${id} AND operator_id = ${operatorId} AND revoked_at IS NULL`;
