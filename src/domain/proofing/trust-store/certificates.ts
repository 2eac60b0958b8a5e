import type { Queryable } from '../../../platform/database.ts';
import { type Certificate, isIssuedBy, parseCertificate } from '../../../standards/icao9303/pki/certificate.ts';
import { demand, Refused, refuse } from '../../../standards/icao9303/refusal.ts';
import type { Change, Import, Note } from './importing.ts';
import * as store from './store.ts';

/** An authority of any country, by an operator's word. Of our own country it is kept, and vouches for no card of ours. */
export const importCertificate =
  (der: Buffer, country: string): Import<Change> =>
  async (on, { name, now }) => {
    const authority = await authorityFrom(der, now);
    await store.putCertificates(on, [authority]);
    const changed = await store.holdByCommand(on, authority.sha256, { holder: 'anchor by command', by: name, now });
    const pinned = (await store.nationalState(on, authority.sha256))?.pinnedAt;
    const notes: Note[] = authority.country === country && !pinned ? ['own_country'] : [];
    return reported('trust.certificate_imported', authority, { changed, notes: [...notes, ...early(authority, now)] });
  };

/** An authority of our own country, on a sandbox's word or on what two people agreed on. */
export const pinNational =
  (der: Buffer, country: string, national: store.NationalPin): Import<Change> =>
  async (on, { name, now }) => {
    const authority = nationalFrom(der, country, now);
    await demandWhole(authority);
    await store.putCertificates(on, [authority]);
    const hold = { holder: 'anchor by command', national, by: name, now } as const;
    const changed = await store.holdByCommand(on, authority.sha256, hold);
    return reported('trust.national_pinned', authority, { changed, notes: early(authority, now) });
  };

/** Reads an authority of our own country. What no signer could be verified under is refused here, where somebody reads it. */
export function nationalFrom(der: Buffer, country: string, now: Date): Certificate {
  const authority = authorityIn(der, now);
  demand(authority.country === country, 'csca.foreign', authority.subject.text);
  // 9303-12 §7.1.1, Table 5: the path length of a CSCA is 0.
  demand(authority.pathLength === 0, 'csca.constraints', `path length: ${authority.subject.text}`);
  return authority;
}

/** The authority under which a publisher's signer of master lists stands (9303-12 §8.1). */
export const pinMasterListRoot =
  (der: Buffer): Import<Change> =>
  async (on, { name, now }) => {
    const authority = await authorityFrom(der, now);
    await store.putCertificates(on, [authority]);
    const changed = await store.holdByCommand(on, authority.sha256, { holder: 'root by command', by: name, now });
    return reported('trust.root_pinned', authority, { changed, notes: early(authority, now) });
  };

/** Ends trust in one certificate; with a root, also in what its master list has brought. */
export const remove =
  (prefix: string): Import<Change> =>
  async (on, { name, now }) => {
    const found = await heldAs(on, prefix);
    const [row] = found;
    if (!row) return refuse('csca.unknown', prefix.slice(0, 64));
    demand(found.length === 1, 'csca.unknown', `several begin with ${prefix}`);
    const { sha256, subject, country, national } = row;
    await store.removeCertificate(on, sha256, name, now);
    const lists = (await store.newestMasterLists(on)).filter(({ root }) => root === sha256);
    for (const { publisher } of lists) await store.releaseList(on, publisher);
    return {
      change: { changed: true, sha256, subject, country },
      event: {
        type: 'trust.certificate_removed',
        detail: { sha256, subject, country, national, lists: lists.map(({ publisher }) => publisher) },
      },
    };
  };

/** The certificates that somebody holds and whose hash begins so: at most two, since one is meant; 8 figures or more. */
export async function heldAs(on: Queryable, prefix: string): Promise<store.TrustedRow[]> {
  const wanted = prefix.toLowerCase();
  return /^[0-9a-f]{8,64}$/.test(wanted) ? store.beginningWith(on, wanted) : [];
}

/** Reads an authority that may vouch for somebody, now or later. */
async function authorityFrom(der: Buffer, now: Date): Promise<Certificate> {
  const certificate = authorityIn(der, now);
  await demandWhole(certificate);
  return certificate;
}

/** The same without its own signature, whose check takes a while. */
function authorityIn(der: Buffer, now: Date): Certificate {
  const certificate = parseCertificate(der);
  const { subject } = certificate;
  demand(certificate.isCa && certificate.keyUsage?.keyCertSign, 'csca.constraints', subject.text);
  demand(isCountry(certificate.country), 'csca.constraints', `no country: ${subject.text}`);
  demand(certificate.notAfter >= now, 'csca.validity', subject.text);
  return certificate;
}

/** Refuses a certificate that signed itself and was damaged on its way. */
export async function demandWhole(certificate: Certificate): Promise<void> {
  demand(await isWhole(certificate), 'certificate.malformed', `its own signature: ${certificate.subject.text}`);
}

/** Two letters (ISO 3166-1), as every country name of this PKI is. */
export const isCountry = (country: string): boolean => /^[A-Z]{2}$/.test(country);

/** A certificate that signed itself and was damaged on its way shows; one whose algorithm is too weak to tell does not. */
async function isWhole(certificate: Certificate): Promise<boolean> {
  if (certificate.issuer.key !== certificate.subject.key) return true;
  try {
    return await isIssuedBy(certificate, certificate);
  } catch (error) {
    if (error instanceof Refused) return true;
    throw error;
  }
}

const early = ({ notBefore }: Certificate, now: Date): Note[] => (notBefore > now ? ['not_yet_valid'] : []);

const reported = (
  type: 'trust.certificate_imported' | 'trust.national_pinned' | 'trust.root_pinned',
  { sha256, subject, country, notAfter }: Certificate,
  { changed, notes }: { changed: boolean; notes: readonly Note[] },
) => ({
  change: { changed, sha256, subject: subject.text, country, ...(notes.length > 0 ? { notes } : {}) },
  event: { type, detail: { sha256, subject: subject.text, country, notAfter: notAfter.toISOString() } },
});
