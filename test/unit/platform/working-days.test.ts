import { describe, expect, test } from 'vitest';
import {
  afterDays,
  afterWorkingDays,
  DAYS_OFF,
  EXCHANGED_DAYS,
  isWorkingDay,
} from '../../../src/platform/plain-values/working-days.ts';

const at = (text: string): Date => new Date(`${text}+07:00`);
const end = (day: string): Date => new Date(`${day}T23:59:59.999+07:00`);

describe('working days', () => {
  test.each([
    ['a Tuesday', '2026-11-24T10:00:00', 2, '2026-11-26'],
    ['a Thursday, over the weekend', '2026-11-26T10:00:00', 2, '2026-11-30'],
    ['a Saturday', '2026-11-28T10:00:00', 2, '2026-12-01'],
    ['before midnight in Viet Nam, which is the same day there', '2026-11-24T23:59:59', 1, '2026-11-25'],
    ['after midnight in Viet Nam, which is still yesterday in UTC', '2026-11-25T00:00:00', 1, '2026-11-26'],
    ['the Friday before Tết', '2026-02-13T10:00:00', 2, '2026-02-24'],
    ['the Friday before a Saturday that is worked', '2026-08-21T10:00:00', 1, '2026-08-22'],
    ['the eve of the National Day’s bridge', '2026-08-28T16:00:00', 1, '2026-09-03'],
    ['New Year’s Eve', '2026-12-31T10:00:00', 1, '2027-01-04'],
    ['no days', '2026-11-24T10:00:00', 0, '2026-11-24'],
  ])('%s', (_, begin, days, expected) => {
    expect(afterWorkingDays(at(begin), days)).toEqual(end(expected));
  });

  test.each([
    ['fifteen days that end on a working day', '2026-11-24T10:00:00', 15, '2026-12-09'],
    ['fifteen days that end on a Saturday end on Monday', '2026-11-27T10:00:00', 15, '2026-12-14'],
    ['twenty days into Tết end after it', '2026-01-28T10:00:00', 20, '2026-02-23'],
  ])('%s', (_, begin, days, expected) => {
    expect(afterDays(at(begin), days)).toEqual(end(expected));
  });

  test('every listed day off would have been worked, and every exchanged one not: a slip in the list shows', () => {
    const weekday = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay();
    for (const day of DAYS_OFF) expect([day, [0, 6].includes(weekday(day))]).toEqual([day, false]);
    for (const day of EXCHANGED_DAYS) expect([day, weekday(day)]).toEqual([day, 6]);
    expect(isWorkingDay(at('2026-09-02T10:00:00'))).toBe(false);
    expect(isWorkingDay(at('2026-09-03T10:00:00'))).toBe(true);
  });
});
