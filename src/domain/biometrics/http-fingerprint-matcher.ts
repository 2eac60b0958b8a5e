import { z } from 'zod';
import { asOf, readAnswer } from '../../platform/partner/answer.ts';
import { createPartner, type PartnerParts, type Reachable } from '../../platform/partner/partner.ts';
import {
  FINGERPRINT_ISSUES,
  FINGERPRINT_OUTCOMES,
  type FingerprintMatcher,
  type FingerprintResult,
  fingerprintsUnavailable,
} from './fingerprint-matcher.ts';

const word = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]*$/u);
const score = z.number().min(0).max(1).optional();

const comparison = (now: Date) =>
  z
    .object({
      outcome: z.enum(FINGERPRINT_OUTCOMES),
      issues: z.array(z.enum(FINGERPRINT_ISSUES)).max(FINGERPRINT_ISSUES.length),
      fingers: z.int().min(0).max(10),
      capturedAt: asOf(now).optional(),
      score,
      threshold: score,
      engine: z.object({ name: word, version: word }),
      transactionId: word,
    })
    // A match of no fingers, or of prints that nobody took, is none; what decided found nothing wrong.
    .refine(({ outcome, issues, fingers, capturedAt }) =>
      outcome === 'inconclusive' || outcome === 'not_performed'
        ? outcome === 'inconclusive' || fingers === 0
        : issues.length === 0 && fingers > 0 && capturedAt !== undefined,
    );

/** A system that answers over HTTPS, as `fingerprint-matcher.openapi.json` beside this file describes. */
export function createHttpFingerprintMatcher(parts: PartnerParts): FingerprintMatcher & Reachable {
  const system = createPartner(parts, fingerprintsUnavailable);
  return {
    resting: system.resting,
    greet: system.greet,
    result: ({ identityNumber, capture }) =>
      system.ask(
        '/results',
        { identityNumber, capture },
        (body, now) => readAnswer(comparison(now), body, fingerprintsUnavailable) as FingerprintResult,
      ),
  };
}
