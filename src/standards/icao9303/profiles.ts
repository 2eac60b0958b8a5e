import type { RevocationPolicy } from './pki/revocation.ts';

/** What is asked of a document beyond the standard. */
export interface DocumentProfile {
  readonly name: string;
  /** `der` refuses every other encoding of the security object. */
  readonly encoding: 'ber' | 'der';
  /** Only a pinned authority of our own country may vouch. */
  readonly national: boolean;
  /** Three letters of the machine readable zone; any state when absent. */
  readonly issuingState?: string;
  /** Of the machine readable zone, fillers cut off; any when absent. */
  readonly documentCodes?: readonly string[];
  /** Only booklets count: codes that begin with P (9303-4 §4.2.2). */
  readonly passport?: true;
  /** Must have been read, and be covered by the security object. */
  readonly requiredDataGroups: readonly number[];
  readonly revocation: RevocationPolicy;
}

/**
 * The Vietnamese identity card. One issuer, one encoding, authorities pinned by name, and a fresh revocation list: ten
 * days after a list should have been replaced, nobody signs in with a chip until somebody brings the next one.
 */
export const NATIONAL_PROFILE: DocumentProfile = {
  name: 'national',
  encoding: 'der',
  national: true,
  issuingState: 'VNM',
  documentCodes: ['ID', 'I'],
  requiredDataGroups: [1],
  revocation: { required: true, staleAfterDays: 10 },
};

/**
 * Documents of other countries, as they are in people's pockets: BER occurs (NZ), and revocation lists reach us when they
 * reach us. The state of the machine readable zone must be that of the authority, as always.
 */
export const FOREIGN_PROFILE: DocumentProfile = {
  name: 'foreign',
  encoding: 'ber',
  national: false,
  requiredDataGroups: [1],
  revocation: { required: false, staleAfterDays: 30 },
};

/** Passports of other states, for somebody who has no document of ours: no card of another state is one. */
export const PASSPORT_PROFILE: DocumentProfile = { ...FOREIGN_PROFILE, name: 'passport', passport: true };
