import type { Queryable } from '../../platform/database.ts';
import { type Sql, sql } from '../../platform/sql.ts';
import type { Consent, ConsentEntry, Disclosure, DisclosureReceipt, PurposeWords } from './consent.ts';
import { textHashOf } from './purpose-store.ts';

/** The words of a purpose, where they were kept. */
interface WordsRow {
  vi: string | null;
  en: string | null;
}

interface EntryRow extends WordsRow {
  subscriber_id: string;
  client_id: string;
  purpose: string;
  id: string;
  act: 'given' | 'withdrawn';
  scopes: string[];
  claims: string[];
  text_version: string;
  language: 'vi' | 'en';
  text_hash: Buffer;
  given_by: Consent['givenBy'];
  at: Date;
}

const columns = sql.raw(`subscriber_id, client_id, purpose, id, act, scopes, claims, text_version, language, text_hash,
  given_by, at, vi, en`);

const wordsOf = ({ vi, en }: WordsRow): { readonly purposeWords?: PurposeWords } =>
  vi === null || en === null ? {} : { purposeWords: { vi, en } };

const fromRow = (row: EntryRow): Consent => ({
  id: row.id,
  subscriberId: row.subscriber_id,
  clientId: row.client_id,
  purpose: row.purpose,
  scopes: row.scopes,
  claims: row.claims,
  text: { version: row.text_version, language: row.language, hash: row.text_hash },
  ...wordsOf(row),
  givenBy: row.given_by,
  givenAt: row.at,
});

/** The consent that stands: the last entry, unless it takes back. */
export async function find(
  database: Queryable,
  subscriberId: string,
  clientId: string,
  purpose: string,
): Promise<Consent | undefined> {
  const row = await database.row<EntryRow>(sql`
    SELECT ${columns} FROM consent_entries LEFT JOIN purpose_texts t ON t.hash = purpose_text
    WHERE subscriber_id = ${subscriberId} AND client_id = ${clientId} AND purpose = ${purpose}
    ORDER BY number DESC LIMIT 1`);
  return row?.act === 'given' ? fromRow(row) : undefined;
}

/**
 * The condition that nothing was taken back between a person and a client since this consent was given, for a statement of somebody
 * else: who was found to agree when a request began may have withdrawn by the time it writes. One that is given in this very
 * statement stands.
 */
export const stillAgreed = (of: { readonly subscriber: Sql; readonly client: Sql; readonly consent: Sql }): Sql =>
  sql`NOT EXISTS (SELECT FROM consent_entries later WHERE later.act = 'withdrawn'
    AND later.subscriber_id = ${of.subscriber} AND later.client_id = ${of.client}
    AND later.number > (SELECT given.number FROM consent_entries given WHERE given.act = 'given'
      AND given.subscriber_id = ${of.subscriber} AND given.client_id = ${of.client} AND given.id = ${of.consent}))`;

/** Every consent of a person with what became of it, the newest first. */
export async function history(database: Queryable, subscriberId: string): Promise<ConsentEntry[]> {
  const rows = await database.rows<EntryRow & { next_act: 'given' | 'withdrawn' | null }>(sql`
    SELECT * FROM (
      SELECT ${columns}, number,
        lead(act) OVER (PARTITION BY client_id, purpose ORDER BY number) AS next_act
      FROM consent_entries LEFT JOIN purpose_texts t ON t.hash = purpose_text WHERE subscriber_id = ${subscriberId}
    ) entries WHERE act = 'given' ORDER BY number DESC`);
  return rows.map((row) => ({
    ...fromRow(row),
    state: row.next_act === null ? 'given' : row.next_act === 'withdrawn' ? 'withdrawn' : 'superseded',
  }));
}

export const insertEntry = (consent: Consent, act: 'given' | 'withdrawn', supersedes: string | null): Sql => sql`
  INSERT INTO consent_entries (subscriber_id, client_id, purpose, id, act, supersedes, scopes, claims, text_version,
    language, text_hash, purpose_text, given_by, at)
  VALUES (${consent.subscriberId}, ${consent.clientId}, ${consent.purpose}, ${consent.id}, ${act}, ${supersedes},
    ${consent.scopes}, ${consent.claims}, ${consent.text.version}, ${consent.text.language}, ${consent.text.hash},
    ${consent.purposeWords ? textHashOf(consent.purposeWords) : null}, ${consent.givenBy}, ${consent.givenAt})`;

export const insertDisclosure = (id: string, disclosure: Disclosure, now: Date): Sql => {
  const { ground, purposeWords } = disclosure;
  // On the ground of a consent it is the consent that says what for: no second copy with each of its receipts.
  const text = 'legalBasis' in ground && purposeWords ? textHashOf(purposeWords) : null;
  return sql`
    INSERT INTO disclosure_receipts (subscriber_id, id, client_id, consent_id, legal_basis, purpose_text, claims, carrier, at)
    VALUES (${disclosure.subscriberId}, ${id}, ${disclosure.clientId}, ${'consentId' in ground ? ground.consentId : null},
      ${'legalBasis' in ground ? ground.legalBasis : null}, ${text}, ${disclosure.claims}, ${disclosure.carrier}, ${now})`;
};

interface ReceiptRow extends WordsRow {
  id: string;
  client_id: string;
  consent_id: string | null;
  legal_basis: string | null;
  claims: string[];
  carrier: Disclosure['carrier'];
  at: Date;
}

/** To whom a claim has left, each once. */
export async function clientsTold(
  database: Queryable,
  { subscriberId, claim, since }: { readonly subscriberId: string; readonly claim: string; readonly since: Date },
): Promise<string[]> {
  const rows = await database.rows<{ client_id: string }>(sql`SELECT DISTINCT client_id FROM disclosure_receipts
    WHERE subscriber_id = ${subscriberId} AND at >= ${since} AND ${claim} = ANY (claims) ORDER BY client_id`);
  return rows.map(({ client_id }) => client_id);
}

/** What left, the newest first, and what for in the words of then: the page is cut first, and joined after. */
export async function disclosures(
  database: Queryable,
  subscriberId: string,
  query: {
    readonly limit: number;
    readonly clientId?: string | undefined;
    readonly before?: Pick<DisclosureReceipt, 'at' | 'id'> | undefined;
  },
): Promise<DisclosureReceipt[]> {
  const { before, clientId, limit } = query;
  const rows = await database.rows<ReceiptRow>(sql`
    SELECT r.id, r.client_id, r.consent_id, r.legal_basis, r.claims, r.carrier, r.at, t.vi, t.en FROM (
      SELECT * FROM disclosure_receipts
      WHERE subscriber_id = ${subscriberId}
        ${clientId === undefined ? sql.raw('') : sql`AND client_id = ${clientId}`}
        ${before === undefined ? sql.raw('') : sql`AND (at, id) < (${before.at}::timestamptz, ${before.id}::uuid)`}
      ORDER BY at DESC, id DESC LIMIT ${limit}) r
    LEFT JOIN consent_entries c ON c.act = 'given' AND c.id = r.consent_id
      AND c.subscriber_id = r.subscriber_id AND c.client_id = r.client_id
    LEFT JOIN purpose_texts t ON t.hash = coalesce(c.purpose_text, r.purpose_text)
    ORDER BY r.at DESC, r.id DESC`);
  return rows.map((row) => ({
    id: row.id,
    subscriberId,
    clientId: row.client_id,
    claims: row.claims,
    carrier: row.carrier,
    ground: row.consent_id === null ? { legalBasis: row.legal_basis ?? '' } : { consentId: row.consent_id },
    ...wordsOf(row),
    at: row.at,
  }));
}
