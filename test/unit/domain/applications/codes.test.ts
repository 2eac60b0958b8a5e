import { expect, test } from 'vitest';
import { newLongCode, newReference, readCode } from '../../../../src/domain/applications/codes.ts';

test('codes are read as people type them: any case and spacing, O for 0, I and L for 1', () => {
  expect(readCode(' 7k3m9 2qf4x ', 10)).toBe('7K3M9-2QF4X');
  expect(readCode('7K3M9–2QF4X', 10)).toBe('7K3M9-2QF4X');
  expect(readCode('oil10-abcde-2345', 14)).toBe('01110-ABCDE-2345');
  for (let n = 0; n < 100; n += 1) {
    expect(readCode(newReference().toLowerCase(), 10)).toMatch(/^.{5}-.{5}$/);
    const code = newLongCode();
    expect(readCode(code.replaceAll('-', ' '), 14)).toBe(code);
  }
});

test('what cannot be a code is none', () => {
  for (const typed of ['', '7K3M9', '7K3M9-2QF4X-1', 'U'.repeat(10), '7K3M9-2QF4Ư', "7K3M9-2QF4'"])
    expect(readCode(typed, 10)).toBeUndefined();
});
