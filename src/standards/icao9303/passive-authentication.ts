import type { Anchor, TrustAnchors } from './pki/anchors.ts';
import type { Certificate } from './pki/certificate.ts';
import { authorityOf, type ChainCache, chainOf, signerFrom } from './pki/chain.ts';
import { certificateCountry } from './pki/countries.ts';
import { checkDataGroups, type Heading, headingOf } from './pki/data-groups.ts';
import { checkDocumentSigner, checkDocumentType } from './pki/document-signer.ts';
import { checkRevocation, type RevocationStatus } from './pki/revocation.ts';
import { parseSecurityObject, type SecurityObject } from './pki/security-object.ts';
import { isSignedBy } from './pki/signed-data.ts';
import type { DocumentProfile } from './profiles.ts';
import { demand } from './refusal.ts';

export { type ChainCache, createChainCache } from './pki/chain.ts';
export { type DocumentProfile, FOREIGN_PROFILE, NATIONAL_PROFILE, PASSPORT_PROFILE } from './profiles.ts';

/** What a certificate is called in reports; nothing of a person. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly sha256: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** What was verified of the security object itself. */
export interface SecurityObjectReport {
  readonly profile: string;
  readonly ldsVersion?: string;
  readonly hashAlgorithm: string;
  readonly signatureAlgorithm: string;
  readonly signer: CertificateFacts & { readonly documentTypes?: readonly string[] };
  /** Two letters: of the signer and the document. */
  readonly country: string;
  /** As the signer says; nobody vouches for it. */
  readonly signedAt?: Date;
  /** The data groups that were given and are what was signed. */
  readonly covered: readonly number[];
  /** All data groups that were signed, read or not: what a chip keeps back is known by it. */
  readonly signed: readonly number[];
  readonly trustVersion: string;
}

/** And who vouches for it: for the verdict and the examiner. */
export interface PassiveReport extends SecurityObjectReport {
  readonly authority: CertificateFacts & { readonly national: boolean; readonly subjectKeyId?: string };
  readonly revocation: RevocationStatus;
}

/** One thing that was looked at, in order; for an examiner's report. */
export type Trace = (step: { step: string; about?: string }) => void;

export interface PassiveInput {
  readonly sod: Buffer;
  /** By number, the raw bytes as they were read: a re-encoding has another hash. EF.COM is signed by nobody and no input. */
  readonly dataGroups: ReadonlyMap<number, Buffer>;
  readonly trust: TrustAnchors;
  readonly profile: DocumentProfile;
  /** For signing in: this moment. The validity of a signer covers the documents that it signed (Doc 9303-12 §5.1). */
  readonly now: Date;
  readonly cache?: ChainCache;
  readonly trace?: Trace;
}

/**
 * Passive authentication (Doc 9303-11 §5.1): the country signed these files. It does not show that the chip is no copy.
 * Refuses with the first thing that is wrong.
 */
export async function passiveAuthentication(input: PassiveInput): Promise<PassiveReport> {
  const { trust, profile, now, cache, trace = () => {} } = input;
  const { known, heading, report } = await signedContents(input);
  const { signer } = known;
  const chain = 'vouchers' in known ? known : await chainOf(signer, { trust, cache });
  const anchor = authorityOf(chain, { now, national: profile.national });
  if (heading) checkCountry(heading, anchor.certificate);
  trace({ step: 'country authority', about: anchor.certificate.subject.text });

  const revocation = checkRevocation(signer, anchor.certificate, { trust, policy: profile.revocation, now });
  trace({ step: 'revocation', about: revocation.status });
  return { ...report, authority: authorityFacts(anchor), revocation };
}

/**
 * The same for a country that publishes no CSCA: everything but the chain of the signer and its revocation. Worth nothing
 * before the issuing authority was asked about these very bytes and has said that it made them.
 */
export async function withoutChain(input: PassiveInput): Promise<SecurityObjectReport> {
  const { known, heading, report } = await signedContents(input);
  if (heading) checkCountry(heading, known.signer);
  return report;
}

/** The files are those that the signer of the security object signed. */
async function signedContents(input: PassiveInput) {
  const { sod, dataGroups, trust, profile, now, cache, trace = () => {} } = input;
  const object = parseSecurityObject(sod, { encoding: profile.encoding, earlyContentType: !profile.national });
  const { signedData, hashes, hashAlgorithm } = object;
  trace({ step: 'security object', about: `${hashAlgorithm}, ${signedData.algorithm.name}` });

  checkDataGroups(dataGroups, { hashes, hashAlgorithm, required: profile.requiredDataGroups });
  const dg1 = dataGroups.get(1);
  const heading = dg1 && headingOf(dg1);
  checkProfile(heading, profile);
  trace({ step: 'data groups', about: [...dataGroups.keys()].join(' ') });

  const known = signerFrom(signedData.signer, { trust, cache });
  const { signer } = known;
  checkDocumentSigner(signer, now);
  if (heading) checkDocumentType(signer, heading.documentCode);
  trace({ step: 'document signer', about: signer.subject.text });

  demand(await isSignedBy(signedData, signer), 'sod.signature', signer.subject.text);
  trace({ step: 'signature', about: signedData.algorithm.name });
  return { known, heading, report: reportOf(object, signer, input) };
}

/** What is so whoever vouches. */
function reportOf(
  { signedData, hashes, hashAlgorithm, ldsVersion }: SecurityObject,
  signer: Certificate,
  { profile, trust, dataGroups }: PassiveInput,
): SecurityObjectReport {
  return {
    profile: profile.name,
    ...(ldsVersion ? { ldsVersion } : {}),
    hashAlgorithm,
    signatureAlgorithm: signedData.algorithm.name,
    signer: { ...facts(signer), ...(signer.documentTypes ? { documentTypes: signer.documentTypes } : {}) },
    country: signer.country,
    ...(signedData.signingTime ? { signedAt: signedData.signingTime } : {}),
    covered: [...dataGroups.keys()].sort((one, other) => one - other),
    signed: [...hashes.keys()].sort((one, other) => one - other),
    trustVersion: trust.version,
  };
}

/** Whether the document is one of those that the profile is about; refuses with `document.not_national` or `document.not_passport`. */
function checkProfile(heading: Heading | undefined, { issuingState, documentCodes, passport }: DocumentProfile): void {
  demand(heading || !(issuingState || documentCodes || passport), 'input.missing', 'DG1');
  if (!heading) return;
  demand(!passport || heading.documentCode.startsWith('P'), 'document.not_passport');
  const fits =
    (!issuingState || issuingState === heading.issuingState.replace(/<+$/, '')) &&
    (documentCodes?.includes(heading.documentCode) ?? true);
  demand(fits, 'document.not_national');
}

/** The state that issued the document is that of the authority: no country vouches for the documents of another. */
function checkCountry({ issuingState }: Heading, authority: Certificate): void {
  demand(certificateCountry(issuingState) === authority.country, 'csca.foreign', authority.subject.text);
}

const facts = ({ subject, issuer, serial, sha256, notBefore, notAfter }: Certificate): CertificateFacts => ({
  subject: subject.text,
  issuer: issuer.text,
  ...{ serial, sha256, notBefore, notAfter },
});

const authorityFacts = ({ certificate, national }: Anchor): PassiveReport['authority'] => ({
  ...facts(certificate),
  national,
  ...(certificate.subjectKeyId ? { subjectKeyId: certificate.subjectKeyId.toString('hex') } : {}),
});
