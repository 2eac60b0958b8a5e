import { describe, expect, test } from 'vitest';
import { countingLevel } from '../../../../src/domain/assurance/index.ts';
import { LEAST, together } from '../../../../src/domain/assurance/levels.ts';

describe('the level that counts', () => {
  test('is 1 while a re-proofing is outstanding, and else what was recorded', () => {
    const since = new Date('2026-03-01');
    expect([countingLevel(2, null), countingLevel(2, undefined), countingLevel(1, null)]).toEqual([2, 2, 1]);
    expect([countingLevel(2, since), countingLevel(1, since)]).toEqual([1, 1]);
  });
});

describe('floors hold together', () => {
  test('the highest of each axis and either property, whatever order they come in', () => {
    const floors = [
      { accountLevel: 2 },
      { authenticationLevel: 3, strong: true },
      { phishingResistant: true },
    ] as const;
    const all = { accountLevel: 2, authenticationLevel: 3, strong: true, phishingResistant: true };
    expect(together(LEAST, ...floors)).toEqual(all);
    expect(together(LEAST, ...floors.toReversed(), { accountLevel: 1, authenticationLevel: 1 }, {})).toEqual(all);
    expect(together(LEAST)).toEqual(LEAST);
  });
  test('proofed in presence is account level 2, and any proofing asks nothing', () => {
    expect(together(LEAST, { proofing: 'in_person' }).accountLevel).toBe(2);
    expect(together(LEAST, { proofing: 'any' })).toEqual(LEAST);
    expect(together(LEAST, { proofing: 'any', accountLevel: 2 }).accountLevel).toBe(2);
  });
});
