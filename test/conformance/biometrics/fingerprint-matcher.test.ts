import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FINGERPRINT_OUTCOMES } from '../../../src/domain/biometrics/fingerprint-matcher.ts';
import {
  createHttpFingerprintMatcher,
  createSimulatedFingerprintMatcher,
  FINGERPRINT_ISSUES,
  type FingerprintMatcher,
  fingerprintsPass,
  SIMULATED_CAPTURES,
} from '../../../src/domain/biometrics/index.ts';
import type { Mood } from '../../../src/platform/partner/mood.ts';
import { fixedClock } from '../../support/clock.ts';
import { giveToken, moody, startPartner } from '../../support/partner.ts';
import { serveFingerprints } from '../../support/register-server.ts';

/** One implementation, and how to make its other side misbehave. */
interface Side {
  readonly matcher: FingerprintMatcher;
  behave(how: Mood): void;
  stop(): Promise<void>;
}
const clock = fixedClock();

async function httpSide(): Promise<Side> {
  const behind = createSimulatedFingerprintMatcher({ clock });
  let mood: Mood = 'well';
  const partner = await startPartner({
    token: giveToken,
    answer: async (_path, question, response) => {
      if (mood === 'too_slow') return;
      if (moody(mood, response)) return;
      await serveFingerprints(behind, question, response).catch(() => moody('busy', response));
    },
  });
  return {
    matcher: createHttpFingerprintMatcher(partner.parts({ timeout: 1_500 })),
    behave: (how) => {
      mood = how;
    },
    stop: () => partner.stop(),
  };
}

async function simulatedSide(): Promise<Side> {
  const matcher = createSimulatedFingerprintMatcher({ clock, timeout: 500 });
  return { matcher, behave: matcher.behave, stop: async () => {} };
}

const identityNumber = '097190000041';

describe.each([
  ['over HTTPS', httpSide],
  ['simulated', simulatedSide],
])('the fingerprint matcher, %s', (_, start) => {
  let side: Side;
  beforeAll(async () => {
    side = await start();
  });
  afterEach(() => side.behave('well'));
  afterAll(() => side.stop());
  const result = (capture: string) => side.matcher.result({ identityNumber, capture });

  test('one person’s prints are a match, another’s are none, each with a score beside a threshold and a transaction of its own', async () => {
    const [same, other] = [await result('MATCH-1'), await result('OTHER-1')];
    expect(same).toMatchObject({ outcome: 'match', issues: [], fingers: 4 });
    expect(same.score).toBeGreaterThan(same.threshold!);
    expect(same.capturedAt).toBeInstanceOf(Date);
    expect(other).toMatchObject({ outcome: 'no_match', issues: [] });
    expect(other.score).toBeLessThan(other.threshold!);
    expect(same.transactionId).not.toBe(other.transactionId);
    expect([fingerprintsPass(same, 1), fingerprintsPass(same, 5), fingerprintsPass(other, 1)]).toEqual([
      ...[true, false, false],
    ]);
  });

  test.each([
    ['WORN', { outcome: 'inconclusive', issues: ['worn'] }],
    ['DRY', { outcome: 'inconclusive', issues: ['wet_or_dry'] }],
    ['FEW', { outcome: 'inconclusive', issues: ['too_few_fingers'] }],
    ['FALSE', { outcome: 'inconclusive', issues: ['attack_suspected'] }],
    ['POOR', { outcome: 'inconclusive', issues: ['reference_poor'] }],
    ['MISSING', { outcome: 'not_performed', issues: ['missing_fingers'], fingers: 0 }],
    ['NOBODY', { outcome: 'not_performed', issues: ['reference_missing'], fingers: 0 }],
    ['NEVER-SEEN', { outcome: 'not_performed', issues: ['unknown_capture'], fingers: 0 }],
  ] as const)('a capture %s does not pass', async (word, expected) => {
    const answer = await result(`${word}-7`);
    expect(answer).toMatchObject(expected);
    expect(fingerprintsPass(answer, 1)).toBe(false);
  });

  test('a capture says when it was taken', async () => {
    const [{ capturedAt: now }, { capturedAt: yesterday }] = [await result('MATCH-2'), await result('OLD-2')];
    expect(now!.getTime() - yesterday!.getTime()).toBeGreaterThan(20 * 3_600_000);
  });

  test.each(['unreachable', 'too_slow', 'busy', 'refused', 'garbage'] as const)(
    '%s: there is one error, soon',
    async (how) => {
      side.behave(how);
      const from = performance.now();
      await expect(result('MATCH-3')).rejects.toMatchObject({
        ...{ code: 'fingerprint_matcher.unavailable', status: 503, facts: { reason: how } },
      });
      expect(performance.now() - from).toBeLessThan(4_000);
      side.behave('well');
      expect(await result('MATCH-3')).toMatchObject({ outcome: 'match' });
    },
  );

  test('a system that is silent about one capture is not silent about the next', async () => {
    await expect(result('SILENT-1')).rejects.toMatchObject({ facts: { reason: 'busy' } });
    expect(await result('MATCH-4')).toMatchObject({ outcome: 'match' });
  });
});

test('every outcome and every issue can be met in a sandbox', async () => {
  const matcher = createSimulatedFingerprintMatcher({ clock });
  const words = Object.keys(SIMULATED_CAPTURES).filter((word) => word !== 'SILENT');
  const met = await Promise.all(
    [...words, 'NEVER'].map((word) => matcher.result({ identityNumber, capture: `${word}-1` })),
  );
  expect(new Set(met.map(({ outcome }) => outcome))).toEqual(new Set(FINGERPRINT_OUTCOMES));
  expect(new Set(met.flatMap(({ issues }) => issues))).toEqual(new Set(FINGERPRINT_ISSUES));
});
