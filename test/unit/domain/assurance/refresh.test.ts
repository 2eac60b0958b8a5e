import { describe, expect, it } from 'vitest';
import {
  ASSURANCE_POLICY,
  type FrozenAssurance,
  freeze,
  isWithdrawn,
  policyAt,
  referenceOf,
  stillHolds,
} from '../../../../src/domain/assurance/index.ts';
import { answer, NOW, proven } from './proofs.ts';

const frozenWith = (...sorts: (keyof typeof proven)[]): FrozenAssurance => {
  const outcome = answer({ proofs: sorts.map((sort) => proven[sort]()) });
  if (!outcome.met) throw new Error('unmet');
  return freeze(outcome, { policy: ASSURANCE_POLICY, levelPolicy: undefined });
};

describe('a refresh re-checks what was frozen', () => {
  const twoFactors = frozenWith('password', 'totp');
  it('freezes acr, amr, auth_time, both levels, both properties, the policy and its rows, and no proof', () => {
    expect(twoFactors).toEqual({
      acr: 'https://id.example/assurance/2.2',
      amr: ['pwd', 'otp', 'mfa'],
      authTime: NOW,
      accountLevel: 2,
      authenticationLevel: 2,
      strong: false,
      phishingResistant: false,
      policy: ASSURANCE_POLICY.version,
      policyHash: referenceOf(ASSURANCE_POLICY).hash,
      rows: ['password', 'totp', 'level-2.two-factors'],
    });
  });
  it('freezes the version that is handed in with its hash, for both are of one policy', () => {
    const outcome = answer({ proofs: [proven.password()] });
    if (!outcome.met) throw new Error('unmet');
    const next = { ...ASSURANCE_POLICY, version: '2026-12-01' };
    const { version: policy, hash: policyHash } = referenceOf(next);
    expect(freeze(outcome, { policy: next, levelPolicy: undefined })).toMatchObject({ policy, policyHash });
  });
  it('freezes by which policy the account’s level was made; where that was withdrawn, the one by which it stands', () => {
    const outcome = answer({ proofs: [proven.password()] });
    if (!outcome.met) throw new Error('unmet');
    const levelPolicy = { version: '2025-01-01', hash: 'of-the-former' };
    const next = { ...ASSURANCE_POLICY, version: '2026-12-01' };
    expect(freeze(outcome, { policy: next, levelPolicy })).toMatchObject({ policy: '2026-12-01', levelPolicy });
    const withdrawing = { ...next, withdrawn: ['2025-01-01'] };
    expect(freeze(outcome, { policy: withdrawing, levelPolicy }).levelPolicy).toEqual(referenceOf(withdrawing));
    expect(freeze(outcome, { policy: withdrawing, levelPolicy: undefined })).not.toHaveProperty('levelPolicy');
  });
  it('what made the account’s level is believed no more once it was withdrawn', () => {
    const frozen = { ...twoFactors, levelPolicy: { version: '2025-01-01' } };
    expect(stillHolds(frozen, [], { ...ASSURANCE_POLICY, withdrawn: ['2024-01-01'] })).toBe(true);
    expect(stillHolds(frozen, [], { ...ASSURANCE_POLICY, withdrawn: ['2025-01-01'] })).toBe(false);
    expect(isWithdrawn(frozen, { withdrawn: ['2025-01-01'] })).toBe(true);
    expect(isWithdrawn(twoFactors, { withdrawn: ['2025-01-01'] })).toBe(false);
    expect(isWithdrawn(twoFactors, { withdrawn: [ASSURANCE_POLICY.version] })).toBe(true);
  });
  it('holds while nothing has changed, however long ago it was', () => {
    expect(stillHolds(twoFactors, [{ accountLevel: 2, authenticationLevel: 2 }], ASSURANCE_POLICY)).toBe(true);
    expect(stillHolds(twoFactors, [], policyAt(NOW + 400 * 86_400, ASSURANCE_POLICY))).toBe(true);
  });
  it('TRAP: a floor raised after the refresh token was issued', () => {
    expect(stillHolds(twoFactors, [{}, { authenticationLevel: 3 }], ASSURANCE_POLICY)).toBe(false);
    expect(stillHolds(twoFactors, [{ strong: true }], ASSURANCE_POLICY)).toBe(false);
    expect(stillHolds(twoFactors, [{ phishingResistant: true }], ASSURANCE_POLICY)).toBe(false);
    expect(stillHolds({ ...twoFactors, accountLevel: 1 }, [{ accountLevel: 2 }], ASSURANCE_POLICY)).toBe(false);
    expect(stillHolds({ ...twoFactors, accountLevel: 1 }, [{ proofing: 'in_person' }], ASSURANCE_POLICY)).toBe(false);
    expect(stillHolds(twoFactors, [{ proofing: 'in_person' }], ASSURANCE_POLICY)).toBe(true);
    expect(stillHolds(frozenWith('passkey'), [{ strong: true, phishingResistant: true }], ASSURANCE_POLICY)).toBe(true);
  });
  it('TRAP: a step-up at another relying party changes nothing that was frozen', () => {
    const airline = frozenWith('password');
    const before = structuredClone(airline);
    const bank = frozenWith('password', 'passkey');
    expect(bank.authenticationLevel).toBe(2);
    expect(airline).toEqual(before);
    expect(stillHolds(airline, [{ authenticationLevel: 2 }], ASSURANCE_POLICY)).toBe(false);
  });
  it('a policy version that was withdrawn is believed no more', () => {
    expect(stillHolds(twoFactors, [], { ...ASSURANCE_POLICY, withdrawn: [ASSURANCE_POLICY.version] })).toBe(false);
    expect(stillHolds(twoFactors, [], { ...ASSURANCE_POLICY, withdrawn: ['2020-01-01'] })).toBe(true);
  });
  it('a row that was removed or has ended takes down what stands on it, and nothing else', () => {
    const without = { ...ASSURANCE_POLICY, worth: ASSURANCE_POLICY.worth.filter(({ id }) => id !== 'totp') };
    expect(stillHolds(twoFactors, [], without)).toBe(false);
    expect(stillHolds(frozenWith('passkey'), [], without)).toBe(true);
    const worth = ASSURANCE_POLICY.worth.map((row) =>
      row.id === 'totp' ? { ...row, effectiveUntil: '2026-03-02' } : row,
    );
    const ending = { ...ASSURANCE_POLICY, worth };
    expect(stillHolds(twoFactors, [], policyAt(NOW, ending))).toBe(true);
    expect(stillHolds(twoFactors, [], policyAt(NOW + 86_400, ending))).toBe(false);
  });
  it('what was frozen without its rows is judged by its version and levels', () => {
    const { rows: _, ...bare } = twoFactors;
    expect(stillHolds(bare, [{ authenticationLevel: 2 }], ASSURANCE_POLICY)).toBe(true);
    expect(stillHolds({ ...bare, authenticationLevel: 0 }, [], ASSURANCE_POLICY)).toBe(false);
  });
});
