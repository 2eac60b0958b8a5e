import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createHttpFingerprintMatcher,
  FINGERPRINT_ISSUES,
  FINGERPRINT_OUTCOMES,
} from '../../../src/domain/biometrics/index.ts';
import type { JsonSchema } from '../../support/json-schema.ts';
import { described, describedQuestions, isAsDescribed } from '../../support/openapi.ts';
import { giveToken, type LoopbackPartner, say, startPartner } from '../../support/partner.ts';

const match = {
  ...{ outcome: 'match', issues: [], fingers: 4, capturedAt: '2026-03-02T07:59:00+00:00', score: 0.97, threshold: 0.9 },
  ...{ engine: { name: 'a system', version: '7.1' }, transactionId: 't-1' },
};
const question = { identityNumber: '097190000041', capture: 'STATION-3-0017' };

let partner: LoopbackPartner;
let answer: unknown;
beforeEach(async () => {
  answer = match;
  partner = await startPartner({
    token: giveToken,
    answer: (_path, _question, response) => say(response, answer),
  });
});
afterEach(() => partner.stop());
const ask = () => createHttpFingerprintMatcher(partner.parts({ timeout: 3_000 })).result(question);

const [described1] = describedQuestions('biometrics/fingerprint-matcher.openapi.json');

test('asks as described: a number and a capture, and no print of anybody', async () => {
  expect(await ask()).toEqual({ ...match, capturedAt: new Date(match.capturedAt) });
  const [asked] = partner.asked;
  expect(asked!.path).toBe(`/v1${described1!.path}`);
  expect(isAsDescribed(described1!.question, asked!.question)).toBe(true);
  expect(asked!.question).toEqual(question);
});

test('the description names every outcome and issue that there is', () => {
  const [decided, undecided, none] = (described1!.answer as { oneOf: JsonSchema[] }).oneOf;
  const outcomes = [
    ...decided!.properties!.outcome!.enum!,
    undecided!.properties!.outcome!.const,
    none!.properties!.outcome!.const,
  ];
  expect(outcomes).toEqual([...FINGERPRINT_OUTCOMES]);
  for (const one of [undecided, none]) expect(one!.properties!.issues!.items!.enum).toEqual([...FINGERPRINT_ISSUES]);
});

test('whatever is as described is understood', async () => {
  await fc.assert(
    fc.asyncProperty(described(described1!.answer), async (body) => {
      answer = body;
      expect(isAsDescribed(described1!.answer, body)).toBe(true);
      const { outcome, issues } = await ask();
      expect([outcome, issues]).toEqual([(body as typeof match).outcome, (body as typeof match).issues]);
    }),
    { numRuns: 60 },
  );
});

test.each<[string, object]>([
  ['an outcome that there is not', { ...match, outcome: 'probably' }],
  ['a match of no finger', { ...match, fingers: 0 }],
  ['a match of eleven', { ...match, fingers: 11 }],
  ['a match by prints that nobody took', { ...match, capturedAt: undefined }],
  ['prints of tomorrow', { ...match, capturedAt: new Date(Date.now() + 86_400_000 * 3650).toISOString() }],
  ['a match by prints that were not good enough', { ...match, issues: ['worn'] }],
  ['nothing compared, by four fingers', { ...match, outcome: 'not_performed' }],
  ['an issue that there is not', { ...match, outcome: 'inconclusive', issues: ['dirty'] }],
  ['a score above all scores', { ...match, score: 97 }],
  ['no transaction', { ...match, transactionId: undefined }],
])('%s is no answer', async (_what, body) => {
  answer = body;
  await expect(ask()).rejects.toMatchObject({
    ...{ code: 'fingerprint_matcher.unavailable', facts: { reason: 'garbage' } },
  });
});
