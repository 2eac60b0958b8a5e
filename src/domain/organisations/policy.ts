/** The rules of one time, but for how soon an application is decided (`domain/legal-terms`). What was decided names their version. */
export interface OrganisationPolicy {
  readonly version: string;
  /** The first moment at which they hold. */
  readonly from: Date;
  readonly source: string;
  /** Minutes that the proof of an applicant or of a co-representative is old at most. */
  readonly proofMinutes: number;
  /** Days of the calendar in which the co-representatives answer. */
  readonly consentDays: number;
  /** Hours after which a register that knows no such organisation is asked again: it may be behind. */
  readonly unknownHours: number;
  /** How many applications of one person are taken within a day. */
  readonly perDay: number;
  /** Minutes for which the register's word on who acts is good; then it is asked at the next use. */
  readonly freshMinutes: number;
  /** Hours for which its last word carries while it is silent; then nobody acts for anybody. */
  readonly silentHours: number;
}

/** The newest last. */
export const ORGANISATION_POLICIES: readonly OrganisationPolicy[] = [
  {
    version: 'organisations@2024-07-01',
    from: new Date('2024-06-30T17:00:00Z'),
    source:
      'Decree 69/2024 Art. 12: by a representative’s own level 2, with the consent of the other legal representatives; the figures are ours',
    proofMinutes: 15,
    consentDays: 30,
    unknownHours: 24,
    perDay: 10,
    freshMinutes: 15,
    silentHours: 24,
  },
];

/** The rules that hold at a moment. */
export function organisationPolicyAt(
  now: Date,
  policies: readonly OrganisationPolicy[] = ORGANISATION_POLICIES,
): OrganisationPolicy {
  const held = policies.filter(({ from }) => from <= now).at(-1) ?? policies[0];
  if (!held) throw new Error('there are no rules for organisations');
  return held;
}
