import { declareErrors, EidError } from '../../platform/errors.ts';
import type { Unavailable } from '../../platform/partner/partner.ts';

declareErrors('fingerprint_matcher', {
  unavailable: {
    status: 503,
    when: 'The system that compares fingerprints cannot be reached, is busy, takes too long, or answers with something that is no answer.',
  },
});

/**
 * What came of a comparison (ISO/IEC 2382-37). `inconclusive`: the prints were not good enough, or the system would not decide.
 * `not_performed`: nothing was compared, which is no match.
 */
export const FINGERPRINT_OUTCOMES = ['match', 'no_match', 'inconclusive', 'not_performed'] as const;
export type FingerprintOutcome = (typeof FINGERPRINT_OUTCOMES)[number];

/** What was wrong with the prints. `reference_…` is about the register's: the applicant can do nothing about it. */
export const FINGERPRINT_ISSUES = [
  'worn',
  'wet_or_dry',
  'too_few_fingers',
  'missing_fingers',
  'attack_suspected',
  'unknown_capture',
  'reference_missing',
  'reference_poor',
] as const;
export type FingerprintIssue = (typeof FINGERPRINT_ISSUES)[number];

/** The result of one comparison. The score stays in the journal. */
export interface FingerprintResult {
  readonly outcome: FingerprintOutcome;
  readonly issues: readonly FingerprintIssue[];
  /** How many fingers the outcome rests on. */
  readonly fingers: number;
  /** When the prints were taken at the station, or found to be missing; an answer without it opens nothing. */
  readonly capturedAt?: Date;
  readonly score?: number;
  readonly threshold?: number;
  readonly engine: { readonly name: string; readonly version: string };
  /** The system's own name of this comparison. */
  readonly transactionId: string;
}

/**
 * The prints are taken and compared by the system's own station at the counter (ABIS), and never pass through this server: it
 * asks what the station's capture of this number said of the holder of that identity number.
 */
export interface FingerprintQuestion {
  readonly identityNumber: string;
  /** As the station shows it beside the prints. */
  readonly capture: string;
}

/**
 * Says whether the prints of a capture are of the person whom a number belongs to. Every failure to answer is one error,
 * `fingerprint_matcher.unavailable`, with the reason among its facts.
 */
export interface FingerprintMatcher {
  result(question: FingerprintQuestion): Promise<FingerprintResult>;
}

/** Whether a result may count: a match of at least so many fingers. Nothing else does, whatever it is called. */
export const fingerprintsPass = ({ outcome, fingers }: FingerprintResult, least: number): boolean =>
  outcome === 'match' && fingers >= least;

export const fingerprintsUnavailable: Unavailable = (reason, cause) =>
  new EidError('fingerprint_matcher.unavailable', { facts: { reason }, ...(cause === undefined ? {} : { cause }) });
