import { expect, test } from 'vitest';
import { amrOf } from '../../../../src/domain/assurance/amr.ts';
import { AUTHENTICATOR_KINDS, type Proof } from '../../../../src/domain/assurance/index.ts';
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

test('a value of amr is of one kind with one detail: what another kind states has none of it (RFC 8176 §2)', () => {
  const amr = (more: Partial<Proof>): string[] =>
    amrOf([{ kind: 'password', at: 0, authenticatorId: 'a', ...more }], 1).sort();
  const details = { userVerified: true, pad: 'evaluated', chip: 'active', channel: 'sms' } as const;
  const of = (keyStorage: 'hardware' | 'software' | undefined): Record<string, string[]> =>
    Object.fromEntries(AUTHENTICATOR_KINDS.map((kind) => [kind, amr({ ...details, kind, keyStorage })]));
  const others = { 'recovery-code': [], 'chip-card': ['sc'], face: ['face'] };
  const codes = { totp: ['otp'], 'message-otp': ['otp', 'sms'] };
  const all = { password: ['pwd'], ...codes, ...others };
  expect(of('hardware')).toEqual({ ...all, passkey: ['hwk', 'user'] });
  expect(of('software')).toEqual({ ...all, passkey: ['swk', 'user'] });
  expect(of(undefined)).toEqual({ ...all, passkey: ['pop', 'user'] });
  // A code by e-mail is none that anybody names; a card that may be a copy is no smart card, and a photograph no face.
  expect(amr({ kind: 'message-otp', channel: 'email' })).toEqual([]);
  expect(amr({ kind: 'chip-card' })).toEqual([]);
  expect(amr({ kind: 'face', pad: 'basic' })).toEqual([]);
});
