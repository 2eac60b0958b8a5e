import { describe, expect, test } from 'vitest';
import { endOfWorkingDay, isWorkingDay, POLICIES, policyAt } from '../../../../src/domain/applications/index.ts';
import { HOLIDAYS } from '../../../../src/domain/applications/terms/holidays.ts';

/** A moment in Viet Nam. */
const at = (day: string, hour = '09:00'): Date => new Date(`${day}T${hour}:00+07:00`);
const end = (day: string): Date => new Date(at(day, '00:00').getTime() + 86_400_000);

describe('one working day', () => {
  test.each([
    ['a Monday', '2026-03-02', '2026-03-03'],
    ['a Friday: the weekend does not count', '2026-03-06', '2026-03-09'],
    ['a Saturday', '2026-03-07', '2026-03-09'],
    ['the Friday before Tết: nine days do not count', '2026-02-13', '2026-02-23'],
    ['the middle of Tết', '2026-02-18', '2026-02-23'],
    [
      'the day before Hùng Kings’ Day, which falls on a Sunday and is made up for on Monday',
      '2026-04-24',
      '2026-04-28',
    ],
    ['29 April: two holidays and a weekend', '2026-04-29', '2026-05-04'],
    ['New Year’s Eve, with a Friday in exchange for a Saturday', '2025-12-31', '2026-01-05'],
    ['the Friday before a Saturday that is worked', '2026-01-09', '2026-01-10'],
    ['the days around 2 September', '2026-08-28', '2026-09-03'],
    ['Tết of 2027, which begins on a Saturday', '2027-02-04', '2027-02-12'],
  ])('from %s', (_, from, until) => {
    expect(endOfWorkingDay(at(from), 1)).toEqual(end(until));
  });

  test('is counted by the calendar of Viet Nam, whatever the hour is in Greenwich', () => {
    // 23:30 on Monday in Ha Noi is still Monday; half an hour later it is Tuesday.
    expect(endOfWorkingDay(at('2026-03-02', '23:30'), 1)).toEqual(end('2026-03-03'));
    expect(endOfWorkingDay(at('2026-03-03', '00:00'), 1)).toEqual(end('2026-03-04'));
  });

  test('several count one after the other', () => {
    expect(endOfWorkingDay(at('2026-02-12'), 3)).toEqual(end('2026-02-24'));
    expect(endOfWorkingDay(at('2026-03-02'), 7)).toEqual(end('2026-03-11'));
  });
});

test('a year that nobody has announced has its weekends and fixed days', () => {
  expect(HOLIDAYS[2031]).toBeUndefined();
  expect(['2031-01-01', '2031-04-30', '2031-05-01', '2031-09-02'].map((day) => isWorkingDay(day))).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(isWorkingDay('2031-03-03')).toBe(true);
  expect(isWorkingDay('2031-03-02')).toBe(false);
});

test('every year of holidays names its source, and its days are days of that year', () => {
  for (const [year, { source, off, worked }] of Object.entries(HOLIDAYS)) {
    expect(source).toMatch(/Labour Code 2019 Art\. 112/);
    for (const day of [...off, ...worked]) {
      expect(day.slice(0, 4)).toBe(year);
      expect(new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10)).toBe(day);
    }
    // What is worked in exchange is a Saturday, and what is off is none of the weekend.
    expect(worked.every((day) => new Date(`${day}T00:00:00Z`).getUTCDay() === 6)).toBe(true);
    expect(off.every((day) => ![0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay()))).toBe(true);
  }
});

test('the rules that hold are those of their time', () => {
  const [first] = POLICIES;
  const later = { ...first!, version: 'later', from: new Date('2027-01-01T00:00:00Z') };
  const both = [...POLICIES, later];
  expect(policyAt(new Date('2026-12-31T23:59:59Z'), both).version).toBe(first!.version);
  expect(policyAt(new Date('2027-01-01T00:00:00Z'), both).version).toBe('later');
});
