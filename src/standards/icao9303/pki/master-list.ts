import { read } from '../asn1/read.ts';
import { smallInteger, TAG } from '../asn1/values.ts';
import { demand, type RefusalCode, Refused, refuse } from '../refusal.ts';
import { type Certificate, certificateFrom, isIssuedBy, isValidAt } from './certificate.ts';
import { elementsOf } from './elements.ts';
import { reading } from './reading.ts';
import { isSignedBy, type SignedData, signedDataFrom } from './signed-data.ts';

/** A list of the authorities of many countries that one country has looked at (Doc 9303-12 §8): read, not yet believed. */
export interface MasterList {
  /** Each is a certificate, not yet read: `parseCertificate` those that are needed. */
  readonly certificates: readonly Buffer[];
  /** When its signer says that it signed; what is younger replaces what is older. */
  readonly signedAt: Date;
  readonly signedData: SignedData;
}

/** A master list whose signer has been verified. */
export interface VerifiedMasterList {
  readonly certificates: readonly Buffer[];
  readonly signedAt: Date;
  readonly signer: Certificate;
}

const MASTER_LIST = '2.23.136.1.1.2';
const MAY_SIGN_LISTS = '2.23.136.1.1.3';
const MAX_BYTES = 8_388_608;
const MAX_CERTIFICATES = 5_000;
const MAX_CERTIFICATE_BYTES = 16_384;

/** Reads a list; refuses with `input.too_large`, `masterlist.malformed` or `algorithm.*`. */
export function parseMasterList(der: Buffer): MasterList {
  demand(der.length <= MAX_BYTES, 'input.too_large', 'master list');
  return translated(() => {
    const signedData = signedDataFrom(read(der, { encoding: 'ber', maxNodes: 4_000 }), [MASTER_LIST]);
    const [version, set, ...rest] = elementsOf(signedData.content, TAG.sequence, 3);
    const number = smallInteger(version && read(version, { encoding: 'ber' }));
    demand(number === 0 && set && rest.length === 0, 'asn1.unexpected', 'master list');
    const certificates = elementsOf(set, TAG.set, MAX_CERTIFICATES);
    demand(
      certificates.every(({ length }) => length <= MAX_CERTIFICATE_BYTES),
      'input.too_large',
      'certificate',
    );
    // Without a moment nobody could tell an old list from a new one (9303-12 §8.1: the attribute is mandatory).
    const signedAt = signedData.signingTime ?? refuse('masterlist.malformed', 'signing time');
    return { certificates, signedAt, signedData };
  });
}

/**
 * Believes a list when its signer was issued by `root`, the pinned authority of the country that publishes it, and may sign
 * master lists (9303-12 §8.1, Table 6). `known` is the list in use: an older one would bring back authorities that have been
 * taken off. Refuses with `masterlist.*` or `algorithm.*`.
 */
export async function verifyMasterList(
  { certificates, signedAt, signedData }: MasterList,
  { root, now, known }: { root: Certificate; now: Date; known?: { signedAt: Date } },
): Promise<VerifiedMasterList> {
  const signer = translated(() => certificateFrom(signedData.signer));
  demand(signer.extendedKeyUsage.includes(MAY_SIGN_LISTS), 'masterlist.usage');
  demand(!signer.isCa && signer.keyUsage?.digitalSignature, 'masterlist.usage', 'key usage');
  demand(root.isCa && root.keyUsage?.keyCertSign, 'masterlist.signer', 'the root may not issue');
  const named = signer.issuer.key === root.subject.key && signer.country === root.country;
  demand(named, 'masterlist.signer', signer.issuer.text);
  demand(isValidAt(root, now) && isValidAt(signer, now), 'masterlist.signer', 'not valid at this moment');
  demand(await isIssuedBy(signer, root), 'masterlist.signer', signer.issuer.text);
  demand(await isSignedBy(signedData, signer), 'masterlist.signer', 'signature');
  demand(!known || signedAt >= known.signedAt, 'masterlist.rollback', signedAt.toISOString());
  return { certificates, signedAt, signer };
}

/** The reader of CMS speaks of security objects; here the same flaw is one of a master list. */
function translated<T>(readIt: () => T): T {
  try {
    return reading('masterlist.malformed', readIt);
  } catch (error) {
    if (!(error instanceof Refused) || !error.code.startsWith('sod.')) throw error;
    const code: RefusalCode = error.code === 'sod.signer_missing' ? 'masterlist.signer' : 'masterlist.malformed';
    throw new Refused(code, error.message);
  }
}
