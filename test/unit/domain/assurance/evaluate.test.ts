import { describe, expect, it } from 'vitest';
import { ASSURANCE_POLICY, type AuthenticatorKind, attainable } from '../../../../src/domain/assurance/index.ts';
import { isFresh } from '../../../../src/domain/assurance/reach.ts';
import { acr, answer, NOW, proven, reach } from './proofs.ts';

const { password, totp, sms, passkey, card, face, securityKey } = proven;

describe('proofs have a time', () => {
  it('levels 3 and 4 count proofs of at most 15 minutes', () => {
    expect(reach(card(900), face(900)).authenticationLevel).toBe(3);
    expect(reach(card(901), face()).authenticationLevel).toBe(1);
    expect(reach(card(), face(901)).authenticationLevel).toBe(1);
    expect(reach(card(900), face(), password(900)).authenticationLevel).toBe(4);
    expect(reach(card(), face(), password(901)).authenticationLevel).toBe(3);
    expect(reach(passkey(), face(901)).authenticationLevel).toBe(2);
  });
  it('levels 1 and 2 count proofs of any age when nobody asks otherwise', () => {
    expect(reach(password(86_000), totp(40_000))).toMatchObject({ authenticationLevel: 2, authTime: NOW - 86_000 });
  });
  it('auth_time is the oldest proof that is counted', () => {
    expect(reach(password(100), totp(5)).authTime).toBe(NOW - 100);
    expect(reach({ ...password(), at: NOW - 7.5 }).authTime).toBe(NOW - 8);
  });
  it('TRAP: password at 0 s and code at 3,600 s with max_age=300 do not meet 2', () => {
    const now = NOW + 3600;
    const proofs = [password(), { ...sms(), at: now }];
    const asked = { proofs, now, maxAge: 300, acrValues: [acr('2.2')] };
    expect(answer(asked).met).toBe(false);
    expect(answer({ ...asked, requestedAt: NOW }).met).toBe(false);
    expect(answer({ ...asked, usable: ['password', 'message-otp'] })).toMatchObject({
      reachable: true,
      next: { kinds: ['password'], fresh: true },
    });
    expect(answer({ ...asked, maxAge: 3600 })).toMatchObject({ met: true, reached: { authTime: NOW } });
  });
  it('max_age wants every counted proof fresh, to the second', () => {
    expect(answer({ proofs: [password(300)], maxAge: 300 }).met).toBe(true);
    expect(answer({ proofs: [password(301)], maxAge: 300 }).met).toBe(false);
    expect(answer({ proofs: [password(1)], maxAge: 0 }).met).toBe(false);
    expect(answer({ proofs: [password(0)], maxAge: 0 }).met).toBe(true);
  });
  it('with an old password and a fresh passkey and max_age=300 the passkey alone meets 2', () => {
    const proofs = [password(7200), passkey(10)];
    expect(answer({ proofs, maxAge: 300, acrValues: [acr('level-2')] })).toMatchObject({
      met: true,
      reached: { authTime: NOW - 10, counted: [passkey(10)] },
    });
  });
  it('an answer to this very request is fresh for five minutes, however small max_age is', () => {
    const asked = { maxAge: 1, requestedAt: NOW - 280 };
    expect(answer({ proofs: [password(270)], ...asked }).met).toBe(true);
    expect(answer({ proofs: [password(281)], ...asked }).met).toBe(false);
    expect(answer({ proofs: [password(301)], maxAge: 1, requestedAt: NOW - 4000 }).met).toBe(false);
  });
  it('to the second: at the request itself, at the end of its window, and not when prompt=login is later', () => {
    const fresh = (age: number, freshness: Parameters<typeof isFresh>[1]) => isFresh(password(age), freshness, NOW);
    const asked = { maxAge: 1, requestedAt: NOW - 300 };
    expect([fresh(300, asked), fresh(299, asked), fresh(301, { ...asked, requestedAt: 0 })]).toEqual([
      true,
      true,
      false,
    ]);
    expect([fresh(60, { freshSince: NOW - 60 }), fresh(61, { freshSince: NOW - 60 })]).toEqual([true, false]);
    expect(fresh(86_400, {})).toBe(true);
  });
  it('what is counted is told the oldest first, and of two of one moment the one that came first', () => {
    expect(reach(totp(5), password(100)).counted).toEqual([password(100), totp(5)]);
    expect(reach(password(100), totp(5)).counted).toEqual([password(100), totp(5)]);
    const other = { ...totp(5), authenticatorId: 'another' };
    expect([reach(totp(5), other).counted, reach(other, totp(5)).counted]).toEqual([[totp(5)], [other]]);
  });
  it('prompt=login counts nothing from before the request', () => {
    const asked = { freshSince: NOW - 60, acrValues: [acr('2.2')], usable: ['password', 'totp'] as const };
    expect(answer({ proofs: [password(61), totp(61)], ...asked })).toMatchObject({
      reachable: true,
      next: { ways: [['password', 'totp']], fresh: true },
    });
    expect(answer({ proofs: [password(61), totp(5)], ...asked })).toMatchObject({
      ...{ next: { ways: [['password']] }, reached: { authenticationLevel: 1, counted: [totp(5)] } },
    });
    expect(answer({ proofs: [password(60), totp(5)], ...asked })).toMatchObject({ met: true });
    expect(answer({ proofs: [password(9), totp(5)], freshSince: NOW - 60, maxAge: 7 }).reached.counted).toEqual([
      totp(5),
    ]);
  });
});

describe('which proofs count', () => {
  it('the highest level first, though it makes auth_time older', () => {
    expect(reach(password(5000), totp(10))).toMatchObject({ authenticationLevel: 2, authTime: NOW - 5000 });
  });
  it('then the latest auth_time: the fresh passkey alone, not the old password beside it', () => {
    expect(reach(password(5000), passkey(10))).toMatchObject({ counted: [passkey(10)], authTime: NOW - 10 });
  });
  it('then the fewest proofs', () => {
    expect(reach(password(10), totp(10), passkey(10)).counted).toEqual([passkey(10)]);
    expect(reach(totp(10), card(10)).counted).toHaveLength(1);
  });
  it('a strong proof before a later one: an old passkey rather than fresh password and code', () => {
    expect(reach(passkey(5000), password(5), sms(5))).toMatchObject({ strong: true, authTime: NOW - 5000 });
  });
  it('a strong proof before a later one, without a passkey too', () => {
    expect(reach(card(5000), password(), sms(5))).toMatchObject({ strong: true, authTime: NOW - 5000 });
  });
  it('then resistance to phishing, though it makes auth_time older', () => {
    expect(reach(securityKey(5000), password(5), totp(5))).toMatchObject({
      ...{ phishingResistant: true, strong: false, authTime: NOW - 5000 },
    });
  });
  it('then the latest auth_time of as many proofs', () => {
    expect(reach(totp(100), sms(5), password()).counted).toEqual([sms(5), password()]);
  });
  it('of one sort the latest', () => {
    expect(reach(password(500), password(20), password(90)).authTime).toBe(NOW - 20);
  });
  it('only among the choices that meet the demand: phishing resistance before a higher level without it', () => {
    const proofs = [passkey(2000), card(5), face(5)];
    expect(answer({ proofs })).toMatchObject({ acr: acr('2.3'), reached: { phishingResistant: false } });
    expect(answer({ proofs, floors: [{ phishingResistant: true }] })).toMatchObject({
      acr: acr('2.2'),
      reached: { phishingResistant: true, authenticationLevel: 2 },
    });
  });
  it('each of two things that cannot be had at once does not make them met at once', () => {
    const proofs = [passkey(2000), card(5), face(5)];
    const asked = { proofs, floors: [{ phishingResistant: true }], acrValues: [acr('2.3')] };
    expect(answer(asked)).toMatchObject({ met: false, reachable: false, reason: 'authentication_level' });
    expect(answer({ ...asked, usable: ['passkey'] })).toMatchObject({ reachable: true, next: { ways: [['passkey']] } });
  });
  it('states the rows of the policy on which it stands', () => {
    expect(reach(password(), totp()).rows).toEqual(['password', 'totp', 'level-2.two-factors']);
    expect(reach(password()).policy).toBe(ASSURANCE_POLICY.version);
    expect(reach(passkey()).rows).toEqual([
      'passkey.user-verified',
      'level-2.passkey',
      'strong.passkey',
      'phishing-resistant',
    ]);
  });
});

describe('what to do next', () => {
  const usable = ['password', 'passkey', 'totp', 'message-otp', 'recovery-code'] as const;
  it('names the smallest sets of authenticators that meet the target, the shortest first', () => {
    expect(answer({ proofs: [], usable, acrValues: [acr('2.2')] })).toMatchObject({
      next: {
        ways: [['passkey'], ['password', 'totp'], ['password', 'message-otp']],
        kinds: ['passkey', 'password', 'totp', 'message-otp'],
        fresh: false,
      },
    });
  });
  it('takes what is proven already into account', () => {
    expect(answer({ proofs: [password()], usable, acrValues: [acr('2.2')] })).toMatchObject({
      next: { ways: [['passkey'], ['totp'], ['message-otp']] },
    });
  });
  it('never names what would not help', () => {
    expect(answer({ proofs: [password()], usable, acrValues: [acr('level-2')] })).toMatchObject({
      next: { kinds: ['passkey'] },
    });
  });
  it('a second factor may be proven although the first belongs to no authenticator that is left', () => {
    expect(answer({ proofs: [sms()], usable: ['password'], acrValues: [acr('2.2')] })).toMatchObject({
      reachable: true,
      next: { ways: [['password']] },
    });
  });
  it('says when the same things are needed once more', () => {
    const outcome = answer({
      proofs: [card(1000), face(1000)],
      usable: ['chip-card', 'face'],
      acrValues: [acr('2.3')],
    });
    expect(outcome).toMatchObject({ reachable: true, next: { ways: [['chip-card', 'face']], fresh: true } });
  });
});

describe('the most that an account can reach', () => {
  const most = (...usable: AuthenticatorKind[]) =>
    attainable({ usable, accountLevel: 1, now: NOW, policy: ASSURANCE_POLICY });
  it('follows from what is bound to it', () => {
    expect(most()).toMatchObject({ accountLevel: 1, authenticationLevel: 0 });
    expect(most('password', 'recovery-code').authenticationLevel).toBe(1);
    expect(most('password', 'totp')).toMatchObject({ authenticationLevel: 2, strong: false });
    expect(most('password', 'passkey')).toMatchObject({ authenticationLevel: 2, phishingResistant: true });
    expect(most('chip-card', 'face').authenticationLevel).toBe(3);
    expect(most('password', 'chip-card', 'face').authenticationLevel).toBe(4);
  });
});

describe('what cannot be reached', () => {
  it('says why, the account level first', () => {
    const usable = ['password', 'totp'] as const;
    expect(answer({ proofs: [password()], usable, accountLevel: 1, acrValues: [acr('2.4')] })).toMatchObject({
      reachable: false,
      reason: 'account_level',
      target: { accountLevel: 2, authenticationLevel: 4, acr: acr('2.4') },
    });
    expect(answer({ proofs: [password()], usable, acrValues: [acr('2.3')] })).toMatchObject({
      reason: 'authentication_level',
    });
    expect(answer({ proofs: [password()], usable, acrValues: [acr('level-2')] })).toMatchObject({ reason: 'strong' });
    expect(answer({ proofs: [password()], usable, floors: [{ phishingResistant: true }] })).toMatchObject({
      reason: 'phishing_resistant',
    });
  });
  it('a face that nobody can prove keeps 3 out of reach, whatever else there is', () => {
    const usable = ['password', 'passkey', 'totp', 'message-otp', 'recovery-code', 'chip-card'] as const;
    expect(answer({ proofs: [], usable, acrValues: [acr('2.3')] })).toMatchObject({
      reachable: false,
      reason: 'authentication_level',
    });
  });
  it('an account with nothing but a recovery code signs in nowhere', () => {
    expect(answer({ proofs: [proven.recovery()], usable: ['recovery-code'] })).toMatchObject({ reachable: false });
  });
  it('a security key that verifies nobody reaches no level-2, and is told so', () => {
    expect(answer({ proofs: [securityKey()], acrValues: [acr('level-2')] })).toMatchObject({
      reason: 'authentication_level',
    });
  });
  it('a proof that is given from now on is never older than what prompt=login wants', () => {
    const asked = { freshSince: NOW + 5, usable: ['password', 'totp'] as const };
    expect(answer({ proofs: [], ...asked })).toMatchObject({
      reachable: true,
      next: { ways: [['password'], ['totp']] },
    });
    expect(answer({ proofs: [], ...asked, acrValues: [acr('level-2')] })).toMatchObject({ reason: 'strong' });
  });
  it('says the first thing that even everything together lacks', () => {
    const face3 = { usable: ['chip-card', 'face'] as const, acrValues: [acr('2.3')] };
    expect(answer({ proofs: [], ...face3, floors: [{ phishingResistant: true }] })).toMatchObject({
      reason: 'phishing_resistant',
    });
    const floors = [{ strong: true, phishingResistant: true }];
    expect(answer({ proofs: [], usable: ['password', 'chip-card'], floors })).toMatchObject({
      reason: 'phishing_resistant',
    });
  });
  it('a later value that is met already is offered to whoever cannot take the step, with what it stands on', () => {
    const asked = { proofs: [password()], usable: ['passkey'] as const };
    const outcome = answer({ ...asked, acrValues: [acr('2.2'), acr('2.1')] });
    expect(outcome).toMatchObject({ met: false, settle: { acr: acr('2.1'), reached: { counted: [password()] } } });
    expect('settle' in answer({ ...asked, acrValues: [acr('2.2')] })).toBe(false);
  });
  it('a value that can be reached by what is bound comes before one that takes an earlier proof too', () => {
    expect(answer({ proofs: [sms()], usable: ['password'], acrValues: [acr('2.2'), acr('2.1')] })).toMatchObject({
      ...{ met: true, acr: acr('2.1') },
    });
  });
});
