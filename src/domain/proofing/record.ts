import { createHash } from 'node:crypto';
import type { PolicyReference } from '../assurance/index.ts';

/** What an applicant showed. */
export type EvidenceKind = 'chip_card' | 'printed_card' | 'passport' | 'residence_card' | 'register_entry' | 'vouching';
/** NIST SP 800-63A-4 §2.4: superior evidence is signed and its holder bound to it, as a genuine chip is. */
export type EvidenceStrength = 'fair' | 'strong' | 'superior';

/** One piece of evidence and how it was validated. `hash` is that of what was shown; the thing itself is not kept. */
export interface Evidence {
  readonly kind: EvidenceKind;
  readonly strength: EvidenceStrength;
  readonly checks: readonly string[];
  /** The state that issued a passport, three letters (ICAO Doc 9303-3 §5). */
  readonly issuedBy?: string;
  /** The last day of a document that was shown, ISO 8601: after it the record stands for nothing. */
  readonly expiresOn?: string;
  /** When each check was made, by its name, ISO 8601; of a check that is not in here it is not known. */
  readonly times?: Readonly<Record<string, string>>;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
}

/**
 * The check that says where a chip's files come from. Passive authentication takes the chain to the country's authority (ICAO Doc 9303-11
 * §5.1): the issuer's word in its place is another one.
 */
export const originOf = ({ vouched }: { readonly vouched?: true | undefined }) =>
  vouched ? 'issuer_vouched' : 'passive_authentication';

/** How a person was proofed, and by whom. It never changes. */
export interface Proofing {
  readonly id: string;
  readonly accountLevel: 1 | 2;
  readonly channel: 'in_person' | 'remote';
  readonly faceMatched: boolean;
  readonly fingerprintsMatched: boolean;
  readonly evidence: readonly Evidence[];
  /** The card or passport among the evidence, as what the register reports of it is known again; a record from before it was kept names none. */
  readonly card?: Buffer;
  /** Who recorded it; never the applicant. */
  readonly officer: string;
  /** The one biometric that did not match, and that a second officer has overridden. */
  readonly overridden?: 'face_match' | 'fingerprint_match';
  /** Who has; never the first. */
  readonly secondOfficer?: string;
  /** Name and version of the rules that were applied. */
  readonly policy: string;
  /** The assurance policy that gave the level, and its row; records from before it was kept have none. */
  readonly assurance?: PolicyReference & { readonly row?: string };
  readonly decidedAt: Date;
}

/** Nobody below this age has level 2 (Decree 69/2024 Art. 7). */
export const LEVEL_2_FROM_YEARS = 6;

/** SHA-256 over the evidence, in a fixed order of members: what account level 2 is tied to. */
export const evidenceHash = (evidence: readonly Evidence[]): Buffer =>
  createHash('sha256')
    .update(
      JSON.stringify(
        evidence.map(({ kind, strength, checks, hash, issuedBy, expiresOn, times }) => [
          ...[kind, strength, checks, hash],
          ...(issuedBy === undefined ? [] : [issuedBy]),
          ...(expiresOn === undefined ? [] : [expiresOn]),
          ...(times === undefined ? [] : [Object.entries(times).sort(([one], [other]) => (one < other ? -1 : 1))]),
        ]),
      ),
    )
    .digest();

/** What keeps a record from carrying its level, as sentences; empty when nothing does. The database says the same. */
export function proofingFaults(proofing: Proofing, applicantAge: number): string[] {
  const faults: string[] = [];
  if (proofing.evidence.length === 0) faults.push('A proofing record names its evidence.');
  for (const { hash } of proofing.evidence) {
    if (!/^[0-9a-f]{64}$/.test(hash)) faults.push('Evidence is hashed with SHA-256, 64 hexadecimal digits.');
  }
  const { secondOfficer } = proofing;
  if ((proofing.overridden === undefined) !== (secondOfficer === undefined) || secondOfficer === proofing.officer)
    faults.push('An override takes a second officer.');
  if (
    proofing.overridden ===
    (proofing.faceMatched ? 'face_match' : proofing.fingerprintsMatched ? 'fingerprint_match' : '')
  )
    faults.push('What matches is not overridden.');
  if (proofing.accountLevel < 2) return faults;
  if (proofing.channel !== 'in_person') faults.push('Level 2 is reached in presence.');
  const { faceMatched, fingerprintsMatched, overridden } = proofing;
  if (!(faceMatched || overridden === 'face_match') || !(fingerprintsMatched || overridden === 'fingerprint_match')) {
    faults.push('Level 2 takes a matching face and matching fingerprints.');
  }
  if (applicantAge < LEVEL_2_FROM_YEARS) faults.push(`Level 2 begins at ${LEVEL_2_FROM_YEARS} years.`);
  return faults;
}
