import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { ResourceServer, ResourceServerChange } from './resource-server.ts';

interface Row extends ResourceServerChange {
  readonly version: number;
}

const columns = sql.raw(`resource, relying_party_id AS "relyingParty", audience, scopes,
  access_token_format AS "accessTokenFormat", environment, disabled_at IS NOT NULL AS disabled, version`);

/** A resource server by its indicator, if it is not disabled. */
export async function usable(database: Queryable, resource: string): Promise<ResourceServer | undefined> {
  const found = await latest(database, resource);
  return found && !found.value.disabled ? withoutState(found.value) : undefined;
}

const withoutState = ({ disabled: _, ...server }: ResourceServerChange): ResourceServer => server;

/** As it is now, usable or not. */
export async function latest(
  on: Queryable,
  resource: string,
): Promise<{ readonly value: ResourceServerChange; readonly version: number } | undefined> {
  const row = await on.row<Row>(sql`SELECT ${columns} FROM resource_servers WHERE resource = ${resource}`);
  if (!row) return undefined;
  const { version, ...value } = row;
  return { value, version };
}

/** Which of them: one, or a page in the order of their indicators. */
export interface ResourceQuery {
  readonly resource?: string;
  readonly after?: string;
  readonly limit: number;
}

/** As they are now, usable or not. */
export async function list(on: Queryable, { resource, after, limit }: ResourceQuery): Promise<ResourceServerChange[]> {
  const rows = await on.rows<Row>(sql`SELECT ${columns} FROM resource_servers
    WHERE (${resource ?? null}::text IS NULL OR resource = ${resource ?? null}::text) AND resource > ${after ?? ''}
    ORDER BY resource LIMIT ${limit}`);
  return rows.map(({ version: _, ...value }) => value);
}

/** Holds it until the transaction ends, so that nobody changes it between a look and a change. */
export const hold = (resource: string): Sql =>
  sql`SELECT FROM resource_servers WHERE resource = ${resource} FOR NO KEY UPDATE`;

/** What a change request of two people made it. */
export interface Agreed {
  readonly changeRequest: string;
  readonly disabled: boolean;
  readonly now: Date;
}

/** New, or as it shall be from now on; in production the database asks for what two people agreed on. */
export const put = (server: ResourceServer, agreed?: Agreed): Sql => {
  const disabledAt = agreed?.disabled ? agreed.now : null;
  return sql`
  INSERT INTO resource_servers AS s (resource, relying_party_id, audience, scopes, access_token_format, environment,
    disabled_at, change_request_id)
  VALUES (${server.resource}, ${server.relyingParty}, ${server.audience}, ${server.scopes}, ${server.accessTokenFormat},
    ${server.environment}, ${disabledAt}, ${agreed?.changeRequest ?? null})
  ON CONFLICT (resource) DO UPDATE SET relying_party_id = excluded.relying_party_id, audience = excluded.audience,
    scopes = excluded.scopes, access_token_format = excluded.access_token_format, environment = excluded.environment,
    disabled_at = excluded.disabled_at, change_request_id = excluded.change_request_id, version = s.version + 1`;
};

/** Keeps what it has just become. */
export const keepVersion = (resource: string, value: ResourceServerChange, { changeRequest, now }: Agreed): Sql => sql`
  INSERT INTO resource_server_versions (resource, number, value, at, change_request_id)
  SELECT resource, version, ${JSON.stringify(value)}, ${now}, ${changeRequest} FROM resource_servers
  WHERE resource = ${resource}`;

/** What it was at a version. */
export const version = async (
  on: Queryable,
  resource: string,
  number: number,
): Promise<ResourceServerChange | undefined> =>
  (
    await on.row<{ value: ResourceServerChange }>(
      sql`SELECT value FROM resource_server_versions WHERE resource = ${resource} AND number = ${number}`,
    )
  )?.value;
