import { expect, test } from 'vitest';
import { may, PERMISSIONS, type Permission } from '../../../src/domain/operators/index.ts';
import { SANDBOX_OPERATORS } from '../../../src/sandbox/index.ts';

const able = (permission: Permission) => SANDBOX_OPERATORS.filter(({ roles }) => may(roles, permission));

test('whatever takes two people can be tried with the two of the sandbox, at one counter too', () => {
  expect(new Set(SANDBOX_OPERATORS.map(({ office }) => office)).size).toBe(1);
  for (const permission of Object.keys(PERMISSIONS) as Permission[]) {
    const second = permission.replace(/\.propose$/, '.approve').replace(/\.serve$/, '.confirm') as Permission;
    if (second === permission) continue;
    const pairs = able(permission).flatMap((one) => able(second).filter((other) => other !== one));
    expect(pairs, `${permission} by one, ${second} by another`).not.toEqual([]);
  }
});
