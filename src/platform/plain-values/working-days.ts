import { daysOffIn } from './days-off.ts';

const DAY = 86_400_000;
/** Viet Nam has one zone and no summer time. */
const OFFSET = 7 * 3_600_000;

/** The days since the epoch that a moment falls on, by the calendar of Viet Nam. */
const dayOf = (moment: Date): number => Math.floor((moment.getTime() + OFFSET) / DAY);
const nameOf = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);
const yearOf = (day: number): number => new Date(day * DAY).getUTCFullYear();
/** A period that is counted in days ends when the last of them does (Civil Code 2015 Art. 148(6)). */
const endOf = (day: number): Date => new Date((day + 1) * DAY - OFFSET - 1);

function worked(day: number): boolean {
  const name = nameOf(day);
  const { off, worked: exchanged } = daysOffIn(yearOf(day));
  if (exchanged.has(name)) return true;
  const weekday = new Date(day * DAY).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !off.has(name);
}

function nextWorked(day: number): number {
  let next = day;
  while (!worked(next)) next += 1;
  return next;
}

/** Whether offices work on the day of this moment, in Viet Nam. */
export const isWorkingDay = (moment: Date): boolean => worked(dayOf(moment));

/** Whether the year of this moment, in Viet Nam, is only counted from the law: its plan is not announced, and may move a deadline. */
export const isProvisional = (moment: Date): boolean => daysOffIn(yearOf(dayOf(moment))).provisional;

/** The first year among these deadlines whose plan is not announced; nothing where none is. */
export function provisionalYear(deadlines: readonly Date[]): number | null {
  const [first] = deadlines.filter(isProvisional).sort((a, b) => a.getTime() - b.getTime());
  return first ? yearOf(dayOf(first)) : null;
}

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
