/** What of a proofing can speak for an account level. The two biometrics count as an officer or an engine recorded them. */
export type EvidenceFacet = 'validated' | 'genuine-chip' | 'telephone' | 'guardian' | 'face' | 'fingerprints';

export const EVIDENCE_FACETS: readonly EvidenceFacet[] = [
  'validated',
  'genuine-chip',
  'telephone',
  'guardian',
  'face',
  'fingerprints',
];

export type Channel = 'in_person' | 'remote';
export const CHANNELS: readonly Channel[] = ['in_person', 'remote'];

/** A proofing as the policy's rows match it; a record of `domain/proofing` with the applicant's age is one. */
export interface Proofed {
  readonly channel: Channel;
  /** Full years on the day of the decision. */
  readonly age: number;
  readonly faceMatched: boolean;
  readonly fingerprintsMatched: boolean;
  /** The one of them that did not match, and that a second officer has overridden: it counts as if it had. */
  readonly overridden?: 'face_match' | 'fingerprint_match' | undefined;
  readonly evidence: readonly { readonly checks: readonly string[] }[];
}

/** What a check that passed speaks for. A check without a row speaks for nothing. */
const FACET_OF_CHECK: ReadonlyMap<string, EvidenceFacet> = new Map(
  Object.entries({
    register_match: 'validated',
    passive_authentication: 'validated',
    // The word of a card's issuer, where the country publishes no certificates (`CARD_TRUST`).
    issuer_vouched: 'validated',
    active_authentication: 'genuine-chip',
    chip_authentication: 'genuine-chip',
    phone_ownership: 'telephone',
    guardian: 'guardian',
  } as const),
);

/** Everything that a proofing can contribute. */
export function facetsOf({
  faceMatched,
  fingerprintsMatched,
  overridden,
  evidence,
}: Omit<Proofed, 'channel' | 'age'>): ReadonlySet<EvidenceFacet> {
  const checks = evidence.flatMap((piece) => piece.checks);
  const facets = new Set(checks.flatMap((check) => FACET_OF_CHECK.get(check) ?? []));
  if (faceMatched || overridden === 'face_match') facets.add('face');
  if (fingerprintsMatched || overridden === 'fingerprint_match') facets.add('fingerprints');
  return facets;
}
