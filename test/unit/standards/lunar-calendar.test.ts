import { describe, expect, test } from 'vitest';
import { lunarDay } from '../../../src/standards/lunar-calendar.ts';

// Known days, of those years too in which Viet Nam's calendar and China's part: 1985 by a month, 2007 and 2030 by a day.
const TET = `1968-01-29 1976-01-31 1984-02-02 1985-01-21 2000-02-05 2007-02-17 2015-02-19 2020-01-25 2021-02-12 2022-02-01
  2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-02 2033-01-31 2034-02-19`;
// 2023 has a leap second month before it.
const HUNG_KINGS = '2015-04-28 2019-04-14 2020-04-02 2021-04-21 2022-04-10 2023-04-29 2024-04-18 2025-04-07 2026-04-26';

describe('the lunar calendar of Viet Nam', () => {
  test.each(TET.split(/\s+/))('Tết on %s', (day) => {
    expect(lunarDay(Number(day.slice(0, 4)), { month: 1, day: 1 })).toBe(day);
  });

  test.each(HUNG_KINGS.split(' '))('the Hùng Kings’ day on %s', (day) => {
    expect(lunarDay(Number(day.slice(0, 4)), { month: 3, day: 10 })).toBe(day);
  });

  test('a year of the moon has twelve months or thirteen, for a hundred years', () => {
    for (let year = 1950; year < 2050; year += 1) {
      const [from, to] = [year, year + 1].map((one) => Date.parse(lunarDay(one, { month: 1, day: 1 })));
      const days = (to! - from!) / 86_400_000;
      expect([year, (days >= 353 && days <= 355) || (days >= 383 && days <= 385)]).toEqual([year, true]);
    }
  });
});
