import { z } from 'zod';
import { readAnswer } from '../../platform/partner/answer.ts';
import { createPartner, type PartnerParts, type Reachable } from '../../platform/partner/partner.ts';
import {
  FACE_ISSUES,
  FACE_OUTCOMES,
  type FaceMatcher,
  type FaceResult,
  faceUnavailable,
  PAD_LEVELS,
  PAD_RESULTS,
  type PadLevel,
} from './face-matcher.ts';

/** Two pictures take a while. Milliseconds, for the guard that an engine is asked through. */
export const FACE_TIMEOUT = 10_000;

const word = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]*$/u);
const score = z.number().min(0).max(1).optional();

const comparison = z
  .object({
    outcome: z.enum(FACE_OUTCOMES),
    pad: z.object({ level: z.enum(PAD_LEVELS), result: z.enum(PAD_RESULTS) }),
    issues: z.array(z.enum(FACE_ISSUES)).max(FACE_ISSUES.length),
    score,
    threshold: score,
    engine: z.object({ name: word, version: word }),
    transactionId: word,
  })
  // It cannot both have decided by a picture and say that it could not be decided by.
  .refine(({ outcome, issues }) => outcome === 'inconclusive' || issues.length === 0);

/** An engine that answers over HTTPS, as `face-matcher.openapi.json` beside this file describes. */
export function createHttpFaceMatcher(
  parts: PartnerParts & { /** By the operator's word. */ readonly pad: PadLevel },
): FaceMatcher & Reachable {
  const engine = createPartner(parts, faceUnavailable);
  return {
    pad: parts.pad,
    resting: engine.resting,
    greet: engine.greet,
    compare: ({ probe, reference }) =>
      engine.ask(
        '/comparisons',
        { probe: probe.toString('base64'), reference: reference.toString('base64') },
        (body): FaceResult => {
          const said = readAnswer(comparison, body, faceUnavailable) as FaceResult;
          // An engine is not believed more than the operator vouches for.
          const level = PAD_LEVELS[Math.min(PAD_LEVELS.indexOf(said.pad.level), PAD_LEVELS.indexOf(parts.pad))]!;
          return { ...said, pad: { ...said.pad, level } };
        },
      ),
  };
}
