import { describe, expect, test } from 'vitest';
import { daysOffIn } from '../../../src/platform/plain-values/days-off.ts';
import {
  afterDays,
  afterWorkingDays,
  isProvisional,
  isWorkingDay,
  provisionalYear,
} from '../../../src/platform/plain-values/working-days.ts';

const at = (text: string): Date => new Date(`${text}+07:00`);
const end = (day: string): Date => new Date(`${day}T23:59:59.999+07:00`);
const noon = (day: string): Date => at(`${day}T12:00:00`);

describe('working days', () => {
  test.each([
    ['a Tuesday', '2026-11-24T10:00:00', 2, '2026-11-26'],
    ['a Thursday, over the weekend', '2026-11-26T10:00:00', 2, '2026-11-30'],
    ['a Saturday', '2026-11-28T10:00:00', 2, '2026-12-01'],
    ['before midnight in Viet Nam, which is the same day there', '2026-11-24T23:59:59', 1, '2026-11-25'],
    ['after midnight in Viet Nam, which is still yesterday in UTC', '2026-11-25T00:00:00', 1, '2026-11-26'],
    ['the Friday before Tết, whose nine days do not count', '2026-02-13T10:00:00', 2, '2026-02-24'],
    ['the middle of Tết', '2026-02-18T10:00:00', 1, '2026-02-23'],
    ['the eve of the Hùng Kings’ day, a Sunday that is made up for on Monday', '2026-04-24T10:00:00', 1, '2026-04-28'],
    ['29 April: two holidays and a weekend', '2026-04-29T10:00:00', 1, '2026-05-04'],
    ['the Friday before a Saturday that is worked', '2026-08-21T10:00:00', 1, '2026-08-22'],
    ['the Friday before the Saturday that is worked for 2 January', '2026-01-09T10:00:00', 1, '2026-01-10'],
    ['New Year’s Eve before a Friday that is exchanged', '2025-12-31T10:00:00', 1, '2026-01-05'],
    ['the eve of the National Day’s bridge', '2026-08-28T16:00:00', 1, '2026-09-03'],
    ['New Year’s Eve', '2026-12-31T10:00:00', 1, '2027-01-04'],
    ['Tết of 2027, which begins on a Saturday', '2027-02-04T10:00:00', 1, '2027-02-12'],
    ['the eve of the eve of Tết of 2030, a day before China’s', '2030-01-31T10:00:00', 1, '2030-02-08'],
    ['no days', '2026-11-24T10:00:00', 0, '2026-11-24'],
  ])('%s', (_, begin, days, expected) => {
    expect(afterWorkingDays(at(begin), days)).toEqual(end(expected));
  });

  test.each([
    ['fifteen days that end on a working day', '2026-11-24T10:00:00', 15, '2026-12-09'],
    ['fifteen days that end on a Saturday end on Monday', '2026-11-27T10:00:00', 15, '2026-12-14'],
    ['twenty days into Tết end after it', '2026-01-28T10:00:00', 20, '2026-02-23'],
    ['fifteen days into Tết of 2028 end after it', '2028-01-11T10:00:00', 15, '2028-02-01'],
  ])('%s', (_, begin, days, expected) => {
    expect(afterDays(at(begin), days)).toEqual(end(expected));
  });

  test('every day off of every year would have been worked, and every exchanged one not: a slip in the list shows', () => {
    const weekday = (day: string): number => new Date(`${day}T00:00:00Z`).getUTCDay();
    for (let year = 2024; year <= 2050; year += 1) {
      const { off, worked, source } = daysOffIn(year);
      expect(source).toMatch(/^Labour Code 2019 Art\. 112/);
      // Eleven days a year (Art. 112(1)); a day that is exchanged for another is off beside them.
      expect([year, off.size]).toEqual([year, 11 + worked.size]);
      for (const day of off)
        expect([day, [0, 6].includes(weekday(day)), day.slice(0, 4)]).toEqual([day, false, `${year}`]);
      for (const day of worked) expect([day, weekday(day)]).toEqual([day, 6]);
    }
  });

  // The Government's plans of these years, as far as they are no exchanges: what is counted is what was announced.
  test.each([
    [2022, ['01-03', '01-31', '02-01', '02-02', '02-03', '02-04', '04-11', '05-02', '05-03', '09-01', '09-02']],
    [2023, ['01-02', '01-23', '01-24', '01-25', '01-26', '05-01', '05-02', '05-03', '09-01', '09-04']],
    [2025, ['01-01', '01-28', '01-29', '01-30', '01-31', '04-07', '04-30', '05-01', '09-01', '09-02']],
    [2027, ['01-01', '02-05', '02-08', '02-09', '02-10', '02-11', '04-16', '04-30', '05-03', '09-02', '09-03']],
    [2028, ['01-03', '01-25', '01-26', '01-27', '01-28', '01-31', '04-04', '05-01', '05-02', '09-01', '09-04']],
    [2029, ['01-01', '02-12', '02-13', '02-14', '02-15', '02-16', '04-23', '04-30', '05-01', '09-03', '09-04']],
    [2030, ['01-01', '02-01', '02-04', '02-05', '02-06', '02-07', '04-12', '04-30', '05-01', '09-02', '09-03']],
  ])('%i, counted from the law', (year, days) => {
    for (const day of days) expect([day, isWorkingDay(noon(`${year}-${day}`))]).toEqual([day, false]);
  });

  test('a year that nobody has announced is said to be provisional, and one that was is not', () => {
    expect([2026, 2027, 2028, 2030].map((year) => daysOffIn(year).provisional)).toEqual([false, true, true, true]);
    expect([isProvisional(noon('2026-12-31')), isProvisional(at('2027-01-01T00:00:00'))]).toEqual([false, true]);
    expect(provisionalYear([noon('2026-12-31'), noon('2028-01-03'), noon('2027-01-04')])).toBe(2027);
    expect(provisionalYear([noon('2026-12-31')])).toBeNull();
    // The same moment is the last of 2026 in Greenwich.
    expect(isProvisional(new Date('2026-12-31T17:00:00Z'))).toBe(true);
    expect(isWorkingDay(at('2026-09-02T10:00:00'))).toBe(false);
    expect(isWorkingDay(at('2026-09-03T10:00:00'))).toBe(true);
  });
});
