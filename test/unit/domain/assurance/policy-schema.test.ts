import { describe, expect, test } from 'vitest';
import {
  ASSURANCE_POLICY,
  type CombinationRow,
  type Facet,
  type Policy,
  parsePolicy,
  type WorthRow,
} from '../../../../src/domain/assurance/index.ts';
import { FACETS } from '../../../../src/domain/assurance/policy.ts';
import { SORTS } from '../../../../src/domain/assurance/sorts.ts';

// Two people may agree on much, and not on this: decisions, "What each proof is worth" and Decree 69/2024 Art. 20.
const next: Policy = { ...ASSURANCE_POLICY, version: '2026-12-01' };
const faultsOf = (input: unknown): string[] => {
  const read = parsePolicy(input);
  return read.parsed ? [] : read.faults.map(({ path, message }) => `${path}: ${message}`);
};
const worthIndex = (id: string): number => next.worth.findIndex((row) => row.id === id);
const withWorth = (id: string, more: Partial<WorthRow>): Policy => ({
  ...next,
  worth: next.worth.map((row) => (row.id === id ? { ...row, ...more } : row)),
});
const withCombination = (id: string, more: object): Policy => ({
  ...next,
  combinations: next.combinations.map((row) => (row.id === id ? ({ ...row, ...more } as CombinationRow) : row)),
});
const row = { clause: '§1', source: 'a test', effectiveFrom: '2026-12-01' };

describe('a policy', () => {
  test('the first one is one, and so is it as it is stored', () => {
    expect(parsePolicy(ASSURANCE_POLICY)).toEqual({ parsed: true, policy: ASSURANCE_POLICY });
    expect(parsePolicy(JSON.parse(JSON.stringify(ASSURANCE_POLICY)))).toMatchObject({ parsed: true });
  });

  test('may ask more than the first: less worth, a row that ends, more needs, a shorter time', () => {
    expect(faultsOf(withWorth('sms-code', { worth: [] }))).toEqual([]);
    expect(faultsOf(withWorth('totp', { effectiveUntil: '2027-01-01' }))).toEqual([]);
    expect(faultsOf(withCombination('level-1.knowledge', { needs: ['lone-knowledge', 'possession'] }))).toEqual([]);
    expect(faultsOf(withCombination('level-4', { maxAge: 300 }))).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a list', []],
    ['another member', { ...next, note: 'x' }],
    ['another member of a row', withWorth('totp', { weight: 3 } as object)],
    ['a version that is no day', { ...next, version: 'next' }],
    ['a day that does not exist', { ...next, version: '2026-13-01' }],
    ['no rows', { ...next, worth: [] }],
    ['no combinations', { ...next, combinations: [] }],
    ['a kind of proof that nobody knows', withWorth('totp', { proof: { kind: 'palm' } as never })],
    ['a facet that nobody knows', withWorth('totp', { worth: ['luck' as Facet] })],
    ['a facet twice', withWorth('totp', { worth: ['possession', 'possession'] })],
    ['a row without its clause', withWorth('totp', { clause: '' })],
    ['a row without its source', withWorth('totp', { source: '  ' })],
    ['a row that ends before it begins', withWorth('totp', { effectiveUntil: '2024-06-30' })],
    ['two rows of one name', { ...next, worth: [...next.worth, next.worth[0]] }],
    ['a combination of the name of a row', withCombination('level-4', { id: 'totp' })],
    ['level 5', withCombination('level-4', { gives: { authenticationLevel: 5 } })],
    ['two gifts in one row', withCombination('level-4', { gives: { authenticationLevel: 4, strong: true } })],
    ['a combination of nothing', withCombination('level-1.knowledge', { needs: [] })],
    ['the withdrawal of itself', { ...next, withdrawn: [next.version] }],
    ['the withdrawal of a later one', { ...next, withdrawn: ['2027-01-01'] }],
    ['one withdrawal twice', { ...next, withdrawn: ['2026-01-01', '2026-01-01'] }],
  ])('%s is refused', (_what, input) => {
    expect(faultsOf(input)).not.toEqual([]);
  });
});

describe('what no vote changes', () => {
  test.each<[string, string, Facet]>([
    ['an SMS code is never unrestricted', 'sms-code', 'unrestricted-possession'],
    ['nor proves anything of a holder', 'sms-code', 'local-verification'],
    ['a short password never stands alone', 'password.short', 'lone-knowledge'],
    ['a password is no possession', 'password', 'possession'],
    ['the verification of a passkey is no knowledge', 'passkey.user-verified', 'knowledge'],
    ['and no biometric', 'passkey.user-verified', 'biometric'],
    ['a passkey that verified nobody does not say so', 'passkey.not-verified', 'local-verification'],
    ['the answer of a card can be relayed', 'chip.genuine', 'phishing-resistance'],
    ['a face is no possession', 'face', 'possession'],
  ])('%s', (_what, id, facet) => {
    const worth = [...next.worth[worthIndex(id)]!.worth, facet];
    expect(faultsOf(withWorth(id, { worth }))).toContainEqual(
      expect.stringMatching(new RegExp(`^worth\\.${worthIndex(id)}\\.worth: .* is never worth ${facet}\\.$`)),
    );
  });

  test.each([
    ...['face.basic-pad', 'face.no-pad', 'chip.passive', 'email-message', 'email-code', 'recovery-code'],
    ...['card-access-number', 'machine-readable-zone', 'qr-text'],
  ])('%s is worth nothing at all', (id) => {
    for (const facet of FACETS) expect(faultsOf(withWorth(id, { worth: [facet] }))).not.toEqual([]);
  });

  test('a row that leaves a detail out is taken for the least that it can mean', () => {
    const wide = (proof: object, worth: Facet[]) =>
      faultsOf({ ...next, worth: [{ ...row, id: 'wide', proof, worth }, ...next.worth] });
    expect(wide({ kind: 'chip-card' }, ['possession'])).toEqual([
      'worth.0.worth: chip read passively is never worth possession.',
    ]);
    expect(wide({ kind: 'message-otp' }, ['possession'])).toEqual([
      'worth.0.worth: e-mail message is never worth possession.',
    ]);
    expect(wide({ kind: 'face' }, ['biometric'])).toHaveLength(2);
    expect(wide({ kind: 'passkey' }, ['local-verification'])).toHaveLength(1);
    expect(wide({ kind: 'passkey', keyStorage: 'hardware' }, ['local-verification'])).toHaveLength(1);
    expect(wide({ kind: 'password' }, ['lone-knowledge'])).toHaveLength(1);
    expect(wide({ kind: 'passkey', keyStorage: 'software', userVerified: true }, ['possession'])).toEqual([]);
  });

  test.each<[string, string, object]>([
    ['level 1 by a biometric', 'level-1.knowledge', { needs: ['biometric'] }],
    ['level 1 by half a knowledge', 'level-1.knowledge', { needs: ['knowledge'] }],
    ['level 2 by one factor', 'level-2.two-factors', { needs: ['possession'] }],
    ['level 2 by two possessions', 'level-2.two-factors', { needs: ['possession', 'genuine-chip'] }],
    ['level 2 by a biometric and a knowledge', 'level-2.two-factors', { needs: ['knowledge', 'biometric'] }],
    ['level 3 without a biometric', 'level-3', { needs: ['unrestricted-possession', 'knowledge'] }],
    ['level 3 by a passkey alone', 'level-2.passkey', { gives: { authenticationLevel: 3 }, maxAge: 900 }],
    ['level 3 beside an SMS code', 'level-3', { needs: ['biometric', 'possession'] }],
    ['level 4 without a knowledge', 'level-4', { needs: ['biometric', 'unrestricted-possession'] }],
    [
      'level 4 by local verification',
      'level-4',
      { needs: ['biometric', 'unrestricted-possession', 'local-verification'] },
    ],
    ['level 4 without a biometric', 'level-4', { needs: ['knowledge', 'unrestricted-possession'] }],
    ['level 3 that lasts', 'level-3', { maxAge: undefined }],
    ['level 4 for an hour', 'level-4', { maxAge: 3_600 }],
    ['strong by a possession', 'strong.face', { needs: ['possession'] }],
    ['strong by a chip alone', 'strong.chip', { needs: ['genuine-chip'] }],
    ['strong by a face alone', 'strong.face', { needs: ['biometric'] }],
    ['phishing resistance by a card', 'phishing-resistant', { needs: ['genuine-chip'] }],
  ])('%s is refused', (_what, id, more) => {
    const at = next.combinations.findIndex((one) => one.id === id);
    expect(faultsOf(withCombination(id, more))).toEqual([expect.stringMatching(`^combinations\\.${at}\\.`)]);
  });

  test('there is a sort for everything that can be shown, each once', () => {
    const names = SORTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(SORTS.map(({ shown }) => shown.kind))).toEqual(new Set(next.worth.map(({ proof }) => proof.kind)));
  });
});
