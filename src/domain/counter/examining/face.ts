import { type FaceResult, type PadLevel, padSuffices } from '../../biometrics/index.ts';
import type { Result } from '../application.ts';

/** What a comparison comes to, and what both officers read of it. */
export interface JudgedFace {
  readonly result: Result;
  readonly issues: readonly string[];
}

/**
 * A picture of a picture, or one that was kept from before, is an attack whatever it matches; a match of which nobody knows whether it
 * lived before the camera is no result, where that is demanded. Both stand with the check: an override is decided by it.
 */
export function judgedFace(
  compared: Pick<FaceResult, 'outcome' | 'pad' | 'issues'>,
  { required, reused }: { readonly required: PadLevel; readonly reused: boolean },
): JudgedFace {
  const { outcome, pad, issues } = compared;
  if (reused || pad.result === 'fail') return { result: 'failed', issues: [...issues, 'attack_suspected'] };
  const isKnown = padSuffices(compared, required);
  return {
    result: outcome === 'no_match' ? 'failed' : outcome === 'match' && isKnown ? 'passed' : 'inconclusive',
    issues: isKnown ? issues : [...issues, 'pad_not_performed'],
  };
}
