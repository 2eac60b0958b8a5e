import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { Bilingual, Client, ClientTerms, Contacts, Fault, Sector } from './client.ts';
import type { Ending } from './expiring.ts';
import { legible, legibleTerms } from './legible.ts';
import { parseRegistration } from './registration.ts';

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
  sector: Sector | null;
  contacts: Contacts | null;
  previous_secret_hash: Buffer | null;
  previous_secret_until: Date | null;
  legal_entity_id: string;
  entity_vi: string;
  entity_en: string;
  change_request_id: string | null;
}

/** A row is believed only after it has passed the same rules as a registration: rules may have grown, rows may be edited. */
function fromRow(row: ClientRow): { client: Client } | { faults: readonly Fault[] } {
  const name = legible({ vi: row.name_vi, en: row.name_en });
  const contact = {
    ...(row.contact === null ? {} : { contact: row.contact }),
    ...(row.sector === null ? {} : { sector: row.sector }),
    ...(row.contacts === null ? {} : { contacts: row.contacts }),
  };
  const parsed = parseRegistration({
    clientId: row.client_id,
    relyingParty: {
      id: row.relying_party_id,
      name,
      legalEntity: { id: row.legal_entity_id, name: legible({ vi: row.entity_vi, en: row.entity_en }) },
      mark: row.mark,
      colour: row.colour,
      ...contact,
    },
    environment: row.environment,
    fapi: row.fapi,
    metadata: row.metadata,
    ...legibleTerms(row.terms),
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
      ...(row.previous_secret_hash === null || row.previous_secret_until === null
        ? {}
        : { previousSecret: { hash: row.previous_secret_hash, until: row.previous_secret_until } }),
      ...(row.disabled_at === null ? {} : { disabledAt: row.disabled_at }),
    },
  };
}

const columns =
  sql.raw(`c.client_id, c.environment, c.fapi, c.metadata, c.secret_hash, c.terms, c.disabled_at, c.version, c.change_request_id,
  c.previous_secret_hash, c.previous_secret_until,
  r.id AS relying_party_id, r.name_vi, r.name_en, r.mark, r.colour, r.contact, r.sector, r.contacts,
  e.id AS legal_entity_id, e.name_vi AS entity_vi, e.name_en AS entity_en`);

const tables = sql.raw(`clients c JOIN relying_parties r ON r.id = c.relying_party_id
  JOIN legal_entities e ON e.id = r.legal_entity_id`);

/** One client by its key and the change request that made it what it is, or why its row is not believed. */
export async function find(
  database: Queryable,
  clientId: string,
): Promise<{ client: Client; changeRequest: string | undefined } | { faults: readonly Fault[] } | undefined> {
  const row = await database.row<ClientRow>(sql`SELECT ${columns} FROM ${tables} WHERE c.client_id = ${clientId}`);
  return row && { ...fromRow(row), changeRequest: row.change_request_id ?? undefined };
}

/** Clients by id, after one of them. A row that is not believed is left out. */
export async function page(
  database: Queryable,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<{ clients: Client[]; last: string | undefined }> {
  const rows = await database.rows<ClientRow>(
    sql`SELECT ${columns} FROM ${tables} WHERE c.client_id > ${after} ORDER BY c.client_id LIMIT ${limit}`,
  );
  const clients = rows.map(fromRow).flatMap((result) => ('client' in result ? [result.client] : []));
  return { clients, last: rows.length < limit ? undefined : rows.at(-1)?.client_id };
}

/** Those of whose keys or secrets one ends before a moment, or has ended, the soonest first, without their registrations. */
export async function ending(
  database: Queryable,
  { now, before, limit }: { readonly now: Date; readonly before: Date; readonly limit: number },
): Promise<Ending[]> {
  const rows = await database.rows<{
    client_id: string;
    keys: Record<string, string> | null;
    secret: string | null;
    former: Date | null;
  }>(sql`
    SELECT client_id, terms->'keyExpiry' AS keys, terms->>'secretExpiresAt' AS secret, previous_secret_until AS former
    FROM clients WHERE client_id IN (
      (SELECT client_id FROM clients WHERE disabled_at IS NULL AND senid_soonest_end(terms) < ${before.toISOString()}
       ORDER BY senid_soonest_end(terms), client_id LIMIT ${limit})
      UNION ALL
      (SELECT client_id FROM clients WHERE previous_secret_until > ${now} AND previous_secret_until < ${before}
       ORDER BY previous_secret_until, client_id LIMIT ${limit}))
      AND disabled_at IS NULL`);
  return rows.map(({ client_id, keys, secret, former }) => ({
    clientId: client_id,
    ...(keys === null ? {} : { keyExpiry: keys }),
    ...(secret === null ? {} : { secretExpiresAt: secret }),
    ...(former === null ? {} : { formerSecretUntil: former }),
  }));
}

/** A line of a list of clients: enough to find one, without its registration. */
export interface ClientLine {
  readonly clientId: string;
  readonly name: Bilingual;
  readonly relyingParty: string;
  readonly legalEntity: string;
  readonly environment: 'sandbox' | 'production';
  readonly sector?: Sector;
  readonly fapi: boolean;
  readonly disabled: boolean;
  readonly registeredAt: Date;
}

/** What to look for among clients. */
export interface ClientSearch {
  /** Beginnings of words of names, ids and redirect URIs, with or without marks. */
  readonly text?: string;
  readonly environment?: 'sandbox' | 'production';
  readonly sector?: Sector;
  readonly relyingParty?: string;
  /** The client id that the last page ended with. */
  readonly after?: string;
  readonly limit: number;
}

export async function search(database: Queryable, wanted: ClientSearch): Promise<ClientLine[]> {
  const { text, environment, sector, relyingParty, after, limit } = wanted;
  const conditions = [
    sql`c.client_id > ${after ?? ''}`,
    ...(environment === undefined ? [] : [sql`c.environment = ${environment}`]),
    ...(sector === undefined ? [] : [sql`r.sector = ${sector}`]),
    ...(relyingParty === undefined ? [] : [sql`c.relying_party_id = ${relyingParty}`]),
    // Each word is letters and digits when it comes out of the function: nothing of it is an operator of the query.
    ...(text === undefined
      ? []
      : [
          sql`c.search @@ (SELECT coalesce(string_agg(word || ':*', ' & '), '')::tsquery
            FROM unnest(senid_search_words(${text})) AS word)`,
        ]),
  ];
  const rows = await database.rows<{
    client_id: string;
    name_vi: string;
    name_en: string;
    relying_party_id: string;
    legal_entity_id: string;
    environment: 'sandbox' | 'production';
    sector: Sector | null;
    fapi: boolean;
    disabled: boolean;
    registered_at: Date;
  }>(sql`
    SELECT c.client_id, r.name_vi, r.name_en, r.id AS relying_party_id, r.legal_entity_id, c.environment, r.sector, c.fapi,
      c.disabled_at IS NOT NULL AS disabled, c.registered_at
    FROM clients c JOIN relying_parties r ON r.id = c.relying_party_id
    WHERE ${sql.join(conditions, ' AND ')} ORDER BY c.client_id LIMIT ${limit}`);
  return rows.map((row) => ({
    clientId: row.client_id,
    name: legible({ vi: row.name_vi, en: row.name_en }),
    relyingParty: row.relying_party_id,
    legalEntity: row.legal_entity_id,
    environment: row.environment,
    ...(row.sector === null ? {} : { sector: row.sector }),
    fapi: row.fapi,
    disabled: row.disabled,
    registeredAt: row.registered_at,
  }));
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

/** By what name the relying parties of one legal entity know a person. */
export interface KnownSubject {
  readonly legalEntity: string;
  readonly sub: string;
  readonly since: Date;
}

/** Every name that a person goes by outside, the newest first. */
export const subjectsOf = (database: Queryable, subscriberId: string): Promise<KnownSubject[]> =>
  database.rows<KnownSubject>(sql`
    SELECT legal_entity_id AS "legalEntity", sub, created_at AS since FROM pairwise_subjects
    WHERE subscriber_id = ${subscriberId} ORDER BY created_at DESC, legal_entity_id`);

/** The clients that know this person, each with the name that it knows, and whether it hears security events. */
export const clientsKnowing = (
  database: Queryable,
  subscriberId: string,
): Promise<{ readonly clientId: string; readonly sub: string; readonly hearsEvents: boolean }[]> =>
  database.rows(sql`
    SELECT c.client_id AS "clientId", s.sub, c.terms ->> 'eventsUri' IS NOT NULL AS "hearsEvents" FROM pairwise_subjects s
    JOIN relying_parties r ON r.legal_entity_id = s.legal_entity_id JOIN clients c ON c.relying_party_id = r.id
    WHERE s.subscriber_id = ${subscriberId} AND c.disabled_at IS NULL
    ORDER BY c.client_id`);
