import { describe, expect, test } from 'vitest';
import { ASSURANCE_POLICY } from '../../../../src/domain/assurance/index.ts';
import {
  beginningOf,
  FINISH_SECONDS,
  isAlone,
  mayChange,
  mustStay,
  STEP_UP_SECONDS,
  stepUpOf,
} from '../../../../src/domain/authenticators/authority.ts';
import type { BindableKind } from '../../../../src/domain/authenticators/catalogue.ts';
import type { StoredAuthenticator } from '../../../../src/domain/authenticators/store.ts';

const now = new Date('2026-03-02T08:00:00Z');
const stored = (kind: BindableKind, more: Partial<StoredAuthenticator> = {}): StoredAuthenticator => ({
  id: `the ${kind}`,
  subscriberId: 's',
  kind,
  name: kind,
  status: 'active',
  binding: { password: { phc: '', alone: true }, 'chip-card': { expiresOn: '2026-03-02' } }[kind as string] ?? {},
  revision: 1,
  createdAt: now,
  ...more,
});
const proofs = (...given: (readonly [BindableKind, number])[]) => ({
  by: 'subscriber' as const,
  proofs: given.map(([kind, age]) => ({
    kind,
    at: now.getTime() / 1000 - age,
    authenticatorId: `the ${kind}`,
    userVerified: true,
    chip: 'active' as const,
    pad: 'evaluated' as const,
  })),
});
const [card, password] = [stored('chip-card'), stored('password')];
const CARD_AND_PASSWORD = [card, password];
const at = { now, policy: ASSURANCE_POLICY, faces: true };
const STRONG_2 = { authenticationLevel: 2, strong: true };
const PASSWORD_AND_TOTP = [stored('password'), stored('totp')];

// SP 800-63B-4 §4.1: authentication at the highest level that is available to the account.
describe('authenticators may be changed', () => {
  test.each([
    ['password alone, by password', [stored('password')], proofs(['password', 5]), true],
    ['password and app, by password alone', PASSWORD_AND_TOTP, proofs(['password', 5]), false],
    ['password and app, by both', PASSWORD_AND_TOTP, proofs(['password', 299], ['totp', 5]), true],
    ['password and app, one of them too old', PASSWORD_AND_TOTP, proofs(['password', 301], ['totp', 5]), false],
    ['passkey and password, by passkey', [stored('passkey'), stored('password')], proofs(['passkey', 5]), true],
    ['passkey and password, by password', [stored('passkey'), stored('password')], proofs(['password', 5]), false],
    ['card and password, by both', CARD_AND_PASSWORD, proofs(['password', 5], ['chip-card', 5]), true],
    ['card and password, by the card alone', CARD_AND_PASSWORD, proofs(['chip-card', 5]), false],
    ['by an authenticator that is gone', [stored('password')], proofs(['passkey', 5]), false],
    ['by nothing', [stored('password')], proofs(), false],
    ['by nothing, nothing bound', [], proofs(), false],
    ['at the counter', PASSWORD_AND_TOTP, { by: 'operator', operatorId: 'o' } as const, true],
  ])('%s', (_, all, authority, may) => {
    expect(mayChange(authority, all, at)).toBe(may);
  });

  test('by proofs of the last five minutes, as the pages ask for', () => {
    expect(STEP_UP_SECONDS).toBe(300);
  });

  // Cases 44 and 45: whoever can have a factor put out of use does not lower what is asked to what they hold.
  test('a disabled second factor goes on raising what is asked, until it is unbound; then it is out of reach', () => {
    const all = [stored('password'), stored('totp', { status: 'disabled' })];
    expect(mayChange(proofs(['password', 5]), all, at)).toBe(false);
    expect(stepUpOf(all, at)).toEqual({ authenticationLevel: 2, strong: false, withinReach: false });
    expect(stepUpOf([...all, stored('passkey')], at)).toEqual({ ...STRONG_2, withinReach: true });
    expect(mayChange(proofs(['password', 5]), [stored('password')], at)).toBe(true);
    expect(stepUpOf([stored('password')], at)).toEqual({ authenticationLevel: 1, strong: false, withinReach: true });
  });
});

// Case 37: a stranger with nothing but the number has the password switched off.
describe('where guessing has switched the password off', () => {
  const off = stored('password', { status: 'disabled' });
  const [passkey, face] = [stored('passkey'), stored('face')];

  test('whatever is strong beside it is asked for, and within reach', () => {
    const all = [off, passkey, face];
    expect(stepUpOf([password, passkey, face], at)).toEqual({
      authenticationLevel: 4,
      strong: true,
      withinReach: true,
    });
    expect(stepUpOf(all, at)).toEqual({ authenticationLevel: 3, strong: true, withinReach: true });
    expect(mayChange(proofs(['passkey', 5], ['face', 5]), all, at)).toBe(true);
    expect(mayChange(proofs(['passkey', 5]), all, at), 'a thief of the phone has not the face').toBe(false);
    expect(stepUpOf([off, card, face], at)).toEqual({ authenticationLevel: 3, strong: true, withinReach: true });
  });

  // A number that is reached by SMS is restricted: with a face it is strong, and of level 1.
  test('a face with a telephone number takes no password’s place', () => {
    const all = [off, stored('message-otp'), face];
    expect(stepUpOf(all, at)).toMatchObject({ authenticationLevel: 2, withinReach: false });
    expect(mayChange(proofs(['message-otp', 5], ['face', 5]), all, at)).toBe(false);
  });

  test('what is strong with it alone goes on asking for it: by recovery, or at the counter', () => {
    expect(stepUpOf([off, card], at)).toEqual({ ...STRONG_2, withinReach: false });
    expect(mayChange(proofs(['chip-card', 5]), [off, card], at)).toBe(false);
    expect(stepUpOf([off, stored('totp')], at)).toEqual({ authenticationLevel: 2, strong: false, withinReach: false });
  });

  test('what else is off counts as before: a face, or a passkey', () => {
    expect(stepUpOf([off, passkey, stored('face', { status: 'disabled' })], at)).toMatchObject({ withinReach: false });
    expect(stepUpOf([off, stored('passkey', { status: 'disabled' }), face], at)).toMatchObject({ withinReach: false });
  });
});

// Case 45: a sheet is printed, a code comes by e-mail. What was begun while the proofs were fresh is finished on their strength.
describe('what was begun with fresh proofs', () => {
  const then = { ...at, now: new Date(now.getTime() - 1_200_000) };
  const old = (kind: BindableKind, more = {}) => stored(kind, { createdAt: new Date('2026-01-01'), ...more });
  const both = [old('password'), old('totp')];
  const given = proofs(['password', 1_499], ['totp', 1_205]);
  const beginning = beginningOf(given, both, then);
  const finishing = { by: 'subscriber', proofs: [], beginning } as const;
  const later = (seconds: number) => ({ ...at, now: new Date(then.now.getTime() + seconds * 1000) });
  const replaced = stored('totp', { createdAt: new Date(now.getTime() - 600_000) });

  test.each([
    ['twenty minutes later', both, at, true],
    ['after an hour', both, later(FINISH_SECONDS), true],
    ['after more', both, later(FINISH_SECONDS + 1), false],
    ['with one of them frozen', [old('password'), old('totp', { status: 'disabled' })], at, false],
    ['with one of them gone, where the other is all there is', [old('password')], at, true],
    ['with one of them replaced', [old('password'), replaced], at, false],
    ['where the bar has risen', [...both, stored('passkey')], at, false],
  ] as const)('%s', (_, all, moment, may) => {
    expect(mayChange(given, all, moment)).toBe(false);
    expect(mayChange(finishing, all, moment)).toBe(may);
  });

  // Case 37: whoever guesses throws away nobody's sheet.
  test('with a password that a stranger has switched off since, by the passkey beside it', () => {
    const begun = { at: now.getTime() / 1000, proofs: proofs(['password', 5], ['passkey', 5]).proofs };
    const going = { by: 'subscriber' as const, proofs: [], beginning: begun };
    expect(mayChange(going, [old('password', { status: 'disabled' }), old('passkey')], at)).toBe(true);
    expect(mayChange(going, [old('password'), old('passkey', { status: 'disabled' })], at)).toBe(false);
  });

  test('goes on from there, and gains no time by it; fresh proofs begin anew', () => {
    expect(beginningOf(finishing, both, at)).toEqual(beginning);
    expect(beginningOf(finishing, both, later(FINISH_SECONDS + 1))).toBeUndefined();
    const fresh = proofs(['password', 5], ['totp', 5]);
    expect(beginningOf({ ...fresh, beginning }, both, at)).toEqual({ at: now.getTime() / 1000, proofs: fresh.proofs });
  });

  test('is nothing without proofs that are fresh, or of those who are none of the account', () => {
    expect(beginningOf(given, both, at)).toBeUndefined();
    expect(beginningOf(proofs(['password', 5]), both, at)).toBeUndefined();
    expect(beginningOf({ by: 'system' }, both, at)).toBeUndefined();
  });
});

// Cases 45 and 49: of an account that knows something strong, what is weaker changes nothing, though it reach the same level.
describe('where something strong is bound', () => {
  const passkey = stored('passkey');
  const frozen = stored('passkey', { status: 'disabled' });
  const both = proofs(['password', 5], ['totp', 5]);
  test.each([
    ['a passkey, by password and app', [passkey, ...PASSWORD_AND_TOTP], both, false],
    [
      'a passkey, by password and message',
      [passkey, password, stored('message-otp')],
      proofs(['password', 5], ['message-otp', 5]),
      false,
    ],
    ['a passkey, by itself', [passkey, ...PASSWORD_AND_TOTP], proofs(['passkey', 5]), true],
    ['a passkey that is frozen, by password and app', [frozen, ...PASSWORD_AND_TOTP], both, false],
    ['a passkey that is frozen, by itself', [frozen, ...PASSWORD_AND_TOTP], proofs(['passkey', 5]), false],
    ['a passkey that is gone, by password and app', PASSWORD_AND_TOTP, both, true],
    ['a card, by password and app', [card, ...PASSWORD_AND_TOTP], both, false],
    ['a card, by it and the password', [card, ...PASSWORD_AND_TOTP], proofs(['password', 5], ['chip-card', 5]), true],
    ['a card without a password is nothing strong', [card, stored('totp')], proofs(['totp', 5]), true],
    [
      'a passkey, by the card and the password',
      [passkey, ...CARD_AND_PASSWORD],
      proofs(['password', 5], ['chip-card', 5]),
      true,
    ],
  ] as const)('%s', (_, all, authority, may) => {
    expect(mayChange(authority, all, at)).toBe(may);
  });
  test('is out of reach by a card that has run out, from the day after its last one in Viet Nam', () => {
    const all = [card, ...PASSWORD_AND_TOTP];
    const on = (moment: string) => stepUpOf(all, { ...at, now: new Date(moment) });
    expect(on('2026-03-02T16:59:59Z')).toEqual({ ...STRONG_2, withinReach: true });
    expect(on('2026-03-02T17:00:00Z')).toEqual({ ...STRONG_2, withinReach: false });
    expect(mayChange(both, all, { ...at, now })).toBe(false);
  });
  test('is asked for by the pages, and out of reach where it is out of use', () => {
    expect(stepUpOf([passkey, ...PASSWORD_AND_TOTP], at)).toEqual({ ...STRONG_2, withinReach: true });
    expect(stepUpOf([frozen, ...PASSWORD_AND_TOTP], at)).toEqual({ ...STRONG_2, withinReach: false });
  });
});

// A face lifts what a possession has proven: whoever has added one is asked for it, where it can be looked at.
describe('a face that is bound', () => {
  const all = [stored('passkey'), stored('face')];
  test('raises what a change asks for', () => {
    expect(mayChange(proofs(['passkey', 5]), all, at)).toBe(false);
    expect(mayChange(proofs(['passkey', 5], ['face', 5]), all, at)).toBe(true);
    expect(stepUpOf(all, at)).toEqual({ authenticationLevel: 3, strong: true, withinReach: true });
  });
  test('asks for nothing and holds nothing where no engine can be believed', () => {
    const without = { ...at, faces: false };
    expect(mayChange(proofs(['passkey', 5]), all, without)).toBe(true);
    expect(stepUpOf(all, without)).toEqual({ ...STRONG_2, withinReach: true });
    const message = stored('message-otp');
    // A face with a possession is strong: it may hold level 2 where the passkey goes, and only there.
    expect(mustStay(stored('passkey'), [...all, message], { accountLevel: 2, ...at })).toBeUndefined();
    expect(mustStay(stored('passkey'), [...all, message], { accountLevel: 2, ...without })).toBe('last_strong');
  });
});

describe('an authenticator stays', () => {
  const passkey = stored('passkey');
  const short = stored('password', { binding: { phc: '', alone: false } });
  test.each([
    ['the last one', passkey, [passkey], 1, 'last_one'],
    ['the last passkey at level 2', passkey, [passkey, stored('password'), stored('totp')], 2, 'last_strong'],
    ['the last passkey at level 1', passkey, [passkey, stored('password')], 1, undefined],
    ['the last passkey, beside a card and a password', passkey, [passkey, ...CARD_AND_PASSWORD], 2, undefined],
    ['the last passkey, beside a card alone', passkey, [passkey, stored('chip-card')], 2, 'last_strong'],
    ['the card that level 2 stands on', card, [...CARD_AND_PASSWORD, stored('totp')], 2, 'last_strong'],
    ['the password that level 2 stands on, beside its card', password, CARD_AND_PASSWORD, 2, 'last_strong'],
    ['a passkey beside another', passkey, [passkey, stored('passkey', { id: 'b' })], 2, undefined],
    ['beside a disabled one', passkey, [passkey, stored('passkey', { id: 'b', status: 'disabled' })], 2, 'last_one'],
    ['what a short password leans on', stored('totp'), [stored('totp'), short], 1, 'password_needs_second_factor'],
    ['the short password itself', short, [stored('totp'), short], 1, undefined],
  ] as const)('%s', (_, leaving, all, level, reason) => {
    expect(mustStay(leaving, all, { accountLevel: level, ...at })).toBe(reason);
  });

  test('a password is alone where no second factor is active', () => {
    expect(isAlone([stored('password')])).toBe(true);
    expect(isAlone([stored('message-otp', { status: 'disabled' })])).toBe(true);
    expect(isAlone([stored('totp')])).toBe(false);
    expect(isAlone([stored('chip-card')])).toBe(false);
  });
});
