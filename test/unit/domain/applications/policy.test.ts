import { expect, test } from 'vitest';
import { POLICIES, policyAt } from '../../../../src/domain/applications/index.ts';

test('the rules that hold are those of their time', () => {
  const [first] = POLICIES;
  const later = { ...first!, version: 'later', from: new Date('2027-01-01T00:00:00Z') };
  const both = [...POLICIES, later];
  expect(policyAt(new Date('2026-12-31T23:59:59Z'), both).version).toBe(first!.version);
  expect(policyAt(new Date('2027-01-01T00:00:00Z'), both).version).toBe('later');
});
