import { describe, expect, test } from 'vitest';
import { momentsOf } from '../../../../src/domain/assurance/compare.ts';
import {
  ASSURANCE_POLICY,
  comparePolicies,
  isEasier,
  isHarder,
  type Policy,
  startOfDay,
  unreachableFrom,
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

  test('from the day on which a row of the former policy would have ended, and from the one on which a new one begins', () => {
    const ending = withWorth('totp', { effectiveUntil: '2026-12-31' });
    const differences = comparePolicies(ending, ASSURANCE_POLICY, NOW);
    expect(new Set(differences.map(({ from }) => from))).toEqual(new Set([startOfDay('2027-01-01')]));
    expect(differences.every(isEasier)).toBe(true);
    expect(momentsOf([withWorth('totp', { effectiveFrom: '2027-03-01' })], NOW)).toContain(startOfDay('2027-03-01'));
  });

  test('a shorter time: the same proofs at that age, and nothing for fresh ones', () => {
    const differences = comparePolicies(ASSURANCE_POLICY, withCombination('level-4', { maxAge: 300 }), NOW);
    expect(new Set(differences.map(({ age }) => age))).toEqual(new Set([301]));
    expect(differences[0]).toMatchObject({ before: { authenticationLevel: 4 }, after: { authenticationLevel: 3 } });
  });

  test('of several ages the youngest, whatever order the rows stand in', () => {
    const { combinations } = withCombination('level-4', { maxAge: 300 });
    const after = combinations.map((row) => (row.id === 'level-2.passkey' ? { ...row, maxAge: 600 } : row));
    const lost = comparePolicies(ASSURANCE_POLICY, { ...ASSURANCE_POLICY, combinations: after }, NOW).filter(
      ({ proofs }) => proofs.join() === 'password,genuine chip,face',
    );
    expect(lost.map(({ age }) => age)).toEqual([301]);
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
    // Of what has no key nothing is forgotten over it.
    const { worth } = withWorth('sms-code', { worth: [] });
    expect(told({ ...ASSURANCE_POLICY, worth: [{ ...software, ...rest }, ...worth] })).toContain('SMS: 1 → 0');
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

  test('two sets that share a proof are both told', () => {
    const all = told(withWorth('password', { worth: [] }));
    expect(all).toContain('password + TOTP: 2 → 1');
    expect(all).toContain('password + SMS: 2 → 1');
  });

  test('a set of four proofs, where a row needs all four', () => {
    const rest = ASSURANCE_POLICY.combinations.filter(({ id }) => id !== 'level-4');
    const four = {
      ...ASSURANCE_POLICY.combinations.find(({ id }) => id === 'level-4')!,
      needs: ['knowledge', 'genuine-chip', 'biometric', 'local-verification'] as const,
    };
    const before = { ...ASSURANCE_POLICY, combinations: rest };
    expect(told({ ...before, combinations: [...rest, four] }, before)).toEqual([
      'password + passkey with user verification + genuine chip + face: 3 strong → 4 strong',
      'short password + passkey with user verification + genuine chip + face: 3 strong → 4 strong',
    ]);
  });

  test('resistance to phishing too, by itself, fresh, and by the plain names of the passkeys', () => {
    const gone = withCombination('phishing-resistant', { effectiveUntil: '2026-03-01' });
    const single = comparePolicies(ASSURANCE_POLICY, gone, NOW).filter(({ proofs }) => proofs.length === 1);
    expect(single).toEqual(
      [
        {
          ...{ proofs: ['passkey with user verification'], age: 0, from: NOW },
          before: { ...level(2), strong: true, phishingResistant: true },
          after: { ...level(2), strong: true },
        },
        {
          ...{ proofs: ['passkey without user verification'], age: 0, from: NOW },
          ...{ before: { ...level(1), phishingResistant: true }, after: level(1) },
        },
      ].map((one) => ({
        ...one,
        before: expect.objectContaining(one.before),
        after: expect.objectContaining(one.after),
      })),
    );
  });

  test('where a key lives is told for each place that a row asks for', () => {
    const row = (keyStorage: 'hardware' | 'unknown') => ({
      ...{ id: `passkey.${keyStorage}`, proof: { kind: 'passkey' as const, keyStorage }, worth: [] },
      ...{ clause: '§1', source: 'a test', effectiveFrom: '2024-07-01' },
    });
    const names = (keyStorage: 'hardware' | 'unknown') =>
      comparePolicies(
        ASSURANCE_POLICY,
        { ...ASSURANCE_POLICY, worth: [row(keyStorage), ...ASSURANCE_POLICY.worth] },
        NOW,
      )
        .filter(({ proofs }) => proofs.length === 1)
        .flatMap(({ proofs }) => proofs);
    expect(names('hardware')).toEqual([
      'passkey with user verification, key in hardware',
      'passkey without user verification, key in hardware',
    ]);
    expect(names('unknown')).toEqual(['passkey with user verification', 'passkey without user verification']);
  });

  test('from the first of several days, whatever order the rows stand in; of a combination too', () => {
    const later = withWorth('password', { effectiveUntil: '2027-06-30' });
    const both = {
      ...later,
      worth: later.worth.map((row) => (row.id === 'totp' ? { ...row, effectiveUntil: '2026-12-31' } : row)),
    };
    const single = (policy: Policy) =>
      comparePolicies(ASSURANCE_POLICY, policy, NOW)
        .filter(({ proofs }) => proofs.length === 1)
        .map(({ proofs, from }) => [...proofs, from]);
    expect(single(both)).toEqual([
      ['TOTP', startOfDay('2027-01-01')],
      ['password', startOfDay('2027-07-01')],
    ]);
    expect(single(later)).toEqual([['password', startOfDay('2027-07-01')]]);
    const [one] = comparePolicies(ASSURANCE_POLICY, withCombination('level-3', { effectiveUntil: '2026-12-31' }), NOW);
    expect(one).toMatchObject({ from: startOfDay('2027-01-01'), age: 0 });
    // What has been is no change.
    const past = withWorth('totp', { effectiveUntil: '2026-12-31' });
    expect(comparePolicies(ASSURANCE_POLICY, past, startOfDay('2027-01-01')).length).toBeGreaterThan(0);
    expect(comparePolicies(past, past, 0)).toEqual([]);
  });

  test('easier or harder by strength or by resistance alone; the same is neither', () => {
    const plain = { authenticationLevel: 2, strong: false, phishingResistant: false } as const;
    const [strong, resistant] = [
      { ...plain, strong: true },
      { ...plain, phishingResistant: true },
    ];
    for (const more of [strong, resistant, { ...plain, authenticationLevel: 3 as const }]) {
      expect([isEasier({ before: plain, after: more }), isHarder({ before: plain, after: more })]).toEqual([
        true,
        false,
      ]);
      expect([isEasier({ before: more, after: plain }), isHarder({ before: more, after: plain })]).toEqual([
        false,
        true,
      ]);
      expect([isEasier({ before: more, after: more }), isHarder({ before: more, after: more })]).toEqual([
        false,
        false,
      ]);
    }
    // Something gained and something lost is both.
    expect([isEasier({ before: strong, after: resistant }), isHarder({ before: strong, after: resistant })]).toEqual([
      ...[true, true],
    ]);
  });

  test('a level out of everybody’s reach is told from its first moment, and one within reach is not', () => {
    expect(unreachableFrom(ASSURANCE_POLICY, 4, NOW)).toBeUndefined();
    expect(unreachableFrom(ASSURANCE_POLICY, 5, NOW)).toBe(NOW);
    const faceless = withWorth('face', { effectiveUntil: '2026-12-31' });
    expect(unreachableFrom(faceless, 3, NOW)).toBe(startOfDay('2027-01-01'));
    expect(unreachableFrom(faceless, 2, NOW)).toBeUndefined();
  });
});

const level = (authenticationLevel: number) => ({ authenticationLevel, strong: false, phishingResistant: false });
