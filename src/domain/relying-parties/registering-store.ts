import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Actor } from '../audit/index.ts';
import type { ParsedRegistration } from './registration.ts';

/** Whose change this is and by which change request, for as long as the transaction lasts: the version of the client says so. */
export const say = ({
  by,
  now,
  changeRequest,
}: {
  by: Actor;
  now: Date;
  changeRequest?: string | undefined;
}): Sql => sql`
  SELECT set_config('senid.actor', ${by.id === undefined ? by.kind : `${by.kind}:${by.id}`}, true),
    set_config('senid.at', ${now.toISOString()}, true), set_config('senid.change_request', ${changeRequest ?? ''}, true)`;

/** The legal entity a relying party stands under already. */
export async function sectorOf(database: Queryable, relyingPartyId: string): Promise<string | undefined> {
  const row = await database.row<{ legal_entity_id: string }>(
    sql`SELECT legal_entity_id FROM relying_parties WHERE id = ${relyingPartyId}`,
  );
  return row?.legal_entity_id;
}

/** Whether there is a client of this id. */
export const isClient = async (database: Queryable, clientId: string): Promise<boolean> =>
  (await database.row(sql`SELECT FROM clients WHERE client_id = ${clientId}`)) !== undefined;

/** Holds a client until the transaction ends, so that nobody changes it between a look and a change. */
export const hold = (clientId: string): Sql => sql`SELECT FROM clients WHERE client_id = ${clientId} FOR UPDATE`;

type Party = ParsedRegistration['relyingParty'];

const newEntity = ({ id, name }: Party['legalEntity']): Sql =>
  sql`INSERT INTO legal_entities AS e (id, name_vi, name_en) VALUES (${id}, ${name.vi}, ${name.en}) ON CONFLICT (id) DO UPDATE`;

const newParty = (party: Party): Sql => sql`
  INSERT INTO relying_parties AS r (id, legal_entity_id, name_vi, name_en, mark, colour, contact, sector, contacts)
  VALUES (${party.id}, ${party.legalEntity.id}, ${party.name.vi}, ${party.name.en}, ${party.mark}, ${party.colour},
    ${party.contact ?? null}, ${party.sector ?? null}, ${party.contacts ? JSON.stringify(party.contacts) : null})
  ON CONFLICT (id) DO UPDATE`;

/**
 * Makes them where they are new; where they are not they are held until the transaction ends, and nothing of them is changed. Who
 * registers the same ones at the same moment waits, and sees what stands there afterwards.
 */
export const holdLegalEntity = (entity: Party['legalEntity']): Sql =>
  sql`${newEntity(entity)} SET id = excluded.id WHERE false`;
export const holdRelyingParty = (party: Party): Sql => sql`${newParty(party)} SET id = excluded.id WHERE false`;

export const putLegalEntity = (entity: Party['legalEntity']): Sql => sql`${newEntity(entity)}
  SET name_vi = excluded.name_vi, name_en = excluded.name_en
  WHERE (e.name_vi, e.name_en) IS DISTINCT FROM (excluded.name_vi, excluded.name_en)`;

export const putRelyingParty = (party: Party): Sql => sql`${newParty(party)}
  SET name_vi = excluded.name_vi, name_en = excluded.name_en, mark = excluded.mark,
    colour = excluded.colour, contact = excluded.contact, sector = excluded.sector, contacts = excluded.contacts
  WHERE (r.name_vi, r.name_en, r.mark, r.colour, r.contact, r.sector, r.contacts) IS DISTINCT FROM
    (excluded.name_vi, excluded.name_en, excluded.mark, excluded.colour, excluded.contact, excluded.sector, excluded.contacts)`;

/** What is written of a client beside its registration. */
export interface ClientWrite {
  readonly now: Date;
  /** A new secret; the one there was stays without it. */
  readonly secretHash?: Buffer | undefined;
  /** The secret there was stays good until then, beside the new one. */
  readonly previousUntil?: Date | undefined;
  /** As it is without it. */
  readonly disabled?: boolean | undefined;
  readonly changeRequest?: string | undefined;
}

const terms = (registration: ParsedRegistration): string => {
  const { clientId: _, relyingParty: __, environment: ___, fapi: ____, metadata: _____, ...rest } = registration;
  return JSON.stringify(rest);
};

export const insertClient = (registration: ParsedRegistration, write: ClientWrite): Sql => sql`
  INSERT INTO clients (client_id, relying_party_id, environment, fapi, metadata, secret_hash, terms, registered_at,
    disabled_at, change_request_id)
  VALUES (${registration.clientId}, ${registration.relyingParty.id}, ${registration.environment}, ${registration.fapi},
    ${JSON.stringify(registration.metadata)}, ${write.secretHash ?? null}, ${terms(registration)}, ${write.now},
    ${write.disabled ? write.now : null}, ${write.changeRequest ?? null})
  ON CONFLICT (client_id) DO NOTHING`;

/** Changes a client where something differs, in one statement: the database looks at each row that is written. */
export const updateClient = (registration: ParsedRegistration, write: ClientWrite): Sql => {
  const secret = sql`${write.secretHash ?? null}::bytea`;
  const until = sql`${write.previousUntil ?? null}::timestamptz`;
  const disabled = sql`${write.disabled ?? null}::boolean`;
  const request = sql`${write.changeRequest ?? null}::uuid`;
  return sql`
  UPDATE clients SET relying_party_id = ${registration.relyingParty.id}, environment = ${registration.environment},
    fapi = ${registration.fapi}, metadata = ${JSON.stringify(registration.metadata)}, terms = ${terms(registration)},
    secret_hash = coalesce(${secret}, secret_hash),
    previous_secret_hash = CASE WHEN ${secret} IS NULL THEN previous_secret_hash WHEN ${until} IS NOT NULL THEN secret_hash END,
    previous_secret_until = CASE WHEN ${secret} IS NULL THEN previous_secret_until WHEN secret_hash IS NOT NULL THEN ${until} END,
    disabled_at = CASE WHEN ${disabled} IS NULL THEN disabled_at WHEN ${disabled} THEN coalesce(disabled_at, ${write.now}) END,
    change_request_id = coalesce(${request}, change_request_id)
  WHERE client_id = ${registration.clientId} AND (${request} IS NOT NULL
    OR (relying_party_id, environment, fapi, metadata, terms, secret_hash) IS DISTINCT FROM
      (${registration.relyingParty.id}, ${registration.environment}, ${registration.fapi}::boolean,
       ${JSON.stringify(registration.metadata)}::jsonb, ${terms(registration)}::jsonb, coalesce(${secret}, secret_hash)))`;
};

/** A new secret, and the old one beside it until its day. */
export const putSecret = (clientId: string, secretHash: Buffer, previousUntil: Date | undefined): Sql => sql`
  UPDATE clients SET secret_hash = ${secretHash},
    previous_secret_hash = CASE WHEN ${previousUntil ?? null}::timestamptz IS NOT NULL THEN secret_hash END,
    previous_secret_until = ${previousUntil ?? null}
  WHERE client_id = ${clientId} AND secret_hash IS NOT NULL AND environment = 'sandbox'`;

export const disableClient = (clientId: string, now: Date): Sql =>
  sql`UPDATE clients SET disabled_at = ${now} WHERE client_id = ${clientId} AND disabled_at IS NULL`;

/** A client in production is let in again by two people. */
export const enableClient = (clientId: string): Sql => sql`
  UPDATE clients SET disabled_at = NULL
  WHERE client_id = ${clientId} AND disabled_at IS NOT NULL AND environment = 'sandbox'`;
