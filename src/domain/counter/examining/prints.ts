import { type FingerprintResult, fingerprintsPass } from '../../biometrics/index.ts';
import type { Result } from '../application.ts';

/** What a capture comes to, and what both officers read of it. */
export interface JudgedPrints {
  readonly result: Result;
  readonly issues: readonly string[];
}

/** Prints are taken after the person came, give or take a station's clock. */
const STATION_SKEW = 120_000;

/**
 * Prints of before this visit are of somebody who was somewhere else. So is the station's word that there are no fingers to show: one
 * that it does not date is of any day.
 */
export function judgedPrints(
  said: FingerprintResult,
  { begun, least }: { readonly begun: Date; readonly least: number },
): JudgedPrints {
  const { outcome, issues, capturedAt } = said;
  const isOld = capturedAt ? capturedAt.getTime() < begun.getTime() - STATION_SKEW : issues.includes('missing_fingers');
  if (isOld) return { result: 'not_performed', issues: [...issues, 'old_capture'] };
  if (fingerprintsPass(said, least)) return { result: 'passed', issues };
  return { result: outcome === 'match' ? 'inconclusive' : outcome === 'no_match' ? 'failed' : outcome, issues };
}
