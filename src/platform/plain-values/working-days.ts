/** A day without work, `YYYY-MM-DD` in Viet Nam. */
type Day = string;

/**
 * Days off in Viet Nam: Labour Code 2019 Art. 112, and Art. 111(3) for a day off that falls on a weekend, which is given on the
 * next working day. 2026 as the government's plan of working days announced it; 2027 as the Code gives it, until its plan is
 * known here. A year that is not listed has its weekends only: a deadline then comes rather too early than too late.
 */
export const DAYS_OFF: ReadonlySet<Day> = new Set([
  '2026-01-01',
  // Tết Bính Ngọ, from the eve's eve to the fourth day.
  ...['2026-02-16', '2026-02-17', '2026-02-18', '2026-02-19', '2026-02-20'],
  // Commemoration of the Hùng Kings (10th of the third lunar month, 26 April, a Sunday).
  '2026-04-27',
  ...['2026-04-30', '2026-05-01'],
  // National Day and the day before; 31 August is exchanged for 22 August.
  ...['2026-08-31', '2026-09-01', '2026-09-02'],
  '2027-01-01',
  // Tết Đinh Mùi: 5 to 9 February, of which two are a weekend.
  ...['2027-02-05', '2027-02-08', '2027-02-09', '2027-02-10', '2027-02-11'],
  '2027-04-16',
  // 1 May is a Saturday.
  ...['2027-04-30', '2027-05-03'],
  ...['2027-09-02', '2027-09-03'],
]);

/** Saturdays on which offices work because another day was exchanged for them. */
export const EXCHANGED_DAYS: ReadonlySet<Day> = new Set(['2026-08-22']);

const DAY = 86_400_000;
/** Viet Nam has one zone and no summer time. */
const OFFSET = 7 * 3_600_000;

/** The days since the epoch that a moment falls on, by the calendar of Viet Nam. */
const dayOf = (moment: Date): number => Math.floor((moment.getTime() + OFFSET) / DAY);
const nameOf = (day: number): Day => new Date(day * DAY).toISOString().slice(0, 10);
/** A period that is counted in days ends when the last of them does (Civil Code 2015 Art. 148(6)). */
const endOf = (day: number): Date => new Date((day + 1) * DAY - OFFSET - 1);

function worked(day: number): boolean {
  const name = nameOf(day);
  if (EXCHANGED_DAYS.has(name)) return true;
  const weekday = new Date(day * DAY).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !DAYS_OFF.has(name);
}

function nextWorked(day: number): number {
  let next = day;
  while (!worked(next)) next += 1;
  return next;
}

/** Whether offices work on the day of this moment, in Viet Nam. */
export const isWorkingDay = (moment: Date): boolean => worked(dayOf(moment));

/**
 * The end of a period of so many working days. The day on which it begins does not count (Civil Code 2015 Art. 147(2)); what
 * comes in on a day off begins with it.
 */
export function afterWorkingDays(begin: Date, days: number): Date {
  let day = dayOf(begin);
  for (let left = days; left > 0; left -= 1) day = nextWorked(day + 1);
  return endOf(day);
}

/** The end of a period of so many days; one that would end on a day off ends with the next working day (Art. 148(5)). */
export const afterDays = (begin: Date, days: number): Date => endOf(nextWorked(dayOf(begin) + days));
