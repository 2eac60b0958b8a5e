import { describe, expect, test } from 'vitest';
import { createApplications, POLICIES } from '../../../../src/domain/applications/index.ts';
import { type PadLevel, passes } from '../../../../src/domain/biometrics/index.ts';
import { COUNTER_POLICIES, createCounter } from '../../../../src/domain/counter/index.ts';
import type { EidError } from '../../../../src/platform/errors.ts';
import { sentenceOf } from '../../../../src/serve/refusal.ts';

// ISO/IEC 30107-3: rules that ask more of a face than the engine has stop the start, not an applicant.
describe.each([
  [
    'online',
    (pad: PadLevel, policies: readonly object[]) => createApplications({ face: { pad }, policies } as never),
    POLICIES,
  ],
  [
    'at the counter',
    (pad: PadLevel, policies: readonly object[]) => createCounter({ real: { face: { pad } }, policies } as never),
    COUNTER_POLICIES,
  ],
] as const)('%s', (_, create, [held]) => {
  const stricter = [held!, { ...held!, version: 'stricter@2027-01-01', from: new Date('2027-01-01'), pad: 'tested' }];

  test.each(['none', 'active-challenge'] as const)(
    'rules of a day to come that an engine with %s cannot keep stop the start',
    (pad) => {
      let said = '';
      try {
        create(pad, stricter);
      } catch (error) {
        said = sentenceOf(error as EidError);
      }
      expect(said).toContain('face_matcher.pad');
      expect(said).toContain('stricter@2027-01-01');
    },
  );

  test('an engine that can keep them does not', () => {
    expect(() => create('tested', stricter)).not.toThrow();
    expect(() => create('none', [held!])).not.toThrow();
  });
});

test('where nobody asks for a detection a match is enough; where somebody does, one that was not performed never is', () => {
  const result = (pad: PadLevel, found: 'pass' | 'fail' | 'not_performed') =>
    ({ outcome: 'match', pad: { level: pad, result: found } }) as Parameters<typeof passes>[0];
  for (const required of ['active-challenge', 'tested'] as const)
    for (const level of ['none', 'active-challenge', 'tested'] as const) {
      expect(passes(result(level, 'not_performed'), required)).toBe(false);
      expect(passes(result(level, 'fail'), required)).toBe(false);
    }
  expect(passes(result('none', 'not_performed'), 'none')).toBe(true);
  expect(passes(result('tested', 'fail'), 'none')).toBe(false);
});
