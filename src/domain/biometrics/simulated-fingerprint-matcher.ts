import { randomUUID } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { createMoods, type Mood } from '../../platform/partner/mood.ts';
import {
  type FingerprintIssue,
  type FingerprintMatcher,
  type FingerprintOutcome,
  type FingerprintResult,
  fingerprintsUnavailable,
} from './fingerprint-matcher.ts';

interface Scene {
  readonly outcome: FingerprintOutcome;
  readonly issues: readonly FingerprintIssue[];
  readonly fingers: number;
  /** Minutes since the prints were taken, or it was seen that there are none. */
  readonly ago?: number;
  /** The system is silent about this capture. */
  readonly mood?: Exclude<Mood, 'well'>;
}

/** What a capture of the sandbox comes to, by the word that its number begins with: `MATCH-1`, `WORN-27`. */
export const SIMULATED_CAPTURES = {
  MATCH: { outcome: 'match', issues: [], fingers: 4 },
  OTHER: { outcome: 'no_match', issues: [], fingers: 4 },
  WORN: { outcome: 'inconclusive', issues: ['worn'], fingers: 2 },
  DRY: { outcome: 'inconclusive', issues: ['wet_or_dry'], fingers: 4 },
  FEW: { outcome: 'inconclusive', issues: ['too_few_fingers'], fingers: 1 },
  FALSE: { outcome: 'inconclusive', issues: ['attack_suspected'], fingers: 4 },
  POOR: { outcome: 'inconclusive', issues: ['reference_poor'], fingers: 4 },
  MISSING: { outcome: 'not_performed', issues: ['missing_fingers'], fingers: 0 },
  OLDMISSING: { outcome: 'not_performed', issues: ['missing_fingers'], fingers: 0, ago: 24 * 60 },
  NOBODY: { outcome: 'not_performed', issues: ['reference_missing'], fingers: 0 },
  OLD: { outcome: 'match', issues: [], fingers: 4, ago: 24 * 60 },
  SILENT: { outcome: 'not_performed', issues: [], fingers: 0, mood: 'busy' },
} as const satisfies Record<string, Scene>;

/** The system of the sandbox: it knows captures by their numbers, and no print of anybody. */
export interface SimulatedFingerprintMatcher extends FingerprintMatcher {
  behave(how: Mood): void;
}

const THRESHOLD = 0.7;
const SCORES = { match: 0.95, no_match: 0.08, inconclusive: 0.5 } as const;
const UNKNOWN: Scene = { outcome: 'not_performed', issues: ['unknown_capture'], fingers: 0 };

export function createSimulatedFingerprintMatcher(parts: {
  readonly clock: Clock;
  /** Milliseconds that a slow one is waited for. */
  readonly timeout?: number;
}): SimulatedFingerprintMatcher {
  const moods = createMoods(fingerprintsUnavailable, parts.timeout);
  return {
    behave: moods.behave,
    async result({ capture }): Promise<FingerprintResult> {
      const [, word = ''] = /^([A-Z]+)-[0-9]{1,9}$/.exec(capture) ?? [];
      const scene: Scene = Object.hasOwn(SIMULATED_CAPTURES, word)
        ? SIMULATED_CAPTURES[word as keyof typeof SIMULATED_CAPTURES]
        : UNKNOWN;
      await moods.meet(scene.mood);
      const { outcome, issues, fingers, ago = 1 } = scene;
      const decides = outcome !== 'not_performed';
      return {
        ...{ outcome, issues, fingers },
        // Of whoever has no fingers too the station says when it has seen them.
        ...(decides || issues.some((issue) => issue === 'missing_fingers')
          ? { capturedAt: new Date(parts.clock.now().getTime() - ago * 60_000) }
          : {}),
        ...(decides ? { score: SCORES[outcome], threshold: THRESHOLD } : {}),
        engine: { name: 'simulated', version: '1' },
        transactionId: randomUUID(),
      };
    },
  };
}
