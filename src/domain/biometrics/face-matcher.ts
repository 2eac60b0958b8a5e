import { declareErrors, EidError } from '../../platform/errors.ts';
import type { Unavailable } from '../../platform/partner/partner.ts';

declareErrors('face_matcher', {
  unavailable: {
    status: 503,
    when: 'The engine that compares faces cannot be reached, is busy, takes too long, or answers with something that is no answer.',
  },
  pad: {
    status: 500,
    when: 'Rules ask more presentation attack detection of a face than the engine has (FACE_MATCHER_PAD): nobody would pass, so nothing starts, and applications wait.',
  },
  weights: {
    status: 500,
    when: 'A file of the embedded engine is missing or is not the one that this release has (its SHA-256 is another): put that one back.',
  },
});

/** What came of a comparison (ISO/IEC 2382-37). `inconclusive`: a picture was not good enough, or the engine would not decide. */
export const FACE_OUTCOMES = ['match', 'no_match', 'inconclusive'] as const;
export type FaceOutcome = (typeof FACE_OUTCOMES)[number];

/** How well an engine tells a person from a picture of one (ISO/IEC 30107-3). `tested`: only with a laboratory's report. */
export const PAD_LEVELS = ['none', 'active-challenge', 'tested'] as const;
export type PadLevel = (typeof PAD_LEVELS)[number];

/** What came of looking for a presentation attack. */
export const PAD_RESULTS = ['pass', 'fail', 'not_performed'] as const;

/** What was wrong with a picture. `reference_…` is about the register's: the applicant can do nothing about it. */
export const FACE_ISSUES = [
  'no_face',
  'several_faces',
  'too_small',
  'turned',
  'blurred',
  'too_dark',
  'too_bright',
  'unreadable',
  'reference_no_face',
  'reference_unreadable',
] as const;
export type FaceIssue = (typeof FACE_ISSUES)[number];

/** The result of one comparison. The score stays in the journal: shown, it would teach how to come closer. */
export interface FaceResult {
  readonly outcome: FaceOutcome;
  /** Apart from the outcome: `not_performed` is not `pass`. */
  readonly pad: { readonly level: PadLevel; readonly result: (typeof PAD_RESULTS)[number] };
  readonly issues: readonly FaceIssue[];
  readonly score?: number;
  readonly threshold?: number;
  readonly engine: { readonly name: string; readonly version: string };
  /** The engine's own name of this comparison. */
  readonly transactionId: string;
}

/** Two pictures: JPEG, PNG or JPEG 2000, each at most 2 MiB. */
export interface FaceQuestion {
  readonly probe: Buffer;
  readonly reference: Buffer;
}

/**
 * Compares a face with a portrait. Every failure to answer is one error, `face_matcher.unavailable`, with the reason among its
 * facts; a picture that is no picture is an answer, `inconclusive`.
 */
export interface FaceMatcher {
  /** What it can do at its best: a policy that asks more stops the start, never a claimant. */
  readonly pad: PadLevel;
  compare(question: FaceQuestion): Promise<FaceResult>;
}

/** Whether the PAD that the policy demands was performed and passed; where it demands none, that nothing else was found. */
export const padSuffices = ({ pad }: Pick<FaceResult, 'pad'>, required: PadLevel): boolean =>
  (required === 'none' ? pad.result !== 'fail' : pad.result === 'pass') &&
  PAD_LEVELS.indexOf(pad.level) >= PAD_LEVELS.indexOf(required);

/** Whether a result may count: a match, with the PAD that the policy demands, performed and passed. */
export const passes = (result: FaceResult, required: PadLevel): boolean =>
  result.outcome === 'match' && padSuffices(result, required);

/**
 * The error of a match that counts for nothing because the engine can do less than the rule asks, whatever the picture. Whoever applied did nothing wrong, and
 * whoever runs the server has to: nobody is refused by it. An attack that was found is one under any rule.
 */
export const padLacking = (
  { outcome, pad }: FaceResult,
  { required, has }: { readonly required: PadLevel; readonly has: PadLevel },
): EidError | undefined =>
  outcome === 'match' && pad.result !== 'fail' && PAD_LEVELS.indexOf(has) < PAD_LEVELS.indexOf(required)
    ? new EidError('face_matcher.pad', { facts: { asked: required, has } })
    : undefined;

/** Stops the start where rules ask more of an engine than it can: that is nothing to find out in front of an applicant. */
export function demandPad(
  { pad }: Pick<FaceMatcher, 'pad'>,
  rules: readonly { readonly version: string; readonly pad: PadLevel }[],
): void {
  const beyond = rules.find((one) => PAD_LEVELS.indexOf(one.pad) > PAD_LEVELS.indexOf(pad));
  if (beyond) throw new EidError('face_matcher.pad', { facts: { rules: beyond.version, asked: beyond.pad, has: pad } });
}

/** What the journal keeps of a comparison. The score is rounded to a band: exact, it would teach whoever reads how to come closer. */
export const journalled = (result: FaceResult) => {
  const { outcome, pad, issues, engine, transactionId, score, threshold } = result;
  return {
    ...{ outcome, pad: pad.level, padResult: pad.result, issues: [...issues] },
    ...{ engine: `${engine.name} ${engine.version}`, transaction: transactionId },
    ...{ score: score === undefined ? null : Math.round(score * 10) / 10, threshold: threshold ?? null },
  };
};

export const faceUnavailable: Unavailable = (reason, cause) =>
  new EidError('face_matcher.unavailable', { facts: { reason }, ...(cause === undefined ? {} : { cause }) });
