import { expect, test } from 'vitest';
import { isThin, ROLES, type Role, reserveOf } from '../../../../src/domain/operators/index.ts';

const staff = (...roles: readonly (readonly Role[])[]) => roles.map((held, at) => ({ id: String(at), roles: held }));
const all = ROLES;

test.each<[string, ReturnType<typeof staff>, { approvers: number; indispensable: number }]>([
  ['nobody', staff(), { approvers: 0, indispensable: 0 }],
  ['one who may everything', staff(all), { approvers: 1, indispensable: 1 }],
  ['two who may everything: each of them', staff(all, all), { approvers: 2, indispensable: 2 }],
  ['three who may everything: none of them', staff(all, all, all), { approvers: 3, indispensable: 0 }],
  [
    'one who proposes and many who approve: who proposes, for the others can',
    staff(['sysadmin'], ['approver'], ['approver'], ['approver']),
    { approvers: 3, indispensable: 1 },
  ],
  [
    'one who approves and many who propose: who approves',
    staff(['approver'], ['sysadmin'], ['sysadmin']),
    { approvers: 1, indispensable: 1 },
  ],
  [
    'two of each: nobody',
    staff(['approver'], ['approver'], ['sysadmin'], ['sysadmin']),
    { approvers: 2, indispensable: 0 },
  ],
  [
    'two who may both and one who may neither: both of the two',
    staff(['approver', 'sysadmin'], ['approver', 'sysadmin'], ['auditor']),
    { approvers: 2, indispensable: 2 },
  ],
])('of %s', (_, active, expected) => {
  expect(reserveOf(active)).toMatchObject(expected);
});

test('roles that fewer than two hold are named with how many do, in the order of the table', () => {
  const { thin } = reserveOf(staff(['approver', 'security'], ['approver'], ['auditor']));
  expect(thin).toEqual(
    ROLES.filter((role) => role !== 'approver').map((role) => ({
      role,
      holders: role === 'security' || role === 'auditor' ? 1 : 0,
    })),
  );
});

test('is enough where three may everything', () => {
  expect(isThin(reserveOf(staff(all, all, all)))).toBe(false);
  expect(isThin(reserveOf(staff(all, all)))).toBe(true);
});
