import { expect, test } from 'vitest';
import { matches, shownBy } from '../../../../src/domain/assurance/proofs.ts';
import { proofOf, SORTS } from '../../../../src/domain/assurance/sorts.ts';
import { smallestSubsets, subsetsOf } from '../../../../src/domain/assurance/subsets.ts';

test('every choice there is, the smallest first and else in the order given', () => {
  expect(subsetsOf(['a', 'b', 'c'])).toEqual([
    ...[[], ['a'], ['b'], ['c'], ['a', 'b'], ['a', 'c'], ['b', 'c'], ['a', 'b', 'c']],
  ]);
  expect(subsetsOf([])).toEqual([[]]);
});

test('the smallest that pass: none that has a smaller one within it, and several that share something', () => {
  const passes = (some: readonly string[]): boolean =>
    some.includes('c') || (some.includes('a') && (some.includes('b') || some.includes('d')));
  expect(smallestSubsets(['a', 'b', 'c', 'd'], passes)).toEqual([['c'], ['a', 'b'], ['a', 'd']]);
  expect(smallestSubsets(['a'], () => true)).toEqual([[]]);
  expect(smallestSubsets(['a'], () => false)).toEqual([]);
});

test('what can be shown is told to people by these names', () => {
  expect(SORTS.map(({ name }) => name)).toEqual([
    ...['password', 'short password', 'TOTP', 'SMS', 'passkey with user verification'],
    ...['passkey without user verification', 'genuine chip', 'face', 'face with basic PAD', 'face without PAD'],
    ...['chip read passively', 'e-mail message', 'e-mail code', 'recovery code', 'card access number'],
    ...['machine readable zone', 'QR text'],
  ]);
});

test('a proof of a sort shows what the sort is, and nothing better', () => {
  for (const sort of SORTS) expect(matches(shownBy(proofOf(sort, 7)), sort.shown), sort.name).toBe(true);
  expect(proofOf(SORTS[0]!, 7)).toMatchObject({ at: 7, authenticatorId: 'password' });
  expect(SORTS.map((sort) => proofOf(sort, 7).chip).filter((chip) => chip !== undefined)).toEqual(['chip']);
  const keyIn = (keyStorage: 'hardware' | 'unknown') =>
    proofOf({ name: 'a passkey', shown: { kind: 'passkey', keyStorage } }, 7).keyStorage;
  expect([keyIn('hardware'), keyIn('unknown')]).toEqual(['hardware', undefined]);
});
