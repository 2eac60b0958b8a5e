import { describe, expect, test } from 'vitest';
import { EVIDENCE_FACETS, type EvidenceFacet } from '../../../../src/domain/assurance/account-level/proofed.ts';
import {
  ASSURANCE_POLICY,
  accountLevelFrom,
  compareAccountLevels,
  decidedBy,
  decisionIn,
  type EvidenceRow,
  FORMER_POLICY,
  type Policy,
  parsePolicy,
  referenceOf,
} from '../../../../src/domain/assurance/index.ts';
import { NOW } from './proofs.ts';
import { proofed } from './row-checks.ts';

const weigh = (...[channel, age, facets]: Parameters<typeof proofed>) =>
  accountLevelFrom(proofed(channel, age, facets), { policy: ASSURANCE_POLICY, now: NOW });
const withRow = (id: string, more: Partial<EvidenceRow>): Policy => ({
  ...ASSURANCE_POLICY,
  version: '2026-12-01',
  evidence: ASSURANCE_POLICY.evidence.map((row) => (row.id === id ? { ...row, ...more } : row)),
});
const COUNTER: readonly EvidenceFacet[] = ['validated', 'face', 'fingerprints'];

describe('the account level that evidence carries (decisions: level 2)', () => {
  test('is the highest that a row gives, whatever order the rows stand in, and names row and policy', () => {
    const decision = { accountLevel: 2, row: 'account-2.counter', policy: referenceOf(ASSURANCE_POLICY) };
    expect(weigh('in_person', 40, COUNTER)).toEqual(decision);
    const turned = { ...ASSURANCE_POLICY, evidence: ASSURANCE_POLICY.evidence.toReversed() };
    const other = accountLevelFrom(proofed('in_person', 40, COUNTER), { policy: turned, now: NOW });
    expect(other).toMatchObject({ accountLevel: 2, row: 'account-2.counter' });
  });

  test('of two rows that give the same it is the first', () => {
    const twice = {
      ...ASSURANCE_POLICY,
      evidence: [...ASSURANCE_POLICY.evidence, { ...ASSURANCE_POLICY.evidence[0]!, id: 'again' }],
    };
    expect(accountLevelFrom(proofed('in_person', 40, COUNTER), { policy: twice, now: NOW }).row).toBe(
      'account-2.counter',
    );
  });

  test('is none without a row, and then no row is named', () => {
    expect(weigh('in_person', 40, ['face', 'fingerprints'])).toEqual({
      accountLevel: 0,
      policy: referenceOf(ASSURANCE_POLICY),
    });
  });

  test('is never 2 over the network, whatever was shown, nor for anybody below 6', () => {
    for (const age of [0, 5, 6, 13, 14, 40]) expect(weigh('remote', age, EVIDENCE_FACETS).accountLevel).toBe(1);
    for (const age of [0, 5]) expect(weigh('in_person', age, EVIDENCE_FACETS).accountLevel).toBe(1);
    expect(weigh('in_person', 6, EVIDENCE_FACETS).accountLevel).toBe(2);
    expect(weigh('in_person', 13, COUNTER).accountLevel).toBe(0);
  });

  test('rests on what was recorded and nothing else: a check that nobody knows carries nothing', () => {
    const checks = (...names: string[]) =>
      accountLevelFrom(
        { channel: 'in_person', age: 40, faceMatched: true, fingerprintsMatched: true, evidence: [{ checks: names }] },
        { policy: ASSURANCE_POLICY, now: NOW },
      ).accountLevel;
    expect([checks('register_match'), checks('passive_authentication'), checks('issuer_vouched')]).toEqual([2, 2, 2]);
    expect([checks('constructor'), checks('face_match', 'portrait_match'), checks('active_authentication')]).toEqual([
      ...[0, 0, 0],
    ]);
  });

  test('a chip is genuine by active or by chip authentication', () => {
    const on: Policy = {
      ...ASSURANCE_POLICY,
      evidence: [{ ...ASSURANCE_POLICY.evidence[0]!, needs: ['genuine-chip'] }],
    };
    for (const check of ['active_authentication', 'chip_authentication'])
      expect(
        accountLevelFrom(
          {
            channel: 'in_person',
            age: 40,
            faceMatched: false,
            fingerprintsMatched: false,
            evidence: [{ checks: [check] }],
          },
          { policy: on, now: NOW },
        ).accountLevel,
      ).toBe(2);
  });

  test('what a second officer has overridden counts as a match, and only that', () => {
    const seen = { ...proofed('in_person', 40, ['validated', 'face']), overridden: 'fingerprint_match' as const };
    const by = { policy: ASSURANCE_POLICY, now: NOW };
    expect(accountLevelFrom(seen, by).accountLevel).toBe(2);
    expect(accountLevelFrom({ ...seen, overridden: 'face_match' }, by).accountLevel).toBe(1);
    const other = { ...proofed('in_person', 40, ['validated', 'fingerprints']), overridden: 'face_match' as const };
    expect(accountLevelFrom(other, by).accountLevel).toBe(2);
    expect(accountLevelFrom({ ...other, overridden: 'fingerprint_match' }, by).accountLevel).toBe(0);
  });

  test('a row counts on its days', () => {
    const ended = withRow('account-2.counter', { effectiveUntil: '2026-03-01' });
    expect(accountLevelFrom(proofed('in_person', 40, COUNTER), { policy: ended, now: NOW }).accountLevel).toBe(1);
    expect(accountLevelFrom(proofed('in_person', 40, COUNTER), { policy: ended, now: NOW - 86_400 }).accountLevel).toBe(
      2,
    );
  });

  test('goes into the journal with policy, hash and row, and is read out of it again', () => {
    const { version, hash } = referenceOf(ASSURANCE_POLICY);
    const detail = decidedBy(weigh('in_person', 40, COUNTER));
    expect(detail).toEqual({ policy: version, policy_hash: hash, row: 'account-2.counter' });
    expect(decisionIn(detail)).toEqual({ version, hash, row: 'account-2.counter' });
    const none = decidedBy(weigh('remote', 40, []));
    expect(none).toEqual({ policy: version, policy_hash: hash, row: null });
    expect(decisionIn(none)).toEqual({ version, hash });
    expect([decisionIn({}), decisionIn({ policy: version }), decisionIn({ policy_hash: hash })]).toEqual([
      ...[undefined, undefined, undefined],
    ]);
  });
});

describe('a policy is named by what it says', () => {
  test('by SHA-256 of its canonical JSON, whatever order its members have, and another one by another hash', () => {
    const { version, hash } = referenceOf(ASSURANCE_POLICY);
    expect(version).toBe('2026-01-01.1');
    // Whoever changes a policy of a release has changed what issued tokens name: it takes a new version instead.
    expect(hash).toBe('eAF-r6N5-Hcu1pjD8wVY4XnHxdOqTJpl1Ppmq9b5RQs');
    expect(referenceOf(FORMER_POLICY)).toEqual({
      ...{ version: '2026-01-01', hash: 'PtLPSycSEUZgzC4O2jrQ35XI527EO4mrqdYT1-wDGN8' },
    });
    const { evidence, ...rest } = structuredClone(ASSURANCE_POLICY) as Policy;
    expect(referenceOf({ evidence, ...rest })).toEqual({ version, hash });
    expect(referenceOf(withRow('account-2.remote', { off: true })).hash).not.toBe(hash);
    expect(referenceOf(ASSURANCE_POLICY).hash).toBe(hash);
  });
});

describe('what a policy would change of account levels', () => {
  const changes = (after: Policy, since = NOW) => compareAccountLevels(ASSURANCE_POLICY, after, since);

  test('nothing where nothing changes', () => {
    expect(changes({ ...ASSURANCE_POLICY, version: '2026-12-01' })).toEqual([]);
  });

  test('is told by the least evidence, the youngest age and the first moment', () => {
    expect(changes(withRow('account-1.counter', { accountLevel: 2 }))).toEqual([
      { facets: ['validated', 'face'], channel: 'in_person', age: 14, from: NOW, before: 1, after: 2 },
    ]);
    const from = Date.parse('2026-04-01T00:00:00+07:00') / 1000;
    expect(changes(withRow('account-1.online', { effectiveUntil: '2026-03-31' }))).toEqual([
      { facets: ['validated', 'telephone', 'face'], channel: 'remote', age: 14, from, before: 1, after: 0 },
    ]);
  });

  test('is told from the day on which a row of the former policy would have ended', () => {
    const ending = withRow('account-1.online', { effectiveUntil: '2026-03-31' });
    const from = Date.parse('2026-04-01T00:00:00+07:00') / 1000;
    expect(compareAccountLevels(ending, ASSURANCE_POLICY, NOW)).toEqual([
      { facets: ['validated', 'telephone', 'face'], channel: 'remote', age: 14, from, before: 0, after: 1 },
    ]);
  });

  test('is told for each channel, and for ages that a row had or gets', () => {
    expect(changes(withRow('account-1.ward', { belowYears: 10 }))).toEqual(
      (['in_person', 'remote'] as const).map((channel) => ({
        ...{ facets: ['validated', 'guardian'], channel, age: 10, from: NOW, before: 1, after: 0 },
      })),
    );
    expect(changes(withRow('account-2.counter-ward', { fromYears: 8 }))).toEqual([
      {
        ...{ facets: ['validated', 'guardian', 'face', 'fingerprints'], channel: 'in_person', age: 6, from: NOW },
        ...{ before: 2, after: 1 },
      },
    ]);
    expect(changes(withRow('account-1.counter', { fromYears: 16, belowYears: 18 }))).toEqual([
      { facets: ['validated', 'face'], channel: 'in_person', age: 14, from: NOW, before: 1, after: 0 },
    ]);
  });

  test('two sets that share a piece are both told, each at its youngest age', () => {
    const row = ASSURANCE_POLICY.evidence[3]!;
    const more = (id: string, facet: EvidenceFacet): EvidenceRow => ({
      ...{ ...row, id, fromYears: 6, needs: ['validated', facet] },
    });
    const evidence = [...ASSURANCE_POLICY.evidence, more('a', 'telephone'), more('b', 'genuine-chip')];
    expect(changes({ ...ASSURANCE_POLICY, evidence }).map(({ facets, age }) => [facets, age])).toEqual([
      [['validated', 'genuine-chip'], 6],
      [['validated', 'telephone'], 6],
    ]);
  });

  test('a row for the youngest is told from birth on', () => {
    const gone = withRow('account-1.ward', { off: true });
    expect(changes(gone).map(({ age, channel }) => [age, channel])).toEqual([
      [0, 'in_person'],
      [0, 'remote'],
    ]);
  });

  test('another change of the same evidence is told too', () => {
    const both = {
      ...withRow('account-1.counter', { accountLevel: 2 as const }),
      evidence: [
        ...withRow('account-1.counter', { accountLevel: 2 }).evidence,
        { ...ASSURANCE_POLICY.evidence[3]!, id: 'less', needs: ['validated'] as const },
      ],
    };
    expect(changes(both).map(({ facets, before, after }) => [facets, before, after])).toEqual([
      [['validated'], 0, 1],
      [['validated', 'face'], 1, 2],
    ]);
  });
});

describe('what no vote changes of account levels', () => {
  const faults = (policy: Policy): string[] => {
    const read = parsePolicy(policy);
    return read.parsed ? [] : read.faults.map(({ path, message }) => `${path}: ${message}`);
  };
  const at = (id: string): number => ASSURANCE_POLICY.evidence.findIndex((row) => row.id === id);

  test.each<[string, Partial<EvidenceRow>, string, string]>([
    ['account-1.counter', { needs: ['face'] }, 'needs', 'An account rests on evidence that was validated.'],
    ['account-1.counter', { fromYears: 13 }, 'needs', 'Below 14 years a guardian acts.'],
    ['account-1.ward', { needs: ['validated'] }, 'needs', 'Below 14 years a guardian acts.'],
    ['account-2.counter', { channel: 'remote' }, 'channel', 'Level 2 is reached in presence.'],
    ['account-1.online', { accountLevel: 2, needs: [...COUNTER] }, 'channel', 'Level 2 is reached in presence.'],
    ['account-2.counter', { needs: ['validated', 'fingerprints'] }, 'needs', 'Level 2 takes a matching face.'],
    ['account-2.counter', { needs: ['validated', 'face'] }, 'needs', 'Level 2 takes matching fingerprints.'],
    ['account-2.counter-ward', { fromYears: 5 }, 'fromYears', 'Level 2 begins at 6 years.'],
    ['account-2.counter-ward', { belowYears: 6 }, 'belowYears', 'Nobody is of this age.'],
    ['account-2.counter-ward', { belowYears: 5 }, 'belowYears', 'Nobody is of this age.'],
    ['account-1.ward', { needs: ['validated', 'validated', 'guardian'] }, 'needs', 'Each once.'],
  ])('%s with %o is refused', (id, more, member, message) => {
    expect(faults(withRow(id, more))).toEqual([`evidence.${at(id)}.${member}: ${message}`]);
  });

  test('a row for everybody has to say from which age, and in which channel', () => {
    const { fromYears: _, ...ageless } = ASSURANCE_POLICY.evidence[0]!;
    const { channel: __, ...anywhere } = ASSURANCE_POLICY.evidence[0]!;
    const alone = (row: EvidenceRow): string[] =>
      faults({ ...ASSURANCE_POLICY, version: '2026-12-01', evidence: [row] });
    expect(alone(ageless)).toEqual([
      'evidence.0.needs: Below 14 years a guardian acts.',
      'evidence.0.fromYears: Level 2 begins at 6 years.',
    ]);
    expect(alone(anywhere)).toEqual(['evidence.0.channel: Level 2 is reached in presence.']);
    expect(alone({ ...ageless, needs: [...COUNTER, 'guardian'] })).toEqual([
      'evidence.0.fromYears: Level 2 begins at 6 years.',
    ]);
    expect(alone({ ...ageless, accountLevel: 1, needs: ['validated', 'guardian'] })).toEqual([]);
  });

  test('a row that is off may say anything that is a row; turned on it is refused', () => {
    expect(faults(withRow('account-2.remote', { needs: ['face'], fromYears: 0 }))).toEqual([]);
    const { off: _, ...on } = ASSURANCE_POLICY.evidence[at('account-2.remote')]!;
    const evidence = ASSURANCE_POLICY.evidence.map((row) => (row.id === on.id ? on : row));
    expect(faults({ ...ASSURANCE_POLICY, version: '2026-12-01', evidence })).toEqual([
      `evidence.${at('account-2.remote')}.channel: Level 2 is reached in presence.`,
      `evidence.${at('account-2.remote')}.needs: Level 2 takes matching fingerprints.`,
    ]);
  });

  test.each<[string, object]>([
    ['a negative age', { fromYears: -1 }],
    ['an age that nobody has', { fromYears: 121 }],
    ['half a year', { belowYears: 15.5 }],
    ['no needs', { needs: [] }],
    ['a facet that nobody knows', { needs: ['validated', 'luck'] }],
    ['level 3', { accountLevel: 3 }],
    ['level 0', { accountLevel: 0 }],
    ['another channel', { channel: 'post' }],
    ['off, but not quite', { off: false }],
    ['another member', { weight: 1 }],
  ])('%s is no row', (_what, more) => {
    expect(faults(withRow('account-1.counter', more as never))).not.toEqual([]);
  });

  test('the bounds themselves are', () => {
    expect(faults(withRow('account-1.ward', { fromYears: 0, belowYears: 14 }))).toEqual([]);
    expect(faults(withRow('account-1.counter', { belowYears: 120 }))).toEqual([]);
    expect(faults(withRow('account-1.counter', { needs: [...EVIDENCE_FACETS] }))).toEqual([]);
    expect(faults(withRow('account-1.ward', { needs: ['validated', 'guardian'] }))).toEqual([]);
    // One need alone is a row, if what it rests on is enough.
    expect(faults(withRow('account-2.remote', { needs: ['face'] }))).toEqual([]);
    expect(faults(withRow('account-1.counter', { needs: ['validated'] }))).toEqual([]);
  });

  test('a version from before there was this table leaves it as it was', () => {
    const { evidence: _, ...before } = ASSURANCE_POLICY;
    const { evidence } = FORMER_POLICY;
    expect(parsePolicy(before)).toEqual({ parsed: true, policy: { ...ASSURANCE_POLICY, evidence } });
    expect(faults({ ...ASSURANCE_POLICY, evidence: [] })).toEqual([expect.stringMatching(/^evidence: /)]);
  });
});
