import { describe, expect, test } from 'vitest';
import {
  may,
  type OperatorValue,
  operatorRisks,
  PERMISSIONS,
  type Permission,
  ROLES,
} from '../../../../src/domain/operators/index.ts';

const PERMISSION_NAMES = Object.keys(PERMISSIONS) as Permission[];

describe('the table of roles', () => {
  test('nobody without a role may anything, and every role may something', () => {
    expect(PERMISSION_NAMES.filter((permission) => may([], permission))).toEqual([]);
    for (const role of ROLES)
      expect(
        PERMISSION_NAMES.some((permission) => may([role], permission)),
        role,
      ).toBe(true);
  });

  test('no single role proposes and approves the same kind of change', () => {
    const kinds = PERMISSION_NAMES.filter((name) => name.endsWith('.propose')).map((name) => name.split('.')[0]);
    expect(kinds.length).toBeGreaterThan(4);
    for (const kind of kinds)
      for (const role of ROLES)
        expect(may([role], `${kind}.propose` as Permission) && may([role], `${kind}.approve` as Permission)).toBe(
          false,
        );
  });

  test('an auditor looks and changes nothing', () => {
    const acts = PERMISSION_NAMES.filter((permission) => may(['auditor'], permission) && !permission.endsWith('.view'));
    expect(acts).toEqual([]);
  });
});

describe('what deserves a second look when an operator changes', () => {
  const before: OperatorValue = {
    ...{ id: 'a', person: 'p', name: 'N', email: 'n@sen.example', office: 'vn', state: 'active' },
    roles: ['rp_admin'],
  };
  const codes = (to: Partial<OperatorValue>, from: OperatorValue | undefined = before, by?: string) =>
    operatorRisks({ ...before, ...to }, from, by).map(({ code }) => code.replace('operator.', ''));

  test.each<[string, Partial<OperatorValue>, string[]]>([
    ['a name', { name: 'M' }, []],
    ['fewer roles', { roles: [] }, []],
    ['one role more', { roles: ['rp_admin', 'auditor'] }, []],
    ['approver alone', { roles: ['approver'] }, ['grants_approver']],
    [
      'approver beside a role that proposes',
      { roles: ['approver', 'rp_admin'] },
      ['grants_approver', 'proposes_and_approves'],
    ],
    ['all roles', { roles: [...ROLES] }, ['grants_approver', 'grants_all', 'proposes_and_approves']],
    ['a new invitation for a lost passkey', { state: 'invited' }, ['replaces_passkeys']],
  ])('%s', (_, to, expected) => {
    expect(codes(to)).toEqual(expected);
  });

  test('a role that whoever drafts gives to themselves, and only that', () => {
    expect(codes({ roles: ['rp_admin', 'auditor'] }, before, 'a')).toEqual(['grants_self']);
    expect(codes({ roles: ['rp_admin', 'auditor'] }, before, 'b')).toEqual([]);
    expect(codes({ name: 'M' }, before, 'a')).toEqual([]);
  });

  test('giving access back', () => {
    expect(codes({ state: 'active' }, { ...before, state: 'suspended' })).toEqual(['gives_back']);
    expect(codes({ state: 'retired' }, { ...before, state: 'suspended' })).toEqual([]);
  });
});
