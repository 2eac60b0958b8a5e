import { expect, test } from 'vitest';
import { AUTHENTICATOR_KINDS } from '../../../../src/domain/assurance/index.ts';
import { bestProofOf, matches, shownBy } from '../../../../src/domain/assurance/proofs.ts';

test('there are seven kinds of authenticator', () => {
  expect(AUTHENTICATOR_KINDS).toEqual([
    ...['password', 'passkey', 'totp', 'message-otp', 'recovery-code', 'chip-card', 'face'],
  ]);
});

test('whatever a proof does not state counts as the lesser', () => {
  for (const kind of AUTHENTICATOR_KINDS)
    expect(shownBy({ kind, at: 0, authenticatorId: 'a' })).toEqual({
      ...{ kind, short: false, userVerified: false, keyStorage: 'unknown' },
      ...{ chip: 'passive', pad: 'none', channel: 'sms' },
    });
  const all = { kind: 'face', at: 0, authenticatorId: 'a' } as const;
  const stated = { short: true, userVerified: true, keyStorage: 'hardware', pad: 'basic', channel: 'email' } as const;
  expect(shownBy({ ...all, ...stated, chip: 'active' })).toEqual({ kind: 'face', ...stated, chip: 'genuine' });
});

test('the best that a kind can prove is stated, and nothing that it cannot', () => {
  const base = { at: 7, authenticatorId: '' };
  expect(AUTHENTICATOR_KINDS.map((kind) => bestProofOf(kind, 7))).toEqual([
    { kind: 'password', ...base },
    { kind: 'passkey', ...base, userVerified: true },
    { kind: 'totp', ...base },
    { kind: 'message-otp', ...base },
    { kind: 'recovery-code', ...base },
    { kind: 'chip-card', ...base, chip: 'chip' },
    { kind: 'face', ...base, pad: 'evaluated' },
  ]);
});

test('a pattern matches when every detail that it names is so', () => {
  const shown = shownBy({ kind: 'passkey', at: 0, authenticatorId: 'a', userVerified: true });
  expect(matches(shown, { kind: 'passkey' })).toBe(true);
  expect(matches(shown, { kind: 'passkey', userVerified: true, keyStorage: 'unknown' })).toBe(true);
  expect(matches(shown, { kind: 'passkey', userVerified: true, keyStorage: 'hardware' })).toBe(false);
  expect(matches(shown, { kind: 'totp', userVerified: true })).toBe(false);
});
