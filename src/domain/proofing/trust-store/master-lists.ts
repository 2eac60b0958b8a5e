import { hash } from 'node:crypto';
import type { Queryable } from '../../../platform/database.ts';
import { type Certificate, certificateFrom, parseCertificate } from '../../../standards/icao9303/pki/certificate.ts';
import {
  type MasterList,
  parseMasterList,
  type VerifiedMasterList,
  verifyMasterList,
} from '../../../standards/icao9303/pki/master-list.ts';
import { asRefusal, demand, type Refusal, Refused, refuse } from '../../../standards/icao9303/refusal.ts';
import { createBreath } from './breath.ts';
import { isCountry } from './certificates.ts';
import type { Change, Import } from './importing.ts';
import * as store from './store.ts';

/** What the import of a list came to. */
export interface MasterListChange extends Change {
  readonly signedAt: Date;
  /** Certificates that the list holds now; those that came with it; those that nobody trusts any more without it. */
  readonly certificates: number;
  readonly came: number;
  readonly ended: readonly { readonly sha256: string; readonly subject: string }[];
  /** Certificates of the list that cannot be read, and why: nothing that they signed is believed. */
  readonly skipped: readonly (Refusal & { readonly sha256: string })[];
  /** Certificates that an operator has removed: they stay so. */
  readonly withheld: number;
}

/** A publisher's clock may be a little ahead; a list of tomorrow would keep every list of today out. */
export const CLOCK_SKEW = 600_000;

/**
 * Puts a list in the place of the publisher's former one: what is not on it any more has been taken back by its country
 * (9303-12 §8), unless somebody else holds it. A list makes nothing national, whatever is on it.
 */
export const importMasterList =
  (bytes: Buffer, country: string): Import<MasterListChange> =>
  async (on, { name, now }) => {
    const list = parseMasterList(bytes);
    const sha256 = hash('sha256', bytes, 'hex');
    const { root, signer, signedAt, certificates: ders } = await verified(on, list, now);
    const publisher = root.country;
    const subject = root.subject.text;
    const known = (await store.newestMasterLists(on)).find((row) => row.publisher === publisher);
    const same = { sha256, subject, country: publisher, signedAt, certificates: ders.length };
    if (known?.sha256 === sha256) {
      const change = { ...same, changed: false, came: 0, ended: [], skipped: [], withheld: 0 };
      return { change, event: { type: 'trust.master_list_imported', detail: {} } };
    }
    const older = known && signedAt <= known.signedAt;
    demand(!older, 'masterlist.rollback', `${signedAt.toISOString()} after ${known?.signedAt.toISOString()}`);
    demand(
      signedAt.getTime() <= now.getTime() + CLOCK_SKEW,
      'masterlist.malformed',
      'it says it was signed later than now',
    );

    const { readable, skipped } = await readAll(ders);
    demand(readable.length > 0, 'masterlist.malformed', 'no certificate can be read');
    const withheld = (await store.putCertificates(on, readable)).size;
    const certificates = readable.length;
    const row = { publisher, signedAt, sha256, root: root.sha256, signer: signer.sha256, certificates };
    await store.insertMasterList(on, { ...row, importedAt: now, importedBy: name });
    const hashes = readable.map((certificate) => certificate.sha256);
    const { came, went } = await store.holdByList(on, publisher, hashes, now);
    const anchors = new Map(
      (await store.anchorRows(on, { test: true })).map((anchor) => [anchor.sha256, anchor.national]),
    );
    const ended = went.filter((gone) => !anchors.has(gone.sha256));
    const own = readable.filter((each) => each.country === country && anchors.get(each.sha256) !== true).length;
    return {
      change: {
        ...{ ...same, certificates, changed: true, came, ended, skipped, withheld },
        ...(own > 0 ? { notes: ['own_country'] as const } : {}),
      },
      event: {
        type: 'trust.master_list_imported',
        detail: {
          ...{ publisher, sha256, signedAt: signedAt.toISOString(), root: root.sha256, signer: signer.sha256 },
          ...{ certificates, came, ended: ended.map((gone) => gone.sha256), skipped: skipped.length, withheld, own },
        },
      },
    };
  };

/** The list, under one of the roots that were pinned for the country of its signer. */
async function verified(
  on: Queryable,
  list: MasterList,
  now: Date,
): Promise<VerifiedMasterList & { root: Certificate }> {
  const { country, issuer } = certificateFrom(list.signedData.signer);
  const roots = await store.heldOf(on, country, 'root');
  let refused = new Refused('masterlist.signer', `no root is pinned for ${issuer.text}`);
  for (const { der } of roots) {
    const root = parseCertificate(der);
    try {
      return { ...(await verifyMasterList(list, { root, now })), root };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused = error;
    }
  }
  throw refused;
}

/** Each certificate once; one that cannot be read does not keep the others out. */
async function readAll(ders: readonly Buffer[]) {
  const readable = new Map<string, Certificate>();
  const skipped: (Refusal & { sha256: string })[] = [];
  const breath = createBreath();
  for (const der of ders) {
    try {
      const certificate = parseCertificate(der);
      if (!isCountry(certificate.country)) refuse('csca.constraints', `no country: ${certificate.subject.text}`);
      readable.set(certificate.sha256, certificate);
    } catch (error) {
      skipped.push({ ...asRefusal(error), sha256: hash('sha256', der, 'hex') });
    }
    await breath();
  }
  return { readable: [...readable.values()], skipped };
}
