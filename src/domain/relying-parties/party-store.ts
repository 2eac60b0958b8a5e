import type { Queryable } from '../../platform/database.ts';
import { sql } from '../../platform/sql.ts';
import type { Bilingual, Contacts, RelyingParty, Sector } from './client.ts';
import { legible } from './legible.ts';

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
