import { describe, expect, test } from 'vitest';
import {
  type Application,
  type Check,
  type CheckKind,
  type Result,
  STEPS,
} from '../../../../src/domain/counter/application.ts';
import { COUNTER_POLICIES } from '../../../../src/domain/counter/policy.ts';
import {
  claimFits,
  groundsFor,
  lacking,
  overrideFault,
  shownHash,
  standOf,
} from '../../../../src/domain/counter/standing.ts';

const now = new Date('2026-03-02T08:00:00Z');
const policy = COUNTER_POLICIES[0]!;
const at = { policy, now };
const found = (kind: CheckKind, result: Result = 'passed', detail: Check['detail'] = {}, minutes = 5): Check => ({
  ...{ kind, result, detail, officer: 'o', policy: policy.version, at: new Date(now.getTime() - minutes * 60_000) },
});
const all = (more: Partial<Record<CheckKind, Result>> = {}, detail: Check['detail'] = {}): Check[] =>
  (['register_match', 'card', 'face_match', 'fingerprint_match'] as const).map((kind) =>
    found(kind, more[kind] ?? 'passed', more[kind] ? detail : {}),
  );
const form = { form: 'TK01' } as const;

test('every state leads only where the domain model says, and a decided one nowhere', () => {
  expect(Object.fromEntries(Object.entries(STEPS).map(([from, to]) => [from, [...to].sort()]))).toEqual({
    SUBMITTED: ['CHECKING', 'REFUSED', 'WITHDRAWN'],
    CHECKING: ['APPROVED', 'NEEDS_INFO', 'REFUSED', 'WITHDRAWN'],
    NEEDS_INFO: ['CHECKING', 'REFUSED', 'WITHDRAWN'],
    ...{ APPROVED: [], REFUSED: [], WITHDRAWN: [] },
  });
});

test('everything has to have passed, in this visit; what was found last counts', () => {
  expect(lacking(form, all(), at)).toEqual([]);
  expect(lacking(form, [], at)).toEqual(['register_match', 'card', 'face_match', 'fingerprint_match']);
  expect(lacking({ form: 'WARD_L2' }, all(), at)).toEqual(['guardian']);
  for (const result of ['failed', 'inconclusive', 'not_performed'] as const)
    expect(lacking(form, all({ fingerprint_match: result }), at)).toEqual(['fingerprint_match']);
  expect(lacking(form, [...all(), found('face_match', 'failed')], at)).toEqual(['face_match']);
  const old = found('card', 'passed', {}, policy.visitHours * 60 + 1);
  expect(standOf('card', [old], at)).toBe('stale');
  expect(standOf('card', [found('card', 'passed', {}, policy.visitHours * 60)], at)).toBe('passed');
});

test('of an account whose level 2 does not count nothing counts that was found in presence before', () => {
  const since = new Date(now.getTime() - 4 * 60_000);
  expect(lacking(form, all(), { ...at, since })).toEqual(['card', 'face_match', 'fingerprint_match']);
  expect(lacking(form, all(), { ...at, since: new Date(now.getTime() - 5 * 60_000) })).toEqual([]);
  const untold = { check: 'fingerprint_match', ground: 'worn' } as const;
  const worn = all({ fingerprint_match: 'inconclusive' });
  expect(overrideFault(form, worn, { ...untold, ...at, since })).toBe('not_overridable');
  expect(overrideFault(form, [...worn, found('fingerprint_match', 'failed', {}, 1)], { ...untold, ...at, since })).toBe(
    'something_else',
  );
});

test('an account is said to be somebody else’s where there is one, and it never was level 2', () => {
  expect([claimFits('own', undefined), claimFits('false', undefined)]).toEqual([true, false]);
  expect([claimFits('own', { recordedLevel: 1 }), claimFits('false', { recordedLevel: 1 })]).toEqual([true, true]);
  expect([claimFits('own', { recordedLevel: 2 }), claimFits('false', { recordedLevel: 2 })]).toEqual([true, false]);
});

describe('an override', () => {
  const fault = (checks: readonly Check[], check: 'face_match' | 'fingerprint_match', ground: string) =>
    overrideFault(form, checks, { check, ground: ground as 'worn', ...at });

  test('is asked for one biometric that was tried and did not match, on a ground that goes with it', () => {
    expect(fault(all({ fingerprint_match: 'inconclusive' }), 'fingerprint_match', 'worn')).toBeUndefined();
    expect(fault(all({ face_match: 'failed' }), 'face_match', 'changed_face')).toBeUndefined();
    const without = all({ fingerprint_match: 'not_performed' }, { issues: ['missing_fingers'] });
    expect(fault(without, 'fingerprint_match', 'no_fingers')).toBeUndefined();
    expect(groundsFor(form, without, { check: 'fingerprint_match', ...at })).toEqual(['no_fingers']);
    const worn = all({ fingerprint_match: 'inconclusive' }, { issues: ['worn'] });
    expect(groundsFor(form, worn, { check: 'fingerprint_match', ...at })).toEqual(['worn', 'injured']);
    expect(fault(all({ face_match: 'failed' }), 'face_match', 'worn')).toBe('wrong_ground');
  });

  test('is none of what matched, of what was not tried, or of what nobody compared', () => {
    expect(fault(all(), 'face_match', 'old_portrait')).toBe('not_overridable');
    const untried = all().filter(({ kind }) => kind !== 'face_match');
    expect(fault(untried, 'face_match', 'old_portrait')).toBe('not_overridable');
    expect(fault(all({ fingerprint_match: 'not_performed' }), 'fingerprint_match', 'worn')).toBe('not_overridable');
    // That there are no fingers to show the station says, and not the officer alone.
    for (const issues of [
      [],
      ['unknown_capture'],
      ['old_capture'],
      ['reference_missing'],
      ['missing_fingers', 'old_capture'],
    ]) {
      const said = all({ fingerprint_match: 'not_performed' }, { issues });
      expect([issues, groundsFor(form, said, { check: 'fingerprint_match', ...at })]).toEqual([issues, []]);
    }
    expect(fault(all({ fingerprint_match: 'inconclusive' }), 'fingerprint_match', 'no_fingers')).toBe(
      'not_overridable',
    );
    for (const result of ['inconclusive', 'failed'] as const)
      expect(fault(all({ face_match: result }, { issues: ['pad_not_performed'] }), 'face_match', 'changed_face')).toBe(
        'not_overridable',
      );
  });

  test('is never of a false face, of false prints, of both biometrics, or beside a card that is no good', () => {
    expect(fault(all({ face_match: 'failed' }, { padResult: 'fail' }), 'face_match', 'old_portrait')).toBe('attack');
    for (const reused of [{ issues: ['attack_suspected'] }, { reused: true, issues: [] }])
      expect(fault(all({ face_match: 'failed' }, reused), 'face_match', 'old_portrait')).toBe('attack');
    const silicone = all({ fingerprint_match: 'inconclusive' }, { issues: ['attack_suspected'] });
    expect(fault(silicone, 'fingerprint_match', 'worn')).toBe('attack');
    const both = all({ face_match: 'failed', fingerprint_match: 'inconclusive' });
    expect(fault(both, 'face_match', 'old_portrait')).toBe('something_else');
    expect(fault(all({ card: 'failed', face_match: 'failed' }), 'face_match', 'old_portrait')).toBe('something_else');
    expect(fault(all({ register_match: 'failed', face_match: 'failed' }), 'face_match', 'old_portrait')).toBe(
      'something_else',
    );
  });
});

test('what a second officer confirms is what they were shown: any other word makes another hash', () => {
  const application = {
    ...{ id: 'a', form: 'TK01', applicant: { identityNumber: '1', fullName: 'A', birthdate: '1990' } },
  } as unknown as Application;
  const proposal = {
    ...({
      check: 'fingerprint_match',
      ground: 'worn',
      statement: 'x',
      claim: 'own',
      by: 'o',
      at: now.toISOString(),
    } as const),
  };
  const account = { id: 's', updatedAt: now };
  const shown = { application, checks: all(), account, proposal };
  const hash = shownHash(shown);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(shownHash({ ...shown, checks: [...all()] })).toBe(hash);
  const others = [
    { ...shown, checks: [...all(), found('face_match', 'failed')] },
    { ...shown, checks: all().map((check) => ({ ...check, officer: 'p' })) },
    { ...shown, checks: all().map((check) => ({ ...check, detail: { picture: 'other' } })) },
    { ...shown, account: undefined },
    { ...shown, account: { ...account, updatedAt: new Date(0) } },
    ...(['ground', 'statement', 'claim', 'by', 'at'] as const).map((key) => ({
      ...shown,
      proposal: { ...proposal, [key]: 'other' } as never,
    })),
    { ...shown, application: { ...application, applicant: { ...application.applicant!, fullName: 'B' } } },
  ];
  for (const other of others) expect(shownHash(other)).not.toBe(hash);
});
