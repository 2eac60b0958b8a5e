import { expect, test } from 'vitest';
import {
  METHODS,
  type Method,
  ONLINE_METHODS,
  PATHS,
  pairingWith,
  pathOf,
  type RecoveryState,
  STEPS,
} from '../../../../src/domain/recovery/index.ts';

const all = Object.keys(METHODS) as Method[];

// The whole table, so that a change of it is read: hours, or nothing.
const EXPECTED: Record<1 | 2, readonly (readonly [string, number])[]> = {
  1: [
    ['approving-officer intake-officer', 0],
    ['e-mail own-phone', 72],
    ['e-mail passkey', 24],
    ['e-mail printed-code', 24],
    ['e-mail second-phone', 72],
    ['own-phone passkey', 24],
    ['own-phone printed-code', 24],
    ['passkey printed-code', 0],
    ['passkey second-phone', 24],
    ['printed-code second-phone', 24],
  ],
  2: [
    ['approving-officer intake-officer', 0],
    ['e-mail passkey', 24],
    ['e-mail printed-code', 24],
    ['own-phone passkey', 24],
    ['own-phone printed-code', 24],
    ['passkey printed-code', 0],
    ['passkey second-phone', 24],
    ['printed-code second-phone', 24],
  ],
};

test.each([1, 2] as const)('these pairs open a recovery of an account of level %d, and wait so long', (level) => {
  const open = all.flatMap((first) =>
    all.flatMap((second) => {
      const path = pathOf(first, second, level);
      return first <= second && path ? [[`${first} ${second}`, path.waitHours] as const] : [];
    }),
  );
  expect(open.sort()).toEqual(EXPECTED[level]);
});

test('no path has one kind twice, and no method pairs with its own kind', () => {
  for (const { kinds } of PATHS) expect(kinds[0]).not.toBe(kinds[1]);
  for (const first of all)
    for (const second of all)
      if (METHODS[first].kind === METHODS[second].kind)
        for (const level of [1, 2] as const) expect(pathOf(first, second, level)).toBeUndefined();
});

test('the order of two methods does not matter', () => {
  for (const level of [1, 2] as const)
    for (const first of all)
      for (const second of all) expect(pathOf(first, second, level)).toBe(pathOf(second, first, level));
});

test('what an officer says pairs with another officer alone', () => {
  for (const online of ONLINE_METHODS)
    for (const officer of ['intake-officer', 'approving-officer'] as const)
      expect(pathOf(online, officer, 1)).toBeUndefined();
  expect(pairingWith('intake-officer', 1)).toEqual([]);
});

test('a path that can be stolen from afar waits longer than one that cannot', () => {
  const hours = Object.fromEntries(PATHS.map(({ id, waitHours }) => [id, waitHours]));
  expect(hours['phone+mail']).toBeGreaterThan(hours['paper+phone'] ?? 0);
  expect(hours['paper+phone']).toBeGreaterThan(hours['paper+device'] ?? 0);
});

test('nothing follows an end, and everything else can be stopped once it is written down', () => {
  const states = Object.keys(STEPS) as RecoveryState[];
  for (const state of states) {
    const isEnd = ['completed', 'cancelled', 'expired'].includes(state);
    expect(STEPS[state].length === 0).toBe(isEnd);
    if (!isEnd && state !== 'started') expect(STEPS[state]).toContain('cancelled');
  }
  // One step alone leads to the account, and only from a recovery that is ready.
  expect(states.filter((state) => STEPS[state].includes('completed'))).toEqual(['ready']);
  expect(STEPS.proven_one).not.toContain('completed');
});
