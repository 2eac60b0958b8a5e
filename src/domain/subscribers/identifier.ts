import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** What somebody typed into the one field, understood. */
export type Identifier =
  | { readonly kind: 'number'; readonly value: string }
  | { readonly kind: 'phone'; readonly value: string };

/** Longer input is nobody's number; it is not worth a look. */
const LONGEST = 64;

/**
 * A 12-digit number, or a telephone number as people write them: any spacing, dots or dashes, `0…`, `84…`, `+84…`, `0084…`.
 * Undefined when it is neither. 12 digits are always an identity number: no Vietnamese telephone number has 12.
 */
export function parseIdentifier(typed: string): Identifier | undefined {
  if (typed.length > LONGEST) return undefined;
  // NFKC also turns full-width digits of some keyboards into plain ones; format characters come along when people paste.
  const plain = typed.normalize('NFKC').replace(/[\s.\-()\p{Cf}\p{Pd}]/gu, '');
  if (/^\d{12}$/.test(plain)) return { kind: 'number', value: plain };
  const phone = /^\+?\d{6,15}$/.test(plain) ? normalPhone(plain) : undefined;
  return phone === undefined ? undefined : { kind: 'phone', value: phone };
}

/** E.164, read as Vietnamese when no country is named; undefined when no such number can exist. */
export function normalPhone(typed: string): string | undefined {
  const phone = parsePhoneNumberFromString(typed, 'VN');
  return phone?.isPossible() ? phone.number : undefined;
}

/** Numbers that cannot be given to anybody: 097 to 100 stand in neither appendix of Circular 07/2016. */
export const isTestNumber = (number: string): boolean => /^(09[789]|100)\d{9}$/.test(number);

/** `097 ••• ••• 345`: the middle is what tells sex, year of birth and person apart. */
export const maskedNumber = (number: string): string => `${number.slice(0, 3)} ••• ••• ${number.slice(-3)}`;
