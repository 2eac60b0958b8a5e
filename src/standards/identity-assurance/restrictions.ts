import { isDeepStrictEqual } from 'node:util';
import { isObject } from './json.ts';

const RESTRICTIONS = ['value', 'values', 'max_age'] as const;

/** Whether anything in here says what must be so: what restricts is never ignored (Identity Assurance 1.0 §5.5.1). */
export const restricts = (asked: unknown): boolean =>
  Array.isArray(asked)
    ? asked.some(restricts)
    : isObject(asked) && (isRestriction(asked) || Object.values(asked).some(restricts));

/** Whether this itself says so, and not something in it. */
export const isRestriction = (asked: object): boolean => RESTRICTIONS.some((name) => Object.hasOwn(asked, name));

/** Whether a value is one that was asked for; JSON equality, letter by letter. What is asked in another form fits none. */
export function fits(asked: unknown, held: unknown, now: Date): boolean {
  if (!isObject(asked)) return !restricts(asked);
  const { value, values, max_age } = asked;
  if (Object.hasOwn(asked, 'value') && !isDeepStrictEqual(value, held)) return false;
  if (Object.hasOwn(asked, 'values') && !(Array.isArray(values) && values.some((one) => isDeepStrictEqual(one, held))))
    return false;
  return !Object.hasOwn(asked, 'max_age') || isYoung(held, max_age, now);
}

/** §5.5.2: at most so many seconds old; a day counts from its last second. What is no time has no age. */
function isYoung(held: unknown, maxAge: unknown, now: Date): boolean {
  if (typeof held !== 'string' || typeof maxAge !== 'number' || !/^\d{4}-\d{2}-\d{2}/.test(held)) return false;
  const at = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(held) ? `${held}T23:59:59Z` : held);
  return now.getTime() - at <= maxAge * 1_000;
}
