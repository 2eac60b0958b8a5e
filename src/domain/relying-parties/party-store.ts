import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { Altered, ClientsBeside, KeptParty } from './changes/kept-party.ts';
import type { Bilingual, Contacts, RelyingParty, Sector } from './client.ts';
import { legible } from './legible.ts';
import type { ParsedRegistration } from './registration.ts';

/** A relying party with the name of the legal entity behind it. */
export interface PartyRecord extends RelyingParty {
  readonly entityName: Bilingual;
}

export async function party(on: Queryable, id: string): Promise<PartyRecord | undefined> {
  const row = await on.row<{
    name_vi: string;
    name_en: string;
    mark: string;
    colour: string;
    contact: string | null;
    sector: Sector | null;
    contacts: Contacts | null;
    legal_entity_id: string;
    entity_vi: string;
    entity_en: string;
  }>(sql`
    SELECT r.name_vi, r.name_en, r.mark, r.colour, r.contact, r.sector, r.contacts, r.legal_entity_id,
      e.name_vi AS entity_vi, e.name_en AS entity_en
    FROM relying_parties r JOIN legal_entities e ON e.id = r.legal_entity_id WHERE r.id = ${id}`);
  return (
    row && {
      id,
      name: legible({ vi: row.name_vi, en: row.name_en }),
      entityName: legible({ vi: row.entity_vi, en: row.entity_en }),
      legalEntity: row.legal_entity_id,
      mark: row.mark,
      colour: row.colour,
      ...(row.contact === null ? {} : { contact: row.contact }),
      ...(row.sector === null ? {} : { sector: row.sector }),
      ...(row.contacts === null ? {} : { contacts: row.contacts }),
    }
  );
}

/** What is kept of the relying party that a registration names, word for word, and what its client is of now. */
export async function keptParty(
  on: Queryable,
  { clientId, relyingParty }: Pick<ParsedRegistration, 'clientId' | 'relyingParty'>,
): Promise<KeptParty> {
  const row = await on.row<{
    party: NonNullable<KeptParty['party']> | null;
    entity_name: Bilingual | null;
    client: NonNullable<KeptParty['client']> | null;
  }>(sql`
    SELECT
      (SELECT jsonb_strip_nulls(jsonb_build_object('id', r.id, 'name', jsonb_build_object('vi', r.name_vi, 'en', r.name_en),
          'legalEntity', jsonb_build_object('id', e.id, 'name', jsonb_build_object('vi', e.name_vi, 'en', e.name_en)),
          'mark', r.mark, 'colour', r.colour, 'contact', r.contact, 'sector', r.sector, 'contacts', r.contacts))
        FROM relying_parties r JOIN legal_entities e ON e.id = r.legal_entity_id WHERE r.id = ${relyingParty.id}) AS party,
      (SELECT jsonb_build_object('vi', name_vi, 'en', name_en)
        FROM legal_entities WHERE id = ${relyingParty.legalEntity.id}) AS entity_name,
      (SELECT jsonb_build_object('party', r.id, 'entity', r.legal_entity_id)
        FROM clients c JOIN relying_parties r ON r.id = c.relying_party_id WHERE c.client_id = ${clientId}) AS client`);
  return {
    ...(row?.party ? { party: row.party } : {}),
    ...(row?.entity_name ? { entityName: row.entity_name } : {}),
    ...(row?.client ? { client: row.client } : {}),
  };
}

/** The clients, beside one, that bear what it alters. */
export async function clientsBeside(
  on: Queryable,
  clientId: string,
  { party, entity }: Altered,
): Promise<ClientsBeside> {
  if (party === undefined && entity === undefined) return { count: 0, first: [] };
  const rows = await on.rows<{ client_id: string; count: number }>(sql`
    SELECT c.client_id, count(*) OVER ()::integer AS count FROM clients c JOIN relying_parties r ON r.id = c.relying_party_id
    WHERE (r.id = ${party ?? null} OR r.legal_entity_id = ${entity ?? null}) AND c.client_id <> ${clientId}
    ORDER BY c.client_id LIMIT 10`);
  return { count: rows[0]?.count ?? 0, first: rows.map((row) => row.client_id) };
}
