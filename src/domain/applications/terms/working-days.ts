import { FIXED, HOLIDAYS, type Holidays } from './holidays.ts';

const DAY = 86_400_000;
/** Viet Nam is seven hours ahead, without summer time. */
const ZONE = 7 * 3_600_000;

/** The day of the calendar in Viet Nam, ISO 8601. */
const dayOf = (moment: Date): string => new Date(moment.getTime() + ZONE).toISOString().slice(0, 10);

/** Whether offices work on a day (`YYYY-MM-DD`). */
export function isWorkingDay(day: string, years: Readonly<Record<number, Holidays>> = HOLIDAYS): boolean {
  const known = years[Number(day.slice(0, 4))];
  if (known?.worked.includes(day)) return true;
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  if (weekday === 0 || weekday === 6) return false;
  return known ? !known.off.includes(day) : !(FIXED as readonly string[]).includes(day.slice(5));
}

/**
 * The end of the n-th working day after a moment: the day on which it begins is not counted (Civil Code 2015 Art. 147), and the
 * term ends with its last day, at midnight in Viet Nam (Art. 148).
 */
export function endOfWorkingDay(from: Date, count: number, years: Readonly<Record<number, Holidays>> = HOLIDAYS): Date {
  let at = new Date(`${dayOf(from)}T00:00:00Z`).getTime();
  for (let left = count; left > 0; ) {
    at += DAY;
    if (isWorkingDay(new Date(at).toISOString().slice(0, 10), years)) left -= 1;
  }
  return new Date(at + DAY - ZONE);
}
