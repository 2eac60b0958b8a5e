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
import { canBe, SORTS } from '../../../../src/domain/assurance/sorts.ts';

// Two people may agree on much, and not on this: decisions, "What each proof is worth" and Decree 69/2024 Art. 20.
const next: Policy = { ...ASSURANCE_POLICY, version: '2026-12-01' };
const faultsOf = (input: unknown): string[] => {
  const read = parsePolicy(input);
  if (read.parsed) return [];
  expect(read.parsed).toBe(false);
  return read.faults.map(({ path, message }) => `${path}: ${message}`);
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

test('a row that is about one sort of proof is about no other', () => {
  const about = (shown: (typeof SORTS)[number]['shown']) => SORTS.filter((sort) => canBe(sort, shown));
  for (const sort of SORTS) expect(about(sort.shown)).toEqual([sort]);
});

describe('a fault is told where it is and what it is', () => {
  const first = (policy: unknown): string => faultsOf(policy)[0] ?? '';
  const at = worthIndex('totp');

  test.each<[string, unknown, string]>([
    [
      'a version that is a moment',
      { ...next, version: '2026-12-01T00:00' },
      'version: A version is a day, as 2026-12-01 or 2026-12-01.1.',
    ],
    [
      'a tenth version of a day',
      { ...next, version: '2026-12-01.0' },
      'version: A version is a day, as 2026-12-01 or 2026-12-01.1.',
    ],
    ['a day that there is not', { ...next, version: '2026-13-01' }, 'version: There is no such day.'],
    ['a second version of it', { ...next, version: '2026-13-01.1' }, 'version: There is no such day.'],
    ['a clause of two lines', withWorth('totp', { clause: '§3\n§4' }), `worth.${at}.clause: Plain text.`],
    ['a facet twice', withWorth('totp', { worth: ['possession', 'possession'] }), `worth.${at}.worth: Each once.`],
    [
      'its own withdrawal',
      { ...next, withdrawn: [next.version] },
      'withdrawn.0: Only an older version can be withdrawn.',
    ],
    ['one withdrawal twice', { ...next, withdrawn: ['2026-01-01', '2026-01-01'] }, 'withdrawn.1: Each once.'],
    [
      'one name twice',
      { ...next, worth: [...next.worth, next.worth[0]] },
      `worth.${next.worth.length}.id: Another row has this name.`,
    ],
    [
      'an end before the beginning',
      withWorth('totp', { effectiveUntil: '2024-06-30' }),
      `worth.${at}.effectiveUntil: It ends before it begins.`,
    ],
    [
      'an end of a combination before its beginning',
      withCombination('level-4', { effectiveUntil: '2024-06-30' }),
      `combinations.${next.combinations.findIndex(({ id }) => id === 'level-4')}.effectiveUntil: It ends before it begins.`,
    ],
  ])('%s', (_what, policy, said) => {
    expect(faultsOf(policy)).toEqual([said]);
  });

  test('a row of evidence has a name of its own, and does not end before it begins', () => {
    const [row, ...rest] = next.evidence;
    expect(first({ ...next, evidence: [{ ...row, id: 'totp' }, ...rest] })).toBe(
      'evidence.0.id: Another row has this name.',
    );
    expect(first({ ...next, evidence: [{ ...row, effectiveUntil: '2024-06-30' }, ...rest] })).toBe(
      'evidence.0.effectiveUntil: It ends before it begins.',
    );
  });

  test.each<[string, object, string]>([
    ['level-1.knowledge', { needs: ['knowledge'] }, 'level 1 rests on one factor that is no biometric.'],
    [
      'level-2.two-factors',
      { needs: ['possession'] },
      'level 2 rests on two different factors, or a possession that verified its holder.',
    ],
    ['level-3', { needs: ['possession', 'biometric'] }, 'level 3 rests on a biometric and an unrestricted possession.'],
    [
      'level-4',
      { needs: ['biometric', 'unrestricted-possession'] },
      'level 4 rests on a biometric, an unrestricted possession and a knowledge.',
    ],
    [
      'strong.chip',
      { needs: ['genuine-chip'] },
      'strong rests on a passkey with user verification, a genuine chip with a second factor, or a face with a possession.',
    ],
    ['phishing-resistant', { needs: ['possession'] }, 'phishing resistance rests on a passkey.'],
  ])('%s with %o', (id, more, said) => {
    const index = next.combinations.findIndex((one) => one.id === id);
    expect(faultsOf(withCombination(id, more))).toEqual([`combinations.${index}.needs: ${said}`]);
  });
});

describe('the bounds of a policy', () => {
  const fine = (policy: unknown): boolean => faultsOf(policy).length === 0;
  const long = (length: number): string => 'a'.repeat(length);
  const days = (count: number): string[] =>
    Array.from({ length: count }, (_, day) => new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10));
  const rows = <Row extends { id: string }>(all: readonly Row[], count: number): Row[] =>
    Array.from({ length: count }, (_, nth) => ({ ...all[0]!, id: `row-${nth}` }));

  test('names, clauses and sources have their length', () => {
    expect([fine(withWorth('totp', { id: long(60) })), fine(withWorth('totp', { id: long(61) }))]).toEqual([
      true,
      false,
    ]);
    for (const id of ['Totp', 'totp.', '.totp', 'to tp', 'to..tp', ''])
      expect(fine(withWorth('totp', { id })), id).toBe(false);
    for (const id of ['totp-2.b', 'a', '7']) expect(fine(withWorth('totp', { id })), id).toBe(true);
    expect([fine(withWorth('totp', { clause: long(200) })), fine(withWorth('totp', { clause: long(201) }))]).toEqual([
      ...[true, false],
    ]);
    expect([fine(withWorth('totp', { source: long(100) })), fine(withWorth('totp', { source: long(101) }))]).toEqual([
      ...[true, false],
    ]);
    expect([fine(withWorth('totp', { source: 'ab' })), fine(withWorth('totp', { source: 'a' }))]).toEqual([
      true,
      false,
    ]);
  });

  test('there are as many rows and withdrawals as people can read, and at least one row of each table', () => {
    expect([fine({ ...next, withdrawn: days(100) }), fine({ ...next, withdrawn: days(101) })]).toEqual([true, false]);
    for (const [table, most] of [
      ['worth', 60],
      ['combinations', 40],
      ['evidence', 40],
    ] as const) {
      const filled = (count: number) => ({ ...next, [table]: rows<{ id: string }>(next[table], count) });
      expect(
        [0, 1, most, most + 1].map((count) => fine(filled(count))),
        table,
      ).toEqual([false, true, true, false]);
    }
  });

  test('proofs are at least a minute and at most a day old; for 3 and 4 a quarter of an hour', () => {
    const aged = (maxAge: number) => fine(withCombination('level-2.passkey', { maxAge }));
    expect([59, 60, 86_400, 86_401].map(aged)).toEqual([false, true, true, false]);
    const high = (maxAge: number) => ['level-3', 'level-4'].map((id) => fine(withCombination(id, { maxAge })));
    expect([900, 901].map(high)).toEqual([
      [true, true],
      [false, false],
    ]);
    const index = next.combinations.findIndex(({ id }) => id === 'level-3');
    expect(faultsOf(withCombination('level-3', { maxAge: 901 }))).toEqual([
      `combinations.${index}.maxAge: level 3 counts proofs of at most 900 seconds.`,
    ]);
  });

  test('a row may count for one day, a key may live anywhere, and a day may have a second version', () => {
    expect(fine(withWorth('totp', { effectiveUntil: '2024-07-01' }))).toBe(true);
    for (const keyStorage of ['hardware', 'software', 'unknown'] as const)
      expect(
        fine(withWorth('passkey.user-verified', { proof: { kind: 'passkey', userVerified: true, keyStorage } })),
      ).toBe(true);
    for (const version of ['2026-12-01.1', '2026-12-01.9']) expect(fine({ ...next, version })).toBe(true);
    expect(fine({ ...next, version: '2026-12-01.1', withdrawn: ['2026-01-01', '2026-12-01'] })).toBe(true);
  });

  test.each<[string, Facet[]]>([
    ['level-1.possession', ['unrestricted-possession']],
    ['level-1.possession', ['genuine-chip']],
    ['level-1.possession', ['phishing-resistance']],
    ['level-1.possession', ['local-verification']],
    ['level-2.two-factors', ['lone-knowledge', 'possession']],
    ['level-2.two-factors', ['knowledge', 'genuine-chip']],
    ['level-4', ['biometric', 'unrestricted-possession', 'lone-knowledge']],
    ['strong.chip', ['genuine-chip', 'lone-knowledge']],
    ['strong.face', ['biometric', 'phishing-resistance']],
  ])('%s may rest on %o', (id, needs) => {
    expect(fine(withCombination(id, { needs }))).toBe(true);
  });
});
