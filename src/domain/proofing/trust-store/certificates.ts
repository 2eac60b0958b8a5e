import { type Certificate, isIssuedBy, parseCertificate } from '../../../standards/icao9303/pki/certificate.ts';
import { demand, Refused, refuse } from '../../../standards/icao9303/refusal.ts';
import type { Change, Import, Note } from './importing.ts';
import * as store from './store.ts';

/** An authority of any country, by an operator's word. Of our own country it is kept, and vouches for no card of ours. */
export const importCertificate =
  (der: Buffer, country: string): Import<Change> =>
  async (on, { name, now }) => {
    const authority = await authorityFrom(der, now);
    const hold = { national: false, by: name, now };
    await store.putCertificates(on, [authority]);
    const changed = await store.holdByCommand(on, authority.sha256, 'anchor by command', hold);
    const pinned = (await store.anchorRows(on)).some(({ sha256, national }) => national && sha256 === authority.sha256);
    const notes: Note[] = authority.country === country && !pinned ? ['own_country'] : [];
    return reported('trust.certificate_imported', authority, { changed, notes: [...notes, ...early(authority, now)] });
  };

/** An authority of our own country. What no signer could be verified under is refused here, where somebody reads it. */
export const pinNational =
  (der: Buffer, country: string): Import<Change> =>
  async (on, { name, now }) => {
    const authority = await authorityFrom(der, now);
    demand(authority.country === country, 'csca.foreign', authority.subject.text);
    // 9303-12 §7.1.1, Table 5: the path length of a CSCA is 0.
    demand(authority.pathLength === 0, 'csca.constraints', `path length: ${authority.subject.text}`);
    await store.putCertificates(on, [authority]);
    const hold = { national: true, by: name, now };
    const changed = await store.holdByCommand(on, authority.sha256, 'anchor by command', hold);
    return reported('trust.national_pinned', authority, { changed, notes: early(authority, now) });
  };

/** The authority under which a publisher's signer of master lists stands (9303-12 §8.1). */
export const pinMasterListRoot =
  (der: Buffer): Import<Change> =>
  async (on, { name, now }) => {
    const authority = await authorityFrom(der, now);
    await store.putCertificates(on, [authority]);
    const hold = { national: false, by: name, now };
    const changed = await store.holdByCommand(on, authority.sha256, 'root by command', hold);
    return reported('trust.root_pinned', authority, { changed, notes: early(authority, now) });
  };

/** Ends trust in one certificate; with a root, also in what its master list has brought. */
export const remove =
  (prefix: string): Import<Change> =>
  async (on, { name, now }) => {
    const wanted = prefix.toLowerCase();
    const found = /^[0-9a-f]{8,64}$/.test(wanted) ? await store.beginningWith(on, wanted) : [];
    const [row] = found;
    if (!row) return refuse('csca.unknown', prefix.slice(0, 64));
    demand(found.length === 1, 'csca.unknown', `several begin with ${wanted}`);
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

/** Reads an authority that may vouch for somebody, now or later. */
async function authorityFrom(der: Buffer, now: Date): Promise<Certificate> {
  const certificate = parseCertificate(der);
  const { subject } = certificate;
  demand(certificate.isCa && certificate.keyUsage?.keyCertSign, 'csca.constraints', subject.text);
  demand(isCountry(certificate.country), 'csca.constraints', `no country: ${subject.text}`);
  demand(certificate.notAfter >= now, 'csca.validity', subject.text);
  demand(await isWhole(certificate), 'certificate.malformed', `its own signature: ${subject.text}`);
  return certificate;
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
