import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FACE_OUTCOMES, PAD_RESULTS } from '../../../src/domain/biometrics/face-matcher.ts';
import { createHttpFaceMatcher, FACE_ISSUES, PAD_LEVELS, type PadLevel } from '../../../src/domain/biometrics/index.ts';
import type { JsonSchema } from '../../support/json-schema.ts';
import { described, describedQuestions, isAsDescribed } from '../../support/openapi.ts';
import { giveToken, type LoopbackPartner, say, startPartner } from '../../support/partner.ts';

const probe = Buffer.alloc(2 * 1024 * 1024, 1);
const reference = Buffer.alloc(2 * 1024 * 1024, 2);
const match = {
  ...{ outcome: 'match', pad: { level: 'tested', result: 'pass' }, issues: [], score: 0.97, threshold: 0.9 },
  ...{ engine: { name: 'an engine', version: '7.1' }, transactionId: 't-1' },
};

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
const engine = (pad: PadLevel = 'tested') => createHttpFaceMatcher({ ...partner.parts({ timeout: 3_000 }), pad });
const small = { probe: probe.subarray(0, 9), reference: reference.subarray(0, 9) };

const [comparison] = describedQuestions('biometrics/face-matcher.openapi.json');

test('asks as described: two pictures of 2 MiB, byte by byte, and nothing of whom they are', async () => {
  expect(await engine().compare({ probe, reference })).toEqual(match);
  const [asked] = partner.asked;
  expect(asked!.path).toBe(`/v1${comparison!.path}`);
  expect(isAsDescribed(comparison!.question, asked!.question)).toBe(true);
  expect(Object.keys(asked!.question)).toEqual(['probe', 'reference']);
  expect(Buffer.from(asked!.question.probe!, 'base64').equals(probe)).toBe(true);
  expect(Buffer.from(asked!.question.reference!, 'base64').equals(reference)).toBe(true);
});

test('the description names every outcome, level, result and issue that there is', () => {
  const [decided, undecided] = (comparison!.answer as { oneOf: JsonSchema[] }).oneOf;
  const { outcome, pad } = decided!.properties!;
  expect([...outcome!.enum!, undecided!.properties!.outcome!.const]).toEqual([...FACE_OUTCOMES]);
  expect(pad!.properties!.level!.enum).toEqual([...PAD_LEVELS]);
  expect(pad!.properties!.result!.enum).toEqual([...PAD_RESULTS]);
  expect(undecided!.properties!.issues!.items!.enum).toEqual([...FACE_ISSUES]);
});

test('whatever is as described is understood', async () => {
  await fc.assert(
    fc.asyncProperty(described(comparison!.answer), async (body) => {
      answer = body;
      expect(isAsDescribed(comparison!.answer, body)).toBe(true);
      const { outcome, issues } = await engine().compare(small);
      expect({ outcome, issues }).toEqual({
        outcome: (body as typeof match).outcome,
        issues: (body as typeof match).issues,
      });
    }),
    { numRuns: 60 },
  );
});

test.each<[PadLevel, PadLevel, PadLevel]>([
  ['none', 'tested', 'none'],
  ['active-challenge', 'tested', 'active-challenge'],
  ['tested', 'active-challenge', 'active-challenge'],
  ['tested', 'tested', 'tested'],
])('by the operator’s word it does %s, it says %s: %s is believed', async (vouched, said, believed) => {
  answer = { ...match, pad: { level: said, result: 'pass' } };
  expect(await engine(vouched).compare(small)).toMatchObject({ pad: { level: believed, result: 'pass' } });
  expect(engine(vouched).pad).toBe(vouched);
});

test.each<[string, object]>([
  ['an outcome that there is not', { ...match, outcome: 'probably' }],
  ['no word about an attack', { ...match, pad: undefined }],
  ['a result that there is not', { ...match, pad: { level: 'tested', result: 'ok' } }],
  ['a match by a picture that was not good enough', { ...match, issues: ['blurred'] }],
  ['an issue that there is not', { ...match, outcome: 'inconclusive', issues: ['ugly'] }],
  ['a score above all scores', { ...match, score: 97 }],
  ['an engine without a name', { ...match, engine: { name: '', version: '1' } }],
  ['no transaction', { ...match, transactionId: undefined }],
])('%s is no answer', async (_what, body) => {
  answer = body;
  await expect(engine().compare(small)).rejects.toMatchObject({
    ...{ code: 'face_matcher.unavailable', facts: { reason: 'garbage' } },
  });
});

test('no error carries a picture', async () => {
  answer = { ...match, outcome: small.probe.toString('base64') };
  const error = await engine()
    .compare(small)
    .catch((thrown) => thrown);
  expect(error.message).toBe('face_matcher.unavailable');
  expect(inspect(error, { depth: 9 })).not.toContain(small.probe.toString('base64'));
});
