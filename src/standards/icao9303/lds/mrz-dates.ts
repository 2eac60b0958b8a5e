import { refuse } from '../refusal.ts';

/** The easternmost clock: somebody born today is not born tomorrow, wherever they are. */
const AHEAD_MS = 14 * 3_600_000;

const dayOf = (year: number, month: string, day: string): string => {
  const at = new Date(Date.UTC(year, Number(month) - 1, Number(day)));
  const iso = `${String(year).padStart(4, '0')}-${month}-${day}`;
  return at.toISOString().startsWith(iso) ? iso : refuse('mrz.date');
};

/**
 * A birth date `yyMMdd` as ISO 8601, as much of it as is known: `1974-08-12`, `1974-08`, `1974`, or `undefined`
 * (9303-3 §4.8: unknown parts are fillers; some states write 00). Two digits name the latest year that is not in the
 * future, unless `century` (1900, 2000) is known from elsewhere.
 */
export function birthDate(yyMMdd: string, now: Date, century?: number): string | undefined {
  if (!/^(\d\d|<<)(\d\d|<<)(\d\d|<<)$/.test(yyMMdd)) return refuse('mrz.date');
  const [yy, month, day] = [yyMMdd.slice(0, 2), yyMMdd.slice(2, 4), yyMMdd.slice(4)] as [string, string, string];
  const known = (part: string): boolean => part !== '<<' && part !== '00';
  if (known(month) && Number(month) > 12) return refuse('mrz.date');
  if (known(day) && Number(day) > 31) return refuse('mrz.date');
  if (yy === '<<') return undefined;
  const inCentury = (from: number): string => {
    const year = from + Number(yy);
    if (!known(month)) return String(year);
    return known(day) ? dayOf(year, month, day) : `${year}-${month}`;
  };
  if (century !== undefined) return inCentury(century);
  const today = new Date(now.getTime() + AHEAD_MS).toISOString();
  const parts = [`20${yy}`, ...(known(month) ? [month, ...(known(day) ? [day] : [])] : [])].join('-');
  return inCentury(parts > today.slice(0, parts.length) ? 1900 : 2000);
}

/**
 * An expiry date `yyMMdd` as ISO 8601. Always of this century: a card without end says 991231, which is 2099, and a
 * document that expired in the last century has no chip.
 */
export const expiryDate = (yyMMdd: string): string =>
  /^\d{6}$/.test(yyMMdd)
    ? dayOf(2000 + Number(yyMMdd.slice(0, 2)), yyMMdd.slice(2, 4), yyMMdd.slice(4))
    : refuse('mrz.date');
