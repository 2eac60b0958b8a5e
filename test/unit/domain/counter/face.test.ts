import { expect, test } from 'vitest';
import type { FaceResult, PadLevel } from '../../../../src/domain/biometrics/index.ts';
import { judgedFace } from '../../../../src/domain/counter/examining/face.ts';

const judged = (
  outcome: FaceResult['outcome'],
  pad: FaceResult['pad'],
  { required = 'none' as PadLevel, reused = false } = {},
) => judgedFace({ outcome, pad, issues: [] }, { required, reused });
const [alive, unknown, fake] = (['pass', 'not_performed', 'fail'] as const).map((result) => ({
  ...{ level: 'active-challenge', result },
})) as [FaceResult['pad'], FaceResult['pad'], FaceResult['pad']];

test('a match passes with what is demanded of it, and another face fails', () => {
  expect(judged('match', alive, { required: 'active-challenge' })).toEqual({ result: 'passed', issues: [] });
  expect(judged('match', unknown)).toEqual({ result: 'passed', issues: [] });
  expect(judged('no_match', alive)).toEqual({ result: 'failed', issues: [] });
  expect(judged('inconclusive', alive)).toEqual({ result: 'inconclusive', issues: [] });
});

test('a suspected attack stands with the check, whatever it matches', () => {
  const attack = { result: 'failed', issues: ['attack_suspected'] };
  for (const outcome of ['match', 'no_match', 'inconclusive'] as const) expect(judged(outcome, fake)).toEqual(attack);
  expect(judged('match', alive, { reused: true })).toEqual(attack);
});

test('that nobody knows whether it lived stands with the check, where it is demanded', () => {
  const asked = { required: 'active-challenge' } as const;
  const issues = ['pad_not_performed'];
  expect(judged('match', unknown, asked)).toEqual({ result: 'inconclusive', issues });
  expect(judged('no_match', unknown, asked)).toEqual({ result: 'failed', issues });
  // A weaker look than the rules ask for is none.
  expect(judged('match', alive, { required: 'tested' })).toEqual({ result: 'inconclusive', issues });
});
