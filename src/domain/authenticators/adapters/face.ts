import { z } from 'zod';
import type { FaceVerdict, FaceVerifier } from '../../biometrics/index.ts';
import type { Accepted, Verdict, VerificationAdapter } from '../adapter.ts';

/** Whose portrait a face is compared with. Binding it is consent to that, and nothing of a face is kept (SP 800-63B-4 §3.2.3). */
export interface FaceBinding {
  readonly subscriberId: string;
}

interface FaceExpected {
  /** When binding: whose face it must be. */
  readonly subscriberId?: string | undefined;
}

/** The picture just taken. */
interface FaceResponse {
  readonly picture: Buffer;
}

const response = z.strictObject({ picture: z.instanceof(Buffer).refine((bytes) => bytes.length > 0) });
/** Enough to find light and a wall; a page that was left open takes a new one. */
const LIFETIME = 600;

/**
 * A face, compared by us with the portrait that the population register has. Inherence: it lifts what a possession has proven and is
 * nothing alone. The camera is whatever the browser says it is, so only an engine with evaluated presentation attack detection counts,
 * and each picture is looked at once.
 */
export function createFaceAdapter({
  faces,
}: {
  readonly faces: Pick<FaceVerifier, 'verify'>;
}): VerificationAdapter<FaceBinding, FaceExpected, null, FaceResponse> {
  return {
    kind: 'face',
    factors: ['are'],
    amr: ['face'],
    phishingResistant: false,
    single: true,
    challenged: { toBind: true, toVerify: true },
    lifetime: LIFETIME,
    answersPerChallenge: 1,
    guessable: true,
    countsToBind: true,
    binding: z.object({ subscriberId: z.string().max(64) }),
    expected: z.object({ subscriberId: z.string().max(64).optional() }),
    response,
    responseToBind: response,

    challengeToBind: async ({ id }) => ({ expected: { subscriberId: id }, request: null }),

    async bind({ subscriberId }, { picture }, _now, ceremony) {
      if (subscriberId === undefined) return { verified: false, reason: 'expired' };
      const verdict = await faces.verify(subscriberId, picture, ceremony);
      return verdict.came === 'same'
        ? { verified: true, binding: { subscriberId }, ...settlingOf(verdict) }
        : refused(verdict);
    },

    challenge: async () => ({ expected: {}, request: null }),

    async verify(bound, _expected, { picture }, _now, ceremony) {
      const verdict = await faces.verify(bound.binding.subscriberId, picture, ceremony);
      return verdict.came === 'same'
        ? { verified: true, used: bound, pad: 'evaluated', detail: verdict.detail, ...settlingOf(verdict) }
        : refused(verdict);
    },

    decoy: () => ({ id: '', binding: { subscriberId: '' } }),
  };
}

/** What a person may know of it, and what the journal keeps. Somebody else and a picture of the person read the same. */
function refused(verdict: Exclude<FaceVerdict, { came: 'same' }>): Verdict<never> {
  if (verdict.came === 'silent') return { verified: false, reason: 'busy' };
  const { came, detail } = verdict;
  const face = came === 'unusable' ? verdict.issues : came === 'no_portrait' ? (['no_portrait'] as const) : [];
  return { verified: false, reason: 'wrong', face, detail: { came, ...detail }, ...settlingOf(verdict) };
}

const settlingOf = (verdict: FaceVerdict): Pick<Accepted<FaceBinding>, 'settling'> =>
  'settling' in verdict && verdict.settling ? { settling: verdict.settling } : {};
