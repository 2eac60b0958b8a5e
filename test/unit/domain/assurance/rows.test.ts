import { describe, expect, test } from 'vitest';
import { ASSURANCE_POLICY, type Policy } from '../../../../src/domain/assurance/index.ts';
import { PROVEN_BY, PROVING_TESTS } from '../../../../src/domain/assurance/policy-page/proven-by.ts';
import { ROW_CHECKS, type RowCheck } from './row-checks.ts';
import { flipsOf, ROWS } from './row-flips.ts';

// Issue 6 §4. These names stand on the policy's page: each says what a row promises.
describe('the rows of the policy', () => {
  for (const { name, holds } of ROW_CHECKS) test(name, () => holds(ASSURANCE_POLICY));
});

describe('a row and the tests that its page names', () => {
  test('every row has one, and every one that is named is run here under that name', () => {
    expect(Object.keys(PROVEN_BY)).toEqual(ROWS);
    expect(Object.values(PROVEN_BY).flat()).toEqual(ROW_CHECKS.map(({ name }) => name));
    for (const { row, name } of ROW_CHECKS)
      expect([name.startsWith(`${row}: `), name.length > row.length + 4]).toEqual([true, true]);
    expect(new Set(ROW_CHECKS.map(({ name }) => name)).size).toBe(ROW_CHECKS.length);
    expect(new URL(import.meta.url).pathname.endsWith(`/${PROVING_TESTS}`)).toBe(true);
  });

  for (const row of ROWS)
    test(`${row}: whatever else it said, its own test would fail`, () => {
      const flips = flipsOf(row);
      expect(flips.length).toBeGreaterThan(15);
      const checks = ROW_CHECKS.filter((check) => check.row === row);
      for (const { what, policy } of flips) expect(() => holdAll(checks, policy), `${row}: ${what}`).toThrow();
    });
});

function holdAll(checks: readonly RowCheck[], policy: Policy): void {
  for (const { holds } of checks) holds(policy);
}
