import type { PadLevel } from '../biometrics/index.ts';
import type { CheckKind } from './application.ts';

/** The rules of one time, but for how soon an application is decided (`domain/legal-terms`). What was decided names their version. */
export interface CounterPolicy {
  readonly version: string;
  /** The first moment at which they hold. */
  readonly from: Date;
  readonly source: string;
  /** Nobody below this age has level 2; below the other a guardian acts. */
  readonly fromYears: number;
  readonly aloneFromYears: number;
  /** Everything that is decided by was found in one visit: within so many hours. */
  readonly visitHours: number;
  /** How many pictures of a number are taken within those hours, in one application or another: then the oldest is waited out. */
  readonly pictures: number;
  /** How many captures of fingerprints, in the same way. */
  readonly captures: number;
  /** Fingers that a match rests on at least. */
  readonly fingers: number;
  /** What must be known of a picture's being one of a living person; an officer has them before them. */
  readonly pad: PadLevel;
  /** Days of the calendar in which the person comes back with what was missing. */
  readonly answerDays: number;
  /** Days of the calendar without any step of an officer, after which one that waits for nobody else lapses in the same way. */
  readonly untouchedDays: number;
  /** Minutes in which the person begins to bind, once the code is in their hands, and the card was read so lately. */
  readonly bindingMinutes: number;
  readonly cardMinutes: number;
  /** What is found anew, once the visit is over, of whoever left before binding; and the days after which nobody binds by it any more. */
  readonly anew: readonly Extract<CheckKind, 'face_match' | 'fingerprint_match'>[];
  readonly bindingDays: number;
}

/** The newest last. */
export const COUNTER_POLICIES: readonly CounterPolicy[] = [
  {
    version: 'level-2-counter@2024-07-01',
    from: new Date('2024-06-30T17:00:00Z'),
    source: 'Decree 69/2024 Art. 7, 10, 12: in presence, card, face and fingerprints; the other figures are ours',
    fromYears: 6,
    aloneFromYears: 14,
    visitHours: 4,
    pictures: 5,
    captures: 5,
    fingers: 2,
    pad: 'none',
    answerDays: 30,
    untouchedDays: 90,
    bindingMinutes: 30,
    cardMinutes: 60,
    anew: ['face_match', 'fingerprint_match'],
    bindingDays: 30,
  },
];

/** The rules that hold at a moment. */
export function counterPolicyAt(now: Date, policies: readonly CounterPolicy[] = COUNTER_POLICIES): CounterPolicy {
  const held = policies.filter(({ from }) => from <= now).at(-1) ?? policies[0];
  if (!held) throw new Error('there are no rules for counters');
  return held;
}
