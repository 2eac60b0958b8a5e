import type { IncomingMessage } from 'node:http';
import { negotiateLocale } from '../messages.ts';
import { notesOf } from '../request.ts';
import { TEXT_SIZE } from '../text-size.ts';

/**
 * The language and the size of the letters that somebody reads this in, as a query; empty where the machine shows them by itself. Both
 * stand in cookies, and those are gone in the moment in which the visit ends: what is said after it is said to the same person.
 */
export function chosenQuery(request: IncomingMessage): string {
  const { locale, largePrint } = notesOf(request);
  // Without a cookie nothing was chosen at any time.
  const usual = negotiateLocale({ acceptLanguage: request.headers['accept-language'] }, new Date(0));
  const chosen = new URLSearchParams();
  if (locale !== usual) chosen.set('lang', locale);
  if (largePrint) chosen.set(TEXT_SIZE, 'large');
  return String(chosen);
}
