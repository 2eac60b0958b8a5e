import { describe, expect, test } from 'vitest';
import {
  ASSURANCE_POLICY,
  comparePolicies,
  isEasier,
  isHarder,
  type Policy,
  startOfDay,
} from '../../../../src/domain/assurance/index.ts';
import { NOW } from './proofs.ts';

const told = (after: Policy, before: Policy = ASSURANCE_POLICY): string[] =>
  comparePolicies(before, after, NOW).map(
    (one) =>
      `${one.proofs.join(' + ')}: ${one.before.authenticationLevel}${one.before.strong ? ' strong' : ''} → ${one.after.authenticationLevel}${one.after.strong ? ' strong' : ''}`,
  );
const withWorth = (id: string, more: object): Policy => ({
  ...ASSURANCE_POLICY,
  worth: ASSURANCE_POLICY.worth.map((row) => (row.id === id ? { ...row, ...more } : row)),
});
const withCombination = (id: string, more: object): Policy => ({
  ...ASSURANCE_POLICY,
  combinations: ASSURANCE_POLICY.combinations.map((row) => (row.id === id ? { ...row, ...more } : row)),
});

describe('what a policy would change', () => {
  test('nothing, when it says the same in other words', () => {
    expect(told({ ...withWorth('totp', { clause: '§3.1.4.1', source: 'another' }), version: '2027-01-01' })).toEqual(
      [],
    );
  });

  test('an SMS code that is worth nothing: by itself, beside a password, and beside a face', () => {
    expect(told(withWorth('sms-code', { worth: [] })).sort()).toEqual([
      'SMS + face: 1 strong → 0',
      'SMS: 1 → 0',
      'password + SMS + face: 2 strong → 1',
      'password + SMS: 2 → 1',
      'short password + SMS + face: 2 strong → 0',
      'short password + SMS: 2 → 0',
    ]);
  });

  test('from the day on which a row ends, and not before', () => {
    const differences = comparePolicies(ASSURANCE_POLICY, withWorth('totp', { effectiveUntil: '2026-12-31' }), NOW);
    expect(differences.length).toBeGreaterThan(0);
    expect(new Set(differences.map(({ from }) => from))).toEqual(new Set([startOfDay('2027-01-01')]));
    expect(differences.every(isHarder)).toBe(true);
    expect(differences.some(isEasier)).toBe(false);
  });

  test('a shorter time: the same proofs at that age, and nothing for fresh ones', () => {
    const differences = comparePolicies(ASSURANCE_POLICY, withCombination('level-4', { maxAge: 300 }), NOW);
    expect(new Set(differences.map(({ age }) => age))).toEqual(new Set([301]));
    expect(differences[0]).toMatchObject({ before: { authenticationLevel: 4 }, after: { authenticationLevel: 3 } });
  });

  test('where a key lives tells only when a row asks for it', () => {
    const software = { id: 'passkey.software', proof: { kind: 'passkey', keyStorage: 'software' }, worth: [] } as const;
    const rest = { clause: '§1', source: 'a test', effectiveFrom: '2024-07-01' };
    const differences = comparePolicies(
      ASSURANCE_POLICY,
      { ...ASSURANCE_POLICY, worth: [{ ...software, ...rest }, ...ASSURANCE_POLICY.worth] },
      NOW,
    );
    expect(differences.every(({ proofs }) => proofs.some((name) => name.endsWith('key in software')))).toBe(true);
    expect(differences.length).toBeGreaterThan(0);
  });

  test('easier and harder are told apart', () => {
    const easier = comparePolicies(withWorth('sms-code', { worth: [] }), ASSURANCE_POLICY, NOW);
    expect(easier.every(isEasier)).toBe(true);
    expect(easier.some(isHarder)).toBe(false);
  });

  test('within half a second, for it is weighed while people wait', () => {
    const began = performance.now();
    comparePolicies(ASSURANCE_POLICY, withWorth('totp', { effectiveUntil: '2026-12-31' }), 0);
    expect(performance.now() - began).toBeLessThan(500);
  });
});
