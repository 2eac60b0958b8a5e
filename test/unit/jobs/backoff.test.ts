import { expect, test } from 'vitest';
import { backoff } from '../../../src/jobs/delivery-lane.ts';

const pace = { firstDelay: 2, longestDelay: 3_600 };

test('each delay is three times the one before, up to an hour', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 9, 40].map((attempt) => backoff(attempt, pace, 0));
  expect(delays).toEqual([2, 6, 18, 54, 162, 486, 1_458, 3_600, 3_600, 3_600]);
});

test('chance makes it up to a half shorter, so that what failed together does not return together', () => {
  expect(backoff(3, pace, 0.5)).toBe(13.5);
  expect(backoff(3, pace, 0.999_999)).toBeGreaterThan(9);
});
