import { describe, expect, it } from 'vitest';
import { AMR_VALUES, ASSURANCE_POLICY, type Proof, policyAt } from '../../../../src/domain/assurance/index.ts';
import { worthOf } from '../../../../src/domain/assurance/policy.ts';
import type { Shown } from '../../../../src/domain/assurance/proofs.ts';
import { acr, answer, NOW, proven, reach, SORTS } from './proofs.ts';

const level = (...proofs: Proof[]) => reach(...proofs).authenticationLevel;
const { password, totp, sms, passkey, securityKey, card, face } = proven;

describe('what proofs are worth (decisions: what each proof is worth)', () => {
  it('one factor is 1', () => {
    for (const one of [password(), totp(), sms(), securityKey(), card()]) expect(level(one)).toBe(1);
  });
  it('a password of 8 to 14 characters is nothing alone, and knowledge beside a possession', () => {
    const short = proven.shortPassword();
    expect(level(short)).toBe(0);
    expect(answer({ proofs: [short] }).met).toBe(false);
    for (const one of [totp(), sms(), securityKey(), card()]) expect(level(short, one)).toBe(2);
    expect(level(short, face())).toBe(0);
    expect(level(short, face(), totp())).toBe(4);
    // The code has become too old under max_age: what is left must not stand alone.
    expect(answer({ proofs: [proven.shortPassword(10), totp(1000)], maxAge: 300 }).met).toBe(false);
    expect(reach(short, totp()).amr).toEqual(['pwd', 'otp', 'mfa']);
  });
  it('two possessions are one factor', () => {
    expect(level(totp(), sms())).toBe(1);
    expect(level(totp(), card())).toBe(1);
    expect(level(securityKey(), totp(), card(), sms())).toBe(1);
  });
  it('the raw pair 2.2 is reached by password and SMS code', () => {
    expect(answer({ proofs: [password(), sms()], acrValues: [acr('2.2')] })).toMatchObject({
      met: true,
      acr: acr('2.2'),
    });
  });
  it('password and SMS code are no strong proof, so level-2 is unmet', () => {
    expect(reach(password(), sms()).strong).toBe(false);
    expect(answer({ proofs: [password(), sms()], acrValues: [acr('level-2')] })).toMatchObject({
      met: false,
      reason: 'strong',
    });
  });
  it('password and TOTP are 2 and no strong proof', () => {
    expect(reach(password(), totp())).toMatchObject({ authenticationLevel: 2, strong: false });
  });
  it('a passkey with user verification is 2 alone, strong and phishing resistant', () => {
    expect(reach(passkey())).toMatchObject({ authenticationLevel: 2, strong: true, phishingResistant: true });
    expect(answer({ proofs: [passkey()], acrValues: [acr('level-2')] })).toMatchObject({ met: true });
  });
  it('a passkey with user verification is never 3, whatever knowledge and possession stand beside it', () => {
    expect(level(passkey(), password(), totp(), sms(), card(), securityKey())).toBe(2);
  });
  it('user verification is not knowledge for 4: passkey and face are 3', () => {
    expect(level(passkey(), face())).toBe(3);
    expect(level(passkey(), face(), password())).toBe(4);
  });
  it('a passkey without user verification is a possession', () => {
    expect(level(securityKey())).toBe(1);
    expect(level(securityKey(), password())).toBe(2);
    expect(reach(securityKey())).toMatchObject({ phishingResistant: true, strong: false });
    expect(reach({ ...securityKey(), userVerified: undefined }).authenticationLevel).toBe(1);
  });
  it('biometric and possession are 3: card and face, TOTP and face', () => {
    expect(reach(card(), face())).toMatchObject({ authenticationLevel: 3, strong: true, phishingResistant: false });
    expect(level(totp(), face())).toBe(3);
    expect(level(securityKey(), face())).toBe(3);
  });
  it('face and password without a possession stay 1', () => {
    expect(level(face(), password())).toBe(1);
  });
  it('a face alone reaches nothing', () => {
    expect(level(face())).toBe(0);
  });
  it('biometric, possession and knowledge are 4', () => {
    expect(level(face(), card(), password())).toBe(4);
    expect(level(face(), totp(), password())).toBe(4);
  });
  it('an SMS code never counts towards 3 or 4', () => {
    expect(level(face(), sms())).toBe(1);
    expect(level(face(), sms(), password())).toBe(2);
  });
  it('an SMS code is a possession for a strong proof with a face, once 2 is reached', () => {
    expect(answer({ proofs: [face(), sms()], acrValues: [acr('level-2')] }).met).toBe(false);
    expect(answer({ proofs: [face(), sms(), password()], acrValues: [acr('level-2')] }).met).toBe(true);
  });
  it('a genuine chip is strong with a second factor only', () => {
    expect(reach(card()).strong).toBe(false);
    expect(reach(card(), totp()).strong).toBe(false);
    expect(reach(card(), password())).toMatchObject({ authenticationLevel: 2, strong: true });
  });
  it('active authentication makes a chip genuine as chip authentication does', () => {
    expect(level({ ...card(), chip: 'active' })).toBe(1);
  });
  it('only a passkey is phishing resistant: the answer of a card can be relayed', () => {
    expect(reach(card(), face(), password(), totp()).phishingResistant).toBe(false);
    expect(reach(securityKey(), password()).phishingResistant).toBe(true);
  });
  it('e-mail code, recovery code, passive authentication and a face without evaluated PAD are worth nothing', () => {
    const nothing = [proven.email(), proven.recovery(), proven.cardRead(), proven.photograph(), proven.selfie()];
    for (const one of nothing) {
      expect(reach(one)).toMatchObject({ authenticationLevel: 0, counted: [], amr: [], authTime: 0 });
      expect(reach(one, password(), face())).toEqual(reach(password(), face()));
    }
    expect(answer({ proofs: nothing }).met).toBe(false);
  });
  it('card access number, machine readable zone, QR text and e-mail code have rows that say: nothing', () => {
    for (const kind of ['card-access-number', 'machine-readable-zone', 'qr-text', 'email-code'] as const) {
      const shown = {
        kind,
        userVerified: true,
        keyStorage: 'hardware',
        chip: 'genuine',
        pad: 'evaluated',
        channel: 'sms',
      };
      expect(worthOf(shown as Shown, ASSURANCE_POLICY)?.worth).toEqual([]);
    }
  });
  it('a proof that no row speaks of is worth nothing', () => {
    const unknown = { kind: 'telepathy', at: NOW, authenticatorId: 'x' } as unknown as Proof;
    expect(reach(unknown).authenticationLevel).toBe(0);
    expect(level(unknown, password())).toBe(1);
  });
  it('no proof speaks for the account level: it is a property of the person', () => {
    const everything = SORTS.map((sort) => proven[sort]());
    expect(answer({ proofs: everything, accountLevel: 1 })).toMatchObject({ met: true, acr: acr('1.4') });
    expect(answer({ proofs: everything, accountLevel: 1, acrValues: [acr('2.1')] })).toMatchObject({
      met: false,
      reachable: false,
      reason: 'account_level',
    });
  });
});

describe('the policy as a table', () => {
  const rows = [...ASSURANCE_POLICY.worth, ...ASSURANCE_POLICY.combinations];
  it('every row names its clause, its source and its first day, under an id of its own', () => {
    for (const row of rows) {
      expect(row.clause).not.toBe('');
      expect(row.source).not.toBe('');
      expect(row.effectiveFrom).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });
  it('a row counts from the first second of its first day in Viet Nam to the last of its last', () => {
    const row = { ...ASSURANCE_POLICY.worth[0]!, effectiveFrom: '2026-03-02', effectiveUntil: '2026-03-03' };
    const policy = { ...ASSURANCE_POLICY, worth: [row], combinations: [] };
    const counts = (moment: string) => policyAt(Date.parse(moment) / 1000, policy).worth.length === 1;
    expect(counts('2026-03-01T16:59:59Z')).toBe(false);
    expect(counts('2026-03-01T17:00:00Z')).toBe(true);
    expect(counts('2026-03-03T16:59:59Z')).toBe(true);
    expect(counts('2026-03-03T17:00:00Z')).toBe(false);
  });
  it('a row that has ended counts no more', () => {
    const worth = ASSURANCE_POLICY.worth.map((row) =>
      row.id === 'totp' ? { ...row, effectiveUntil: '2026-03-01' } : row,
    );
    const policy = { ...ASSURANCE_POLICY, worth };
    expect(answer({ proofs: [password(), totp()], policy }).reached.authenticationLevel).toBe(1);
  });
});

describe('amr (RFC 8176)', () => {
  it('names each counted proof once, and mfa from level 2 on', () => {
    expect(reach(password()).amr).toEqual(['pwd']);
    expect(reach(totp()).amr).toEqual(['otp']);
    expect(reach(password(), sms()).amr).toEqual(['pwd', 'otp', 'sms', 'mfa']);
    expect(reach(card(), face()).amr).toEqual(['sc', 'face', 'mfa']);
    expect(reach(securityKey()).amr).toEqual(['pop', 'user']);
  });
  it('says where a key lives only when it is known', () => {
    expect(reach(passkey()).amr).toEqual(['pop', 'user', 'mfa']);
    expect(reach({ ...passkey(), keyStorage: 'hardware' }).amr).toEqual(['hwk', 'user', 'mfa']);
    expect(reach({ ...passkey(), keyStorage: 'software' }).amr).toEqual(['swk', 'user', 'mfa']);
  });
  it('names no proof that was not counted', () => {
    expect(reach(passkey(), password(3600)).amr).not.toContain('pwd');
    expect(reach(password(), proven.recovery(), proven.email()).amr).toEqual(['pwd']);
  });
  it('uses registered values only', () => {
    const registered = ['pwd', 'otp', 'sms', 'hwk', 'swk', 'pop', 'user', 'sc', 'face'];
    for (const { value, clause } of AMR_VALUES) {
      expect(registered).toContain(value);
      expect(clause).toMatch(/^RFC 8176 §2 /);
    }
  });
});
