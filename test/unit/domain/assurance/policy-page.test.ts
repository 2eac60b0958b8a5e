import { describe, expect, test } from 'vitest';
import { ASSURANCE_POLICY, describePolicy, type Policy, referenceOf } from '../../../../src/domain/assurance/index.ts';
import { PROVEN_BY, PROVING_TESTS } from '../../../../src/domain/assurance/policy-page/proven-by.ts';
import { NOW } from './proofs.ts';
import { ROWS } from './row-flips.ts';

// Issue 6 §4: the page shows the rules for people and as data, with the tests that prove each row.
const described = (policy: Policy = ASSURANCE_POLICY, inForce: Policy = policy) =>
  describePolicy(policy, { now: NOW, inForce });
const row = (id: string, policy?: Policy) => described(policy).rows.find((one) => one.row.id === id)!;
const changed = (id: string, more: object): Policy => ({
  ...ASSURANCE_POLICY,
  worth: ASSURANCE_POLICY.worth.map((one) => (one.id === id ? { ...one, ...more } : one)),
});

describe('what the page of a policy says', () => {
  test('its version and hash, and every row of each table, whole and with the tests that prove it', () => {
    const page = described();
    expect(page).toMatchObject({ ...referenceOf(ASSURANCE_POLICY), testFile: PROVING_TESTS });
    expect(page.rows.map(({ row: { id } }) => id)).toEqual(ROWS);
    expect([...new Set(page.rows.map(({ table }) => table))]).toEqual(['worth', 'combinations', 'evidence']);
    for (const { table, row: one, tests } of page.rows) {
      expect(ASSURANCE_POLICY[table]).toContain(one);
      expect(tests).toEqual(PROVEN_BY[one.id]);
    }
  });

  test('whether it is in force, and whether it was withdrawn', () => {
    expect(described()).toMatchObject({ inForce: true, withdrawn: false });
    const next = { ...ASSURANCE_POLICY, version: '2026-12-01' };
    expect(described(ASSURANCE_POLICY, next)).toMatchObject({ inForce: false, withdrawn: false });
    expect(described(ASSURANCE_POLICY, { ...next, withdrawn: ['2026-01-01.1'] })).toMatchObject({ withdrawn: true });
  });

  test('which rows count today: not one that has ended, nor one that is off', () => {
    expect(row('totp').counts).toBe(true);
    expect(row('level-4').counts).toBe(true);
    expect(row('account-2.counter').counts).toBe(true);
    expect(row('account-2.remote').counts).toBe(false);
    expect(row('totp', changed('totp', { effectiveUntil: '2026-03-01' })).counts).toBe(false);
    expect(row('password', changed('totp', { effectiveUntil: '2026-03-01' })).counts).toBe(true);
  });

  test('no test for a row that another version has changed or brought along', () => {
    const other = changed('totp', { clause: '§3.1.4.1' });
    expect(row('totp', other).tests).toEqual([]);
    expect(row('password', other).tests).toEqual(PROVEN_BY.password);
    expect(row('face.other', changed('face', { id: 'face.other' })).tests).toEqual([]);
    expect(row('constructor', changed('face', { id: 'constructor' })).tests).toEqual([]);
  });
});
