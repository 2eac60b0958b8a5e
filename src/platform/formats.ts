// Vietnam has one zone and no summer time. Dates are dd/mm/yyyy in both languages: 03/04 must not change its meaning.
const ZONE = 'Asia/Ho_Chi_Minh';
const dayFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  day: '2-digit',
  month: '2-digit',
  year: 'numeric',
});
const timeFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});

/** `14/03/2026` */
export const date = (moment: Date): string => dayFormat.format(moment);

/** `14/03/2026 09:05`, Vietnamese time. */
export const dateTime = (moment: Date): string => `${dayFormat.format(moment)} ${timeFormat.format(moment)}`;

const secondsFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

/** `14:02:07`, Vietnamese time: for what happened just now. */
export const time = (moment: Date): string => secondsFormat.format(moment);

/** A birth date of which the day, or the month too, may be unknown (domain.md §7): `1994`, `03/1994`, `14/03/1994`. */
export const birthdate = (iso: string): string => iso.split('-').reverse().join('/');

/** Figures in groups that can be read aloud: `097 204 012345`, `0912 345 678`. Anything else comes back as it is. */
export function grouped(figures: string): string {
  if (/^\d{12}$/.test(figures)) return figures.replace(/^(\d{3})(\d{3})/, '$1 $2 ');
  if (/^\d{10}$/.test(figures)) return figures.replace(/^(\d{4})(\d{3})/, '$1 $2 ');
  if (/^\+84\d{9}$/.test(figures)) return figures.replace(/^\+84(\d{3})(\d{3})/, '0$1 $2 ');
  return figures;
}

/** The same with its middle hidden: `097 ••• ••2345`. What identifies a person is never shown whole where it need not be. */
export function masked(figures: string): string {
  const shown = figures.length >= 12 ? 3 : 2;
  const hidden = figures.slice(0, shown) + '•'.repeat(Math.max(0, figures.length - shown - 4)) + figures.slice(-4);
  return hidden.length === 12 ? hidden.replace(/^(.{3})(.{3})/, '$1 $2 ') : hidden;
}
