/** The rules of one time. What was handed over names their version. */
export interface GuardianshipPolicy {
  readonly version: string;
  /** The first moment at which they hold. */
  readonly from: Date;
  readonly source: string;
  /** From this age on a ward takes the account over; nobody takes it from them. */
  readonly takesOverFromYears: number;
  /** Days of the calendar for which the guardian still sees it afterwards. */
  readonly viewDays: number;
}

/** The newest last. */
export const GUARDIANSHIP_POLICIES: readonly GuardianshipPolicy[] = [
  {
    version: 'guardianships@2024-07-01',
    from: new Date('2024-06-30T17:00:00Z'),
    source: 'Decree 69/2024 Art. 7, 10: from 14 on one has an account of one’s own; the days of the hand-over are ours',
    takesOverFromYears: 14,
    viewDays: 30,
  },
];

/** The rules that hold at a moment. */
export function guardianshipPolicyAt(
  now: Date,
  policies: readonly GuardianshipPolicy[] = GUARDIANSHIP_POLICIES,
): GuardianshipPolicy {
  const held = policies.filter(({ from }) => from <= now).at(-1) ?? policies[0];
  if (!held) throw new Error('there are no rules for guardianships');
  return held;
}
