/** The rules of one time for what the register reports. */
export interface ReportTerms {
  readonly version: string;
  /** The first moment at which they hold. */
  readonly from: Date;
  readonly source: string;
  /** Days of the calendar from a report to the closing of the account: long enough for a wrong one to be corrected. */
  readonly closingDays: { readonly deceased: number; readonly cancelled: number };
}

/** The newest last. */
const TERMS: readonly ReportTerms[] = [
  {
    version: 'register-reports@2024-07-01',
    from: new Date('2024-06-30T17:00:00Z'),
    source:
      'Law on Identification 26/2023 Art. 34, Decree 69/2024 Art. 15, 29, 30: locked at once. No text gives a term for the closing; 30 days are ours.',
    closingDays: { deceased: 30, cancelled: 30 },
  },
];

const DAY = 86_400_000;
/** When an account is closed of which this is reported now; undefined: it is not. */
export function closeAt(value: string, now: Date): Date | undefined {
  const { closingDays } = termsAt(now);
  const days = value === 'deceased' || value === 'cancelled' ? closingDays[value] : undefined;
  return days === undefined ? undefined : new Date(now.getTime() + days * DAY);
}

/** The terms that hold at a moment. */
export function termsAt(now: Date): ReportTerms {
  const held = TERMS.filter(({ from }) => from <= now).at(-1) ?? TERMS[0];
  if (!held) throw new Error('there are no terms for what the register reports');
  return held;
}
