import { describe, expect, test } from 'vitest';
import { ageOn } from '../../../../src/domain/subscribers/index.ts';

describe('age in full years', () => {
  test.each([
    ['2020-03-02', '2026-03-01T17:00:00Z', 6],
    ['2020-03-02', '2026-03-01T16:59:59Z', 5],
    ['2020-02-29', '2026-02-28T12:00:00Z', 5],
    ['2020-02-29', '2026-03-01T12:00:00Z', 6],
  ])('of %s at %s, by the calendar of Viet Nam, is %i', (birthdate, at, age) => {
    expect(ageOn(birthdate, new Date(at))).toBe(age);
  });

  test('is counted for the latest day that a partial birth date allows', () => {
    expect(ageOn('2020', new Date('2026-12-30T12:00:00Z'))).toBe(5);
    expect(ageOn('2020', new Date('2026-12-31T12:00:00Z'))).toBe(6);
    expect(ageOn('2020-04', new Date('2026-04-29T12:00:00Z'))).toBe(5);
    expect(ageOn('2020-04', new Date('2026-05-01T12:00:00Z'))).toBe(6);
  });
});
