import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Client, ClientTerms, Fault } from './client.ts';
import type { ParsedRegistration } from './registration.ts';
import { parseRegistration } from './registration.ts';
import type { ResourceServer } from './resource-server.ts';

interface ClientRow {
  client_id: string;
  environment: 'sandbox' | 'production';
  fapi: boolean;
  metadata: Record<string, unknown>;
  secret_hash: Buffer | null;
  terms: ClientTerms;
  disabled_at: Date | null;
  version: number;
  relying_party_id: string;
  name_vi: string;
  name_en: string;
  mark: string;
  colour: string;
  contact: string | null;
  legal_entity_id: string;
  entity_vi: string;
  entity_en: string;
}

/** A row is believed only after it has passed the same rules as a registration: rules may have grown, rows may be edited. */
function fromRow(row: ClientRow): { client: Client } | { faults: readonly Fault[] } {
  const name = { vi: row.name_vi, en: row.name_en };
  const contact = row.contact === null ? {} : { contact: row.contact };
  const parsed = parseRegistration({
    clientId: row.client_id,
    relyingParty: {
      id: row.relying_party_id,
      name,
      legalEntity: { id: row.legal_entity_id, name: { vi: row.entity_vi, en: row.entity_en } },
      mark: row.mark,
      colour: row.colour,
      ...contact,
    },
    environment: row.environment,
    fapi: row.fapi,
    metadata: row.metadata,
    ...row.terms,
  });
  if (!parsed.parsed) return { faults: parsed.faults };
  return {
    client: {
      ...parsed.registration,
      relyingParty: {
        id: row.relying_party_id,
        name,
        legalEntity: row.legal_entity_id,
        mark: row.mark,
        colour: row.colour,
        ...contact,
      },
      version: row.version,
      ...(row.secret_hash === null ? {} : { secretHash: row.secret_hash }),
      ...(row.disabled_at === null ? {} : { disabledAt: row.disabled_at }),
    },
  };
}

const columns =
  sql.raw(`c.client_id, c.environment, c.fapi, c.metadata, c.secret_hash, c.terms, c.disabled_at, c.version,
  r.id AS relying_party_id, r.name_vi, r.name_en, r.mark, r.colour, r.contact,
  e.id AS legal_entity_id, e.name_vi AS entity_vi, e.name_en AS entity_en`);

const tables = sql.raw(`clients c JOIN relying_parties r ON r.id = c.relying_party_id
  JOIN legal_entities e ON e.id = r.legal_entity_id`);

/** One client by its key, or why its row is not believed. */
export async function find(
  database: Queryable,
  clientId: string,
): Promise<{ client: Client } | { faults: readonly Fault[] } | undefined> {
  const row = await database.row<ClientRow>(sql`SELECT ${columns} FROM ${tables} WHERE c.client_id = ${clientId}`);
  return row && fromRow(row);
}

/** Every client, by id: for consoles and for the list of the sandbox. */
export async function all(database: Queryable): Promise<Client[]> {
  const rows = await database.rows<ClientRow>(sql`SELECT ${columns} FROM ${tables} ORDER BY c.client_id`);
  return rows.map(fromRow).flatMap((result) => ('client' in result ? [result.client] : []));
}

/** The clients that changed after a number, and the number to ask with next. */
export async function changedAfter(
  database: Queryable,
  number: number,
): Promise<{ clientIds: string[]; number: number }> {
  const rows = await database.rows<{ client_id: string; version: number }>(
    sql`SELECT client_id, version FROM clients WHERE version > ${number} ORDER BY version`,
  );
  return { clientIds: rows.map((row) => row.client_id), number: rows.at(-1)?.version ?? number };
}

/** The number of the last change there was. */
export async function lastChange(database: Queryable): Promise<number> {
  const row = await database.row<{ number: number }>(sql`SELECT number FROM client_changes`);
  return row?.number ?? 0;
}

/** The legal entity a relying party stands under already. */
export async function sectorOf(database: Queryable, relyingPartyId: string): Promise<string | undefined> {
  const row = await database.row<{ legal_entity_id: string }>(
    sql`SELECT legal_entity_id FROM relying_parties WHERE id = ${relyingPartyId}`,
  );
  return row?.legal_entity_id;
}

/** The sector of a registered client. */
export async function clientSector(database: Queryable, clientId: string): Promise<string | undefined> {
  const row = await database.row<{ legal_entity_id: string }>(sql`
    SELECT r.legal_entity_id FROM clients c JOIN relying_parties r ON r.id = c.relying_party_id
    WHERE c.client_id = ${clientId}`);
  return row?.legal_entity_id;
}

const terms = (registration: ParsedRegistration): string => {
  const { clientId: _, relyingParty: __, environment: ___, fapi: ____, metadata: _____, ...rest } = registration;
  return JSON.stringify(rest);
};

export const putLegalEntity = ({ id, name }: ParsedRegistration['relyingParty']['legalEntity']): Sql => sql`
  INSERT INTO legal_entities AS e (id, name_vi, name_en) VALUES (${id}, ${name.vi}, ${name.en})
  ON CONFLICT (id) DO UPDATE SET name_vi = excluded.name_vi, name_en = excluded.name_en
  WHERE (e.name_vi, e.name_en) IS DISTINCT FROM (excluded.name_vi, excluded.name_en)`;

export const putRelyingParty = (party: ParsedRegistration['relyingParty']): Sql => sql`
  INSERT INTO relying_parties AS r (id, legal_entity_id, name_vi, name_en, mark, colour, contact)
  VALUES (${party.id}, ${party.legalEntity.id}, ${party.name.vi}, ${party.name.en}, ${party.mark}, ${party.colour},
    ${party.contact ?? null})
  ON CONFLICT (id) DO UPDATE SET name_vi = excluded.name_vi, name_en = excluded.name_en, mark = excluded.mark,
    colour = excluded.colour, contact = excluded.contact
  WHERE (r.name_vi, r.name_en, r.mark, r.colour, r.contact)
    IS DISTINCT FROM (excluded.name_vi, excluded.name_en, excluded.mark, excluded.colour, excluded.contact)`;

export const insertClient = (registration: ParsedRegistration, secretHash: Buffer | null, now: Date): Sql => sql`
  INSERT INTO clients (client_id, relying_party_id, environment, fapi, metadata, secret_hash, terms, registered_at)
  VALUES (${registration.clientId}, ${registration.relyingParty.id}, ${registration.environment}, ${registration.fapi},
    ${JSON.stringify(registration.metadata)}, ${secretHash}, ${terms(registration)}, ${now})
  ON CONFLICT (client_id) DO NOTHING`;

/** Changes a client where something differs; the secret stays unless a new one is given. */
export const updateClient = (registration: ParsedRegistration, secretHash: Buffer | null): Sql => sql`
  UPDATE clients SET relying_party_id = ${registration.relyingParty.id}, environment = ${registration.environment},
    fapi = ${registration.fapi}, metadata = ${JSON.stringify(registration.metadata)}, terms = ${terms(registration)},
    secret_hash = coalesce(${secretHash}, secret_hash)
  WHERE client_id = ${registration.clientId}
    AND (relying_party_id, environment, fapi, metadata, terms, secret_hash) IS DISTINCT FROM
      (${registration.relyingParty.id}, ${registration.environment}, ${registration.fapi}::boolean,
       ${JSON.stringify(registration.metadata)}::jsonb, ${terms(registration)}::jsonb, coalesce(${secretHash}, secret_hash))`;

export const disableClient = (clientId: string, now: Date): Sql =>
  sql`UPDATE clients SET disabled_at = ${now} WHERE client_id = ${clientId} AND disabled_at IS NULL`;

export const enableClient = (clientId: string): Sql =>
  sql`UPDATE clients SET disabled_at = NULL WHERE client_id = ${clientId} AND disabled_at IS NOT NULL`;

/** The stored sub; made by this statement when there was none. Nothing comes back when another request made it meanwhile. */
export async function subject(
  database: Queryable,
  key: { subscriberId: string; legalEntity: string },
  fresh: { sub: string; now: Date },
): Promise<string | undefined> {
  const row = await database.row<{ sub: string }>(sql`
    WITH known AS (
      SELECT sub FROM pairwise_subjects WHERE subscriber_id = ${key.subscriberId} AND legal_entity_id = ${key.legalEntity}
    ), made AS (
      INSERT INTO pairwise_subjects (subscriber_id, legal_entity_id, sub, created_at)
      SELECT ${key.subscriberId}, ${key.legalEntity}, ${fresh.sub}, ${fresh.now} WHERE NOT EXISTS (SELECT FROM known)
      ON CONFLICT DO NOTHING RETURNING sub
    )
    SELECT sub FROM known UNION ALL SELECT sub FROM made`);
  return row?.sub;
}

/** A resource server by its indicator, if it is not disabled. */
export const resourceServer = (database: Queryable, resource: string): Promise<ResourceServer | undefined> =>
  database.row<ResourceServer>(sql`
    SELECT resource, relying_party_id AS "relyingParty", audience, scopes, access_token_format AS "accessTokenFormat",
      environment
    FROM resource_servers WHERE resource = ${resource} AND disabled_at IS NULL`);

export const putResourceServer = (server: ResourceServer): Sql => sql`
  INSERT INTO resource_servers (resource, relying_party_id, audience, scopes, access_token_format, environment)
  VALUES (${server.resource}, ${server.relyingParty}, ${server.audience}, ${server.scopes}, ${server.accessTokenFormat},
    ${server.environment})
  ON CONFLICT (resource) DO UPDATE SET relying_party_id = excluded.relying_party_id, audience = excluded.audience,
    scopes = excluded.scopes, access_token_format = excluded.access_token_format, environment = excluded.environment`;

export async function countProductionClients(database: Queryable): Promise<number> {
  const row = await database.row<{ count: number }>(
    sql`SELECT count(*) AS count FROM clients WHERE environment = 'production'`,
  );
  return row?.count ?? 0;
}

export async function countSandboxClients(database: Queryable): Promise<number> {
  const row = await database.row<{ count: number }>(
    sql`SELECT count(*) AS count FROM clients WHERE environment = 'sandbox'`,
  );
  return row?.count ?? 0;
}
