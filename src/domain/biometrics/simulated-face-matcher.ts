import { randomUUID } from 'node:crypto';
import { createMoods, type Mood } from '../../platform/partner/mood.ts';
import { type FaceIssue, type FaceMatcher, type FaceResult, faceUnavailable, type PadLevel } from './face-matcher.ts';

/** What somebody who knows the drawings sees in a picture. */
export type Seen =
  | {
      /** Whose face it is: any name, the same for the same face. */
      readonly face: string;
      /** What a detector of presentation attacks would say; `pass` when nothing else is said. */
      readonly pad?: FaceResult['pad']['result'];
      /** What is wrong with the picture; with `undecided` the engine finds nothing wrong and does not decide. */
      readonly issues?: readonly FaceIssue[];
      readonly undecided?: true;
      /** The engine is silent about this picture. */
      readonly mood?: Exclude<Mood, 'well'>;
    }
  | { readonly face?: undefined; readonly issues: readonly ['no_face' | 'unreadable'] };

/** The engine of the sandbox: it knows drawings, and no face of anybody. */
export interface SimulatedFaceMatcher extends FaceMatcher {
  behave(how: Mood): void;
}

const THRESHOLD = 0.9;
const SCORES = { match: 0.98, no_match: 0.12, inconclusive: 0.6 } as const;

export function createSimulatedFaceMatcher(parts: {
  look(image: Buffer): Promise<Seen>;
  /** What it plays at being. It is nobody's laboratory: `tested` is not among them. */
  readonly pad?: Exclude<PadLevel, 'tested'>;
  /** Milliseconds that a slow one is waited for. */
  readonly timeout?: number;
}): SimulatedFaceMatcher {
  const { look, pad: level = 'active-challenge' } = parts;
  const moods = createMoods(faceUnavailable, parts.timeout);

  const result = (
    outcome: FaceResult['outcome'],
    pad: FaceResult['pad']['result'],
    issues: readonly FaceIssue[] = [],
  ): FaceResult => ({
    ...{ outcome, issues, pad: { level, result: level === 'none' ? 'not_performed' : pad } },
    ...(issues.length > 0 ? {} : { score: SCORES[outcome], threshold: THRESHOLD }),
    engine: { name: 'simulated', version: '1' },
    transactionId: randomUUID(),
  });

  return {
    pad: level,
    behave: moods.behave,
    async compare({ probe, reference }) {
      const [seen, known] = [await look(probe), await look(reference)];
      await moods.meet(seen.face === undefined ? 'well' : seen.mood);
      if (known.face === undefined) {
        const [issue] = known.issues;
        return result('inconclusive', 'not_performed', [`reference_${issue}`]);
      }
      if (seen.face === undefined) return result('inconclusive', 'not_performed', seen.issues);
      const { pad = 'pass', issues = [] } = seen;
      if (issues.length > 0) return result('inconclusive', pad, issues);
      if (seen.undecided) return result('inconclusive', pad);
      return result(seen.face === known.face ? 'match' : 'no_match', pad);
    },
  };
}
