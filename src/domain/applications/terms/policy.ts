import type { PadLevel } from '../../biometrics/index.ts';

/** The rules of one time, but for how soon an application is decided (`domain/legal-terms`). What was decided names their version. */
export interface ApplicationPolicy {
  readonly version: string;
  /** The first moment at which they hold. */
  readonly from: Date;
  readonly source: string;
  /** Days of the calendar in which an approved account is activated. */
  readonly activationDays: number;
  /** Days of the calendar in which a question is answered. */
  readonly answerDays: number;
  /** Days of the calendar in which the holder of the number stops what was begun in their name. */
  readonly stopDays: number;
  /** From this age on one signs up oneself; below it a guardian does. */
  readonly aloneFromYears: number;
  /** How many pictures one application takes. */
  readonly pictures: number;
  /** How many applications of one number, and of one telephone, are taken within a day. */
  readonly perNumber: number;
  readonly perPhone: number;
  /** What must be known of a picture's being one of a living person. A still picture proves nothing of it: level 1 asks none. */
  readonly pad: PadLevel;
  /** The text of the consent to sensitive data that is shown and recorded. */
  readonly consent: string;
}

/** The newest last. */
export const POLICIES: readonly ApplicationPolicy[] = [
  {
    version: 'level-1-online@2024-07-01',
    from: new Date('2024-06-30T17:00:00Z'),
    source: 'Decree 69/2024 Art. 7, 10, 11; activation within 7 days after the older Decree 59/2022 Art. 18',
    activationDays: 7,
    answerDays: 7,
    stopDays: 30,
    aloneFromYears: 14,
    pictures: 3,
    perNumber: 5,
    perPhone: 5,
    pad: 'none',
    consent: 'sensitive-data@1',
  },
];

/** The rules that hold at a moment. */
export function policyAt(now: Date, policies: readonly ApplicationPolicy[] = POLICIES): ApplicationPolicy {
  const held = policies.filter(({ from }) => from <= now).at(-1) ?? policies[0];
  if (!held) throw new Error('there are no rules for applications');
  return held;
}
