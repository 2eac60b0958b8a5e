import type { Queryable } from '../../../platform/database.ts';
import { sql } from '../../../platform/sql.ts';
import type { Certificate } from '../../../standards/icao9303/pki/certificate.ts';

/** `anchor by command`, `root by command` (of master lists), or `list DE`: the list of that publisher. */
export type Holder = 'anchor by command' | 'root by command' | `list ${string}`;

/** A certificate that somebody holds. */
export interface TrustedRow {
  readonly sha256: string;
  readonly country: string;
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly national: boolean;
  readonly holders: readonly Holder[];
  /** The operators who said so, where operators did. */
  readonly pinnedBy: readonly string[];
}

export interface MasterListRow {
  readonly publisher: string;
  readonly signedAt: Date;
  readonly sha256: string;
  readonly root: string;
  readonly certificates: number;
  readonly importedAt: Date;
  readonly importedBy: string;
}

export interface RevocationListRow {
  /** SHA-256 of the public key that signed it, hexadecimal. */
  readonly authority: string;
  readonly sha256: string;
  readonly country: string;
  readonly subject: string;
  readonly number: string;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly revoked: number;
  readonly importedAt: Date;
  readonly importedBy: string;
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** Changes with every change of these tables, by whomever. */
export const version = async (on: Queryable): Promise<number> =>
  (await on.row<{ number: number }>(sql`SELECT number FROM trust_version`))!.number;

/** Waits until no other import is under way; the end of the transaction lets the next one in. */
export const waitForTurn = (on: Queryable): Promise<number> =>
  on.execute(sql`SELECT number FROM trust_version FOR UPDATE`);

/** Puts certificates beside those that are known; answers the hashes of those that an operator has removed. */
export async function putCertificates(on: Queryable, certificates: readonly Certificate[]): Promise<Set<string>> {
  const column = <T>(of: (certificate: Certificate) => T): T[] => certificates.map(of);
  const hashes = column(({ sha256 }) => bytes(sha256));
  await on.execute(sql`
    INSERT INTO trust_certificates (sha256, der, country, subject, not_before, not_after)
    SELECT * FROM unnest(${hashes}::bytea[], ${column(({ der }) => der)}::bytea[], ${column(({ country }) => country)}::text[],
      ${column(({ subject }) => subject.text)}::text[], ${column(({ notBefore }) => notBefore)}::timestamptz[],
      ${column(({ notAfter }) => notAfter)}::timestamptz[])
    ON CONFLICT (sha256) DO NOTHING`);
  const rows = await on.rows<{ sha256: Buffer }>(sql`
    SELECT sha256 FROM trust_certificates WHERE sha256 = ANY(${hashes}::bytea[]) AND removed_at IS NOT NULL`);
  return new Set(rows.map(({ sha256 }) => sha256.toString('hex')));
}

/** On what a pin of our own country stands: a sandbox's word, or the change request that two people agreed on. */
export type NationalPin = { readonly test: true } | { readonly changeRequestId: string };

/** How an operator holds a certificate. */
export interface Hold {
  readonly holder: 'anchor by command' | 'root by command';
  /** Of our own country, and vouching for our own cards. */
  readonly national?: NationalPin;
  readonly by: string;
  readonly now: Date;
}

/** An operator holds a certificate (again). True when that changed something; a national pin stays what it is. */
export async function holdByCommand(
  on: Queryable,
  sha256: string,
  { holder, national, by, now }: Hold,
): Promise<boolean> {
  const test = national !== undefined && 'test' in national;
  const request = national !== undefined && 'changeRequestId' in national ? national.changeRequestId : null;
  const back = await on.execute(sql`
    UPDATE trust_certificates SET removed_at = NULL, removed_by = NULL
    WHERE sha256 = ${bytes(sha256)} AND removed_at IS NOT NULL`);
  const held = await on.execute(sql`
    INSERT INTO trust_holdings AS held (sha256, holder, national, test, change_request_id, pinned_by, since)
    VALUES (${bytes(sha256)}, ${holder}, ${national !== undefined}, ${test}, ${request}, ${by}, ${now})
    ON CONFLICT (sha256, holder) DO UPDATE SET national = true, test = excluded.test,
      change_request_id = excluded.change_request_id, pinned_by = excluded.pinned_by, since = excluded.since
    WHERE excluded.national AND NOT held.national`);
  return back + held > 0;
}

/** Makes the holdings of a list exactly these; answers how many came, and which went. */
export async function holdByList(
  on: Queryable,
  publisher: string,
  hashes: readonly string[],
  now: Date,
): Promise<{ came: number; went: { sha256: string; subject: string }[] }> {
  const holder = `list ${publisher}`;
  const all = hashes.map(bytes);
  const went = await on.rows<{ sha256: string; subject: string }>(sql`
    DELETE FROM trust_holdings h USING trust_certificates c
    WHERE h.holder = ${holder} AND NOT h.sha256 = ANY(${all}::bytea[]) AND c.sha256 = h.sha256
    RETURNING encode(c.sha256, 'hex') AS sha256, c.subject`);
  const came = await on.execute(sql`
    INSERT INTO trust_holdings (sha256, holder, since) SELECT sha256, ${holder}, ${now} FROM unnest(${all}::bytea[]) AS sha256
    ON CONFLICT (sha256, holder) DO NOTHING`);
  return { came, went };
}

/** Nobody holds it any more, and no list can bring it back. */
export async function removeCertificate(on: Queryable, sha256: string, by: string, now: Date): Promise<void> {
  await on.execute(sql`DELETE FROM trust_holdings WHERE sha256 = ${bytes(sha256)} AND holder NOT LIKE 'list %'`);
  await on.execute(sql`
    UPDATE trust_certificates SET removed_at = ${now}, removed_by = ${by} WHERE sha256 = ${bytes(sha256)}`);
}

/** Ends what a publisher's list holds. */
export const releaseList = async (on: Queryable, publisher: string): Promise<number> =>
  on.execute(sql`DELETE FROM trust_holdings WHERE holder = ${`list ${publisher}`}`);

const HELD = sql`trust_certificates c JOIN trust_holdings h ON h.sha256 = c.sha256 AND c.removed_at IS NULL`;

/** Everything that is held and not removed: our own first, then by country. */
export const trusted = async (on: Queryable): Promise<TrustedRow[]> =>
  (
    await on.rows<Omit<TrustedRow, 'pinnedBy'> & { pinnedBy: string[] }>(sql`
    SELECT encode(c.sha256, 'hex') AS sha256, c.country, c.subject, c.not_before AS "notBefore", c.not_after AS "notAfter",
      bool_or(h.national) AS national, array_agg(h.holder ORDER BY h.holder) AS holders,
      array_agg(h.pinned_by ORDER BY h.holder) FILTER (WHERE h.pinned_by IS NOT NULL) AS "pinnedBy"
    FROM ${HELD} GROUP BY c.sha256 ORDER BY bool_or(h.national) DESC, c.country, c.not_after, c.sha256`)
  ).map((row) => ({ ...row, pinnedBy: row.pinnedBy ?? [] }));

/** How many of these certificates (SHA-256, hexadecimal) are trusted for anything: those of a sandbox, in production none. */
export async function countTrusted(on: Queryable, hashes: readonly string[]): Promise<number> {
  const row = await on.row<{ count: number }>(sql`
    SELECT count(DISTINCT c.sha256) AS count FROM ${HELD} WHERE c.sha256 = ANY(${hashes.map(bytes)}::bytea[])`);
  return row?.count ?? 0;
}

/** The certificates that may vouch for documents, by hash, and which of them are national; a sandbox's pins only with `test`. */
export async function anchorRows(
  on: Queryable,
  { test }: { readonly test: boolean },
): Promise<{ sha256: string; national: boolean }[]> {
  return on.rows(sql`
    SELECT encode(c.sha256, 'hex') AS sha256, bool_or(h.national) AS national FROM ${HELD}
    WHERE h.holder <> 'root by command' AND (${test} OR NOT h.test) GROUP BY c.sha256 ORDER BY c.sha256`);
}

/** How many authorities are pinned as our own by a sandbox: in production none. */
export async function countTestPins(on: Queryable): Promise<number> {
  const row = await on.row<{ count: number }>(sql`SELECT count(*) AS count FROM trust_holdings WHERE test`);
  return row?.count ?? 0;
}

/** Whether a certificate of our own vouches for our cards, or was removed; nothing when it is neither. */
export async function nationalState(
  on: Queryable,
  sha256: string,
): Promise<{ der: Buffer; pinnedAt: Date | null; removedAt: Date | null } | undefined> {
  return on.row(sql`
    SELECT c.der, h.since AS "pinnedAt", c.removed_at AS "removedAt" FROM trust_certificates c
    LEFT JOIN trust_holdings h ON h.sha256 = c.sha256 AND h.national
    WHERE c.sha256 = ${bytes(sha256)} AND (h.national OR c.removed_at IS NOT NULL)`);
}

/** The bytes of some certificates, by hash. */
export async function certificatesOf(
  on: Queryable,
  hashes: readonly string[],
): Promise<{ sha256: string; der: Buffer }[]> {
  return on.rows(sql`
    SELECT encode(sha256, 'hex') AS sha256, der FROM trust_certificates WHERE sha256 = ANY(${hashes.map(bytes)}::bytea[])`);
}

/** The bytes of what may have signed a list: held certificates of a country, for one use, national ones first. */
export async function heldOf(
  on: Queryable,
  country: string,
  use: 'anchor' | 'root',
): Promise<{ der: Buffer; national: boolean }[]> {
  const wanted = use === 'root' ? sql`h.holder = 'root by command'` : sql`h.holder <> 'root by command'`;
  return on.rows(sql`
    SELECT c.der, bool_or(h.national) AS national FROM ${HELD} WHERE c.country = ${country} AND ${wanted}
    GROUP BY c.sha256 ORDER BY bool_or(h.national) DESC, c.not_after DESC`);
}

/** Held certificates whose hash begins so; at most two, since one is meant. */
export async function beginningWith(on: Queryable, prefix: string): Promise<TrustedRow[]> {
  const found = (await trusted(on)).filter(({ sha256 }) => sha256.startsWith(prefix));
  return found.slice(0, 2);
}

/** The list in use of each publisher. */
export const newestMasterLists = (on: Queryable): Promise<MasterListRow[]> =>
  on.rows<MasterListRow>(sql`
    SELECT DISTINCT ON (publisher) publisher, signed_at AS "signedAt", encode(sha256, 'hex') AS sha256,
      encode(root, 'hex') AS root, certificates, imported_at AS "importedAt", imported_by AS "importedBy"
    FROM master_list_imports ORDER BY publisher, signed_at DESC`);

export const insertMasterList = (on: Queryable, row: MasterListRow & { readonly signer: string }): Promise<number> =>
  on.execute(sql`
    INSERT INTO master_list_imports (publisher, signed_at, sha256, root, signer, certificates, imported_at, imported_by)
    VALUES (${row.publisher}, ${row.signedAt}, ${bytes(row.sha256)}, ${bytes(row.root)}, ${bytes(row.signer)},
      ${row.certificates}, ${row.importedAt}, ${row.importedBy})`);

/** Every revocation list that is kept, without its bytes. */
export const revocationLists = (on: Queryable): Promise<RevocationListRow[]> =>
  on.rows<RevocationListRow>(sql`
    SELECT encode(l.authority, 'hex') AS authority, encode(l.sha256, 'hex') AS sha256, l.country, c.subject,
      l.number::text AS number, l.this_update AS "thisUpdate", l.next_update AS "nextUpdate", l.revoked,
      l.imported_at AS "importedAt", l.imported_by AS "importedBy"
    FROM trust_revocation_lists l JOIN trust_certificates c ON c.sha256 = l.certificate ORDER BY l.country, c.subject`);

/** The bytes of the lists that are kept, with the key that signed each. */
export async function revocationListBytes(on: Queryable): Promise<{ authority: string; der: Buffer }[]> {
  return on.rows(sql`SELECT encode(authority, 'hex') AS authority, der FROM trust_revocation_lists ORDER BY authority`);
}

/** Keeps a list in the place of the one of the same key. */
export const putRevocationList = (
  on: Queryable,
  row: Omit<RevocationListRow, 'subject'> & { readonly der: Buffer; readonly certificate: string },
): Promise<number> =>
  on.execute(sql`
    INSERT INTO trust_revocation_lists (authority, certificate, sha256, der, country, number, this_update, next_update,
      revoked, imported_at, imported_by)
    VALUES (${bytes(row.authority)}, ${bytes(row.certificate)}, ${bytes(row.sha256)}, ${row.der}, ${row.country},
      ${row.number}, ${row.thisUpdate}, ${row.nextUpdate}, ${row.revoked}, ${row.importedAt}, ${row.importedBy})
    ON CONFLICT (authority) DO UPDATE SET certificate = excluded.certificate, sha256 = excluded.sha256, der = excluded.der,
      country = excluded.country, number = excluded.number, this_update = excluded.this_update,
      next_update = excluded.next_update, revoked = excluded.revoked, imported_at = excluded.imported_at,
      imported_by = excluded.imported_by`);
