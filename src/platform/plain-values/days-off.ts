import { lunarDay } from '../../standards/lunar-calendar.ts';

/** A day, `YYYY-MM-DD` in Viet Nam. */
type Day = string;

/** The days off of one year that would be worked, and the Saturdays that are worked in exchange for one of them. */
export interface DaysOff {
  readonly source: string;
  /** Counted from the law: the Government has not announced the year's plan, and may yet exchange days. */
  readonly provisional: boolean;
  readonly off: ReadonlySet<Day>;
  readonly worked: ReadonlySet<Day>;
}

/** What the Government has announced. A year that is missing here is counted from the law. */
const ANNOUNCED: Readonly<Record<number, DaysOff>> = {
  2026: {
    source: 'Labour Code 2019 Art. 112; plan of the Ministry of Home Affairs for 2026: Tết 14 to 22 February',
    provisional: false,
    off: new Set([
      // 2 January is exchanged for 10 January.
      ...['2026-01-01', '2026-01-02'],
      // Tết Bính Ngọ: the eve and four days.
      ...['2026-02-16', '2026-02-17', '2026-02-18', '2026-02-19', '2026-02-20'],
      // The Hùng Kings’ day is 26 April, a Sunday.
      ...['2026-04-27', '2026-04-30', '2026-05-01'],
      // National Day and the day before; 31 August is exchanged for 22 August.
      ...['2026-08-31', '2026-09-01', '2026-09-02'],
    ]),
    worked: new Set(['2026-01-10', '2026-08-22']),
  },
};

const DAY = 86_400_000;
const plus = (day: Day, days: number): Day => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);
const weekday = (day: Day): number => new Date(day).getUTCDay();
const isWeekend = (day: Day): boolean => weekday(day) % 6 === 0;

/** On which weekdays of 2 September the day after it is given too; else the one before is: what lies next to a weekend. */
const GIVEN_AFTER: ReadonlySet<number> = new Set([0, 1, 4]);

/**
 * A year as Labour Code 45/2019/QH14 Art. 112(1) gives it: 1 January; five days of Tết, taken as the eve and four days, as the
 * plans of late have been; the 10th of the third lunar month; 30 April and 1 May; 2 September and the day before or after. One
 * that falls on a weekly day off is given on the next working day (Art. 111(3)).
 *
 * 24 November is not among them: Resolution 30/NQ-CP of 2026 has it put into Art. 112, and we have not seen the amended Code. Until
 * then a deadline over that day ends a day too early for us, and never too late for whoever waits.
 */
function counted(year: number): DaysOff {
  const [tet, national] = [lunarDay(year, { month: 1, day: 1 }), `${year}-09-02`];
  const given = [
    `${year}-01-01`,
    ...[-1, 0, 1, 2, 3].map((days) => plus(tet, days)),
    lunarDay(year, { month: 3, day: 10 }),
    ...[`${year}-04-30`, `${year}-05-01`],
    ...(GIVEN_AFTER.has(weekday(national)) ? [national, plus(national, 1)] : [plus(national, -1), national]),
  ];
  const off = new Set(given.filter((day) => !isWeekend(day)));
  for (const day of given.filter(isWeekend)) {
    let next = plus(day, 1);
    while (isWeekend(next) || off.has(next)) next = plus(next, 1);
    off.add(next);
  }
  return { source: 'Labour Code 2019 Art. 112, counted', provisional: true, off, worked: new Set() };
}

const years = new Map<number, DaysOff>();

/** The one list of days off in Viet Nam that every deadline is counted with. */
export function daysOffIn(year: number): DaysOff {
  const known = years.get(year) ?? ANNOUNCED[year] ?? counted(year);
  years.set(year, known);
  return known;
}
