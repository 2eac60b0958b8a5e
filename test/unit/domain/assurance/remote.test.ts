import { describe, expect, test } from 'vitest';
import {
  ASSURANCE_POLICY,
  accountLevelFrom,
  referenceOf,
  remoteProofingBy,
} from '../../../../src/domain/assurance/index.ts';

const now = Date.parse('2026-11-28T05:00:00Z') / 1000;
const checks = ['passive_authentication', 'chip_authentication', 'register_match', 'face_match'];
const proofed = { age: 30, faceMatched: true, fingerprintsMatched: false, evidence: [{ checks }] };
const by = { policy: ASSURANCE_POLICY, now };

describe('a proofing over the network by chip and face', () => {
  test('is one by the row of the remote channel, which is off: no account level comes of it', () => {
    expect(remoteProofingBy(proofed, by)).toEqual({ row: 'account-2.remote', policy: referenceOf(ASSURANCE_POLICY) });
    expect(accountLevelFrom({ ...proofed, channel: 'remote' }, by).accountLevel).toBe(0);
  });

  test.each([
    ['without a chip that proved itself', { evidence: [{ checks: ['passive_authentication', 'register_match'] }] }],
    ['without anything validated', { evidence: [{ checks: [] }] }],
    ['without a face', { faceMatched: false }],
    ['of somebody below fourteen', { age: 13 }],
  ])('is none %s', (_, less) => {
    expect(remoteProofingBy({ ...proofed, ...less }, by)).toBeUndefined();
  });

  test('is none where the policy has no such row in force, and by no row that asks for less', () => {
    const evidence = ASSURANCE_POLICY.evidence.filter(({ id }) => id !== 'account-2.remote');
    expect(
      remoteProofingBy(
        { ...proofed, evidence: [{ checks: [...checks, 'phone_ownership'] }] },
        { ...by, policy: { ...ASSURANCE_POLICY, evidence } },
      ),
    ).toBeUndefined();
    const over = ASSURANCE_POLICY.evidence.map((row) =>
      row.id === 'account-2.remote' ? { ...row, effectiveUntil: '2026-11-27' } : row,
    );
    expect(remoteProofingBy(proofed, { ...by, policy: { ...ASSURANCE_POLICY, evidence: over } })).toBeUndefined();
  });

  test('is one of people of an age that the row names', () => {
    const old = ASSURANCE_POLICY.evidence.map((row) =>
      row.id === 'account-2.remote' ? { ...row, belowYears: 80 } : row,
    );
    const policy = { ...ASSURANCE_POLICY, evidence: old };
    expect([79, 80].map((age) => remoteProofingBy({ ...proofed, age }, { policy, now })?.row)).toEqual([
      'account-2.remote',
      undefined,
    ]);
    const anybody = ASSURANCE_POLICY.evidence.map(({ fromYears, ...row }) =>
      row.id === 'account-2.remote' ? row : { ...row, ...(fromYears === undefined ? {} : { fromYears }) },
    );
    expect(
      remoteProofingBy({ ...proofed, age: 0 }, { policy: { ...ASSURANCE_POLICY, evidence: anybody }, now })?.row,
    ).toBe('account-2.remote');
  });
});
