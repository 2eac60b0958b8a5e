import { describe, expect, it } from 'vitest';
import { ASSURANCE_POLICY, demandOf, evaluate } from '../../../../src/domain/assurance/index.ts';
import { acr, answer, contexts, NOW, proven } from './proofs.ts';

const { password, totp, sms, passkey, card, face } = proven;
const twoFactors = [password(), sms()];

describe('what is asked must be met', () => {
  it('without a request the pair reached is answered', () => {
    expect(answer({ proofs: [password()], accountLevel: 1 })).toMatchObject({ met: true, acr: acr('1.1') });
    expect(answer({ proofs: twoFactors })).toMatchObject({ met: true, acr: acr('2.2') });
    expect(answer({ proofs: [card(), face()] })).toMatchObject({ met: true, acr: acr('2.3') });
  });
  it('more than is asked meets it, and the requested value is answered', () => {
    expect(answer({ proofs: [passkey()], acrValues: [acr('1.1')] })).toMatchObject({ met: true, acr: acr('1.1') });
  });
  it('acr_values is necessary', () => {
    expect(answer({ proofs: [password()], acrValues: [acr('2.2')] }).met).toBe(false);
  });
  it('acr_values of a voluntary client is a wish: unmet, the pair reached is answered', () => {
    const wish = { acrValues: [acr('2.3')], voluntary: true };
    expect(answer({ proofs: [password()], ...wish })).toMatchObject({ met: true, acr: acr('2.1') });
    expect(answer({ proofs: [password()], ...wish, usable: ['passkey', 'face'] }).met).toBe(true);
    expect(answer({ proofs: [card(), face()], ...wish })).toMatchObject({ met: true, acr: acr('2.3') });
    expect(answer({ proofs: [password()], voluntary: true, acrValues: [acr('2.3'), acr('level-1')] })).toMatchObject({
      acr: acr('level-1'),
    });
  });
  it('even a voluntary client must meet an essential claim, and its floors', () => {
    const claimsAcr = { essential: true, value: acr('2.2') };
    expect(answer({ proofs: [password()], voluntary: true, claimsAcr }).met).toBe(false);
    expect(answer({ proofs: [password()], voluntary: true, floors: [{ authenticationLevel: 2 }] }).met).toBe(false);
  });
  it('an acr claim that is not essential is a wish of any client', () => {
    const claimsAcr = { value: acr('2.3') };
    expect(answer({ proofs: [password()], claimsAcr })).toMatchObject({ met: true, acr: acr('2.1') });
    expect(answer({ proofs: [card(), face()], claimsAcr })).toMatchObject({ met: true, acr: acr('2.3') });
  });
  it('an essential acr claim without a value asks nothing but that there be one', () => {
    expect(answer({ proofs: [password()], claimsAcr: { essential: true } })).toMatchObject({ acr: acr('2.1') });
    expect(answer({ proofs: [password()], claimsAcr: { essential: true, values: [] } }).met).toBe(true);
  });
  it('nothing proven meets nothing, not even a wish', () => {
    expect(answer({ proofs: [] })).toMatchObject({ met: false, reached: { authenticationLevel: 0 } });
    expect(answer({ proofs: [], voluntary: true, acrValues: [acr('1.1')] }).met).toBe(false);
  });
});

describe('all sources hold together', () => {
  const essential = { essential: true, value: acr('2.3') };
  it('TRAP: an essential 2.3 beside acr_values of 1.1 demands 2.3', () => {
    expect(answer({ proofs: [passkey()], claimsAcr: essential, acrValues: [acr('1.1')] }).met).toBe(false);
    expect(answer({ proofs: [passkey(), face()], claimsAcr: essential, acrValues: [acr('1.1')] })).toMatchObject({
      met: true,
      acr: acr('2.3'),
    });
  });
  it('TRAP: an essential 2.3 beside a default of 1.1 demands 2.3', () => {
    expect(answer({ proofs: [passkey()], claimsAcr: essential, defaultAcrValues: [acr('1.1')] }).met).toBe(false);
    expect(answer({ proofs: [passkey(), face()], claimsAcr: essential, defaultAcrValues: [acr('1.1')] })).toMatchObject(
      { met: true, acr: acr('2.3') },
    );
  });
  it('acr_values of 1.1 does not lower a default of 2.2', () => {
    const both = { acrValues: [acr('1.1')], defaultAcrValues: [acr('2.2')] };
    expect(answer({ proofs: [password()], ...both }).met).toBe(false);
    expect(answer({ proofs: twoFactors, ...both })).toMatchObject({ met: true, acr: acr('1.1') });
  });
  it('the default is answered when it alone asks', () => {
    expect(answer({ proofs: [passkey()], defaultAcrValues: [acr('level-2')] })).toMatchObject({ acr: acr('level-2') });
  });
  it('the answered acr comes from the claim, then acr_values, then the default', () => {
    const all = { claimsAcr: { essential: true, values: [acr('2.4'), acr('2.2')] }, defaultAcrValues: [acr('1.1')] };
    expect(answer({ proofs: twoFactors, ...all, acrValues: [acr('1.2')] })).toMatchObject({ acr: acr('2.2') });
    expect(answer({ proofs: twoFactors, acrValues: [acr('1.2')], defaultAcrValues: [acr('1.1')] })).toMatchObject({
      acr: acr('1.2'),
    });
  });
  it('every floor holds, of whatever it is a floor', () => {
    const floors = [{ accountLevel: 2 as const }, { authenticationLevel: 2 as const }, { phishingResistant: true }];
    expect(answer({ proofs: [passkey()], floors }).met).toBe(true);
    expect(answer({ proofs: twoFactors, floors })).toMatchObject({ met: false, reason: 'phishing_resistant' });
    expect(answer({ proofs: [passkey()], floors, accountLevel: 1 })).toMatchObject({ reason: 'account_level' });
    expect(answer({ proofs: [proven.securityKey()], floors })).toMatchObject({ reason: 'authentication_level' });
    expect(answer({ proofs: twoFactors, floors: [{ strong: true }] })).toMatchObject({ reason: 'strong' });
  });
  it('a floor of proofing in presence is met by account level 2, which presence alone leads to; any asks nothing', () => {
    const floors = [{ proofing: 'in_person' as const }];
    expect(answer({ proofs: [password()], floors }).met).toBe(true);
    expect(answer({ proofs: [password()], floors, accountLevel: 1 })).toMatchObject({
      met: false,
      reason: 'account_level',
    });
    expect(answer({ proofs: [password()], floors: [{ proofing: 'any' }], accountLevel: 1 }).met).toBe(true);
    const lower = [{ accountLevel: 2 as const, proofing: 'any' as const }];
    expect(answer({ proofs: [password()], floors: lower, accountLevel: 1 })).toMatchObject({ reason: 'account_level' });
  });
  it('acr_values does not lower a floor', () => {
    expect(answer({ proofs: [password()], acrValues: [acr('1.1')], floors: [{ authenticationLevel: 2 }] }).met).toBe(
      false,
    );
  });
  it('a floor that names nothing asks for one factor all the same', () => {
    expect(answer({ proofs: [], floors: [{}] }).met).toBe(false);
    expect(answer({ proofs: [password()], floors: [{}] }).met).toBe(true);
  });
});

describe('several values', () => {
  it('the first that this account can reach is the target', () => {
    const acrValues = [acr('2.4'), acr('2.2'), acr('1.1')];
    const outcome = answer({ proofs: [password()], acrValues, usable: ['password', 'totp'] });
    expect(outcome).toMatchObject({ met: false, reachable: true, target: { acr: acr('2.2') } });
    expect(answer({ proofs: [password(), totp()], acrValues, usable: ['password', 'totp'] })).toMatchObject({
      met: true,
      acr: acr('2.2'),
      preferred: false,
    });
  });
  it('a value that the account cannot reach is passed over, by account level and by authenticators', () => {
    const acrValues = [acr('2.2'), acr('1.3'), acr('1.1')];
    expect(answer({ proofs: [password()], accountLevel: 1, acrValues, usable: ['password', 'totp'] })).toMatchObject({
      met: true,
      acr: acr('1.1'),
    });
  });
  it('the order is a preference: a later value that is met already does not stop the step-up, but may settle it', () => {
    const outcome = answer({ proofs: [password()], acrValues: [acr('2.2'), acr('1.1')], usable: ['passkey'] });
    expect(outcome).toMatchObject({
      met: false,
      reachable: true,
      target: { acr: acr('2.2') },
      settle: { acr: acr('1.1'), reached: { authenticationLevel: 1 } },
    });
  });
  it('the answered acr is the first requested value that is met', () => {
    const acrValues = [acr('1.1'), acr('2.2')];
    expect(answer({ proofs: [passkey()], acrValues })).toMatchObject({ met: true, acr: acr('1.1'), preferred: true });
    expect(answer({ proofs: [passkey()], acrValues: [acr('2.4'), acr('2.2')] })).toMatchObject({ acr: acr('2.2') });
  });
  it('one value of each source must be met, the first source deciding first', () => {
    const outcome = answer({
      proofs: [password()],
      claimsAcr: { essential: true, values: [acr('2.4'), acr('2.2')] },
      acrValues: [acr('level-2'), acr('1.1')],
      usable: ['password', 'totp'],
    });
    expect(outcome).toMatchObject({
      reachable: true,
      target: { acr: acr('2.2'), authenticationLevel: 2, strong: false },
    });
  });
  it('what is met without asking which authenticators there are is told apart', () => {
    expect(answer({ proofs: [password()], acrValues: [acr('1.1')] })).toMatchObject({ preferred: true });
    expect(answer({ proofs: [password()], acrValues: [acr('2.2'), acr('1.1')] })).toMatchObject({ preferred: false });
  });
});

describe('unknown values', () => {
  const unknown = 'https://elsewhere.example/loa/9';
  it('beside a known one they are ignored', () => {
    expect(answer({ proofs: [password()], acrValues: [unknown, acr('1.1')] })).toMatchObject({
      acr: acr('1.1'),
      preferred: true,
    });
  });
  it('alone in a necessary source they can never be met', () => {
    const outcome = {
      ...{ met: false, reachable: false, reason: 'unknown_value' },
      // What is known of it: the least that is asked of everybody, and what was proven nevertheless.
      ...{ target: { authenticationLevel: 1 }, reached: { authenticationLevel: 4 } },
    };
    const usable = ['passkey', 'face', 'password'] as const;
    const proofs = [passkey(), face(), password()];
    expect(answer({ proofs, usable, acrValues: [unknown] })).toMatchObject(outcome);
    expect(answer({ proofs, usable, defaultAcrValues: ['LoA1'] })).toMatchObject(outcome);
    expect(answer({ proofs, usable, claimsAcr: { essential: true, value: unknown } })).toMatchObject(outcome);
    expect(answer({ proofs, usable, acrValues: [acr('1.1')], defaultAcrValues: [unknown] })).toMatchObject(outcome);
  });
  it('alone in a voluntary source they ask nothing', () => {
    expect(answer({ proofs: [password()], acrValues: ['1', '2'], voluntary: true })).toMatchObject({ acr: acr('2.1') });
    expect(answer({ proofs: [password()], claimsAcr: { value: unknown } })).toMatchObject({ acr: acr('2.1') });
  });
  it('a client’s legacy name is answered as it was written', () => {
    const demand = demandOf(
      { acrValues: ['LoA2'], voluntary: false, floors: [] },
      contexts.withLegacy({ LoA2: 'level-2' }),
    );
    const circumstances = { demand, accountLevel: 2 as const, usable: [], now: NOW, policy: ASSURANCE_POLICY };
    expect(evaluate({ ...circumstances, proofs: [passkey()] })).toMatchObject({ met: true, acr: 'LoA2' });
    expect(evaluate({ ...circumstances, proofs: twoFactors }).met).toBe(false);
  });
});

describe('a demand tells its sources apart', () => {
  const demand = (more: object) => demandOf({ voluntary: false, floors: [], ...more }, contexts);
  it('each by its name, in the order in which they decide, with what is known of it once', () => {
    const { requests } = demand({
      claimsAcr: { essential: true, values: [acr('2.2'), acr('2.2'), 'odd', acr('2.3')] },
      ...{ acrValues: [acr('1.1')], defaultAcrValues: [acr('level-1')] },
    });
    expect(requests.map(({ source, necessary }) => [source, necessary])).toEqual([
      ...[
        ['claim', true],
        ['acr_values', true],
        ['default_acr_values', true],
      ],
    ]);
    expect(requests.map(({ contexts: known }) => known.map(({ name }) => name))).toEqual([
      ...[['2.2', '2.3'], ['1.1'], ['level-1']],
    ]);
  });
  it('a wish for unknown values alone is none, and one of a known value is one; a source without values is none', () => {
    expect(demand({ voluntary: true, acrValues: ['odd'] }).requests).toEqual([]);
    expect(demand({ voluntary: true, acrValues: ['odd', acr('1.1')] }).requests).toHaveLength(1);
    expect(demand({ acrValues: ['odd'] }).requests).toHaveLength(1);
    expect(demand({ acrValues: [], claimsAcr: {} }).requests).toEqual([]);
  });
});
