import { demand } from '../refusal.ts';
import { checkDigit } from './check-digit.ts';
import { latinLetters } from './names/latin-letters.ts';

/** What a TD1 zone is made of; names in any Latin letters, dates in ISO 8601. */
export interface Td1 {
  readonly documentCode: string;
  readonly issuingState: string;
  readonly documentNumber: string;
  readonly optionalData?: string;
  readonly optionalData2?: string;
  /** `1974-08-12`, or as much as is known: `1974-08`, `1974`; absent: unknown. */
  readonly birthDate?: string;
  readonly sex: 'M' | 'F' | 'X';
  readonly expiryDate: string;
  readonly nationality: string;
  readonly primaryIdentifier: string;
  readonly secondaryIdentifier?: string;
}

/**
 * Writes the zone of a card of size TD1 as one string of 90 characters (9303-5 §4.2.2), for cards of our own making.
 * Long document numbers go on in the optional data; long names are cut (9303-3 §4.6).
 * @throws Refused mrz.malformed when something does not fit
 */
export function formatTd1(card: Td1): string {
  const number = card.documentNumber;
  const fits = number.length <= 9;
  const optional = card.optionalData ?? '';
  // Note j: a filler for the check digit, then the rest, its digit, and a filler before anything else.
  const tail = fits ? optional : `${number.slice(9)}${checkDigit(number)}${optional ? `<${optional}` : ''}`;
  const numbered = filled(number.slice(0, 9), 9);
  const first = [
    filled(card.documentCode, 2),
    filled(card.issuingState, 3),
    numbered,
    fits ? checkDigit(numbered) : '<',
    filled(tail, 15),
  ].join('');
  const birth = sixDigits(card.birthDate ?? '');
  const expiry = sixDigits(card.expiryDate);
  const dated = `${birth}${checkDigit(birth)}${card.sex === 'X' ? '<' : card.sex}${expiry}${checkDigit(expiry)}`;
  const optional2 = filled(card.optionalData2 ?? '', 11);
  const composite = checkDigit(first.slice(5) + dated.slice(0, 7) + dated.slice(8) + optional2);
  const second = `${dated}${filled(card.nationality, 3)}${optional2}${composite}`;
  const names = nameField(latinLetters(card.primaryIdentifier), latinLetters(card.secondaryIdentifier ?? ''), 30);
  const zone = first + second + names;
  demand(zone.length === 90 && /^[A-Z0-9<]+$/.test(zone), 'mrz.malformed');
  return zone;
}

/** A value and fillers behind it. @throws Refused mrz.malformed */
export const filled = (value: string, width: number): string => {
  demand(value.length <= width, 'mrz.malformed');
  return value.padEnd(width, '<');
};

/** `yyMMdd` of an ISO date, fillers for what is not known (9303-3 §4.8). */
export const sixDigits = (iso: string): string => {
  demand(/^(\d{4}(-\d\d(-\d\d)?)?)?$/.test(iso), 'mrz.date');
  return iso.replaceAll('-', '').slice(2).padEnd(6, '<');
};

/**
 * Both identifiers in `width` characters. A cut name ends with a letter, which says that it may be cut, and keeps at
 * least one letter of the secondary identifier (9303-3 §4.6, 9303-5 §4.2.3).
 */
export function nameField(primary: string, secondary: string, width: number): string {
  demand(primary.length > 0, 'mrz.malformed');
  const whole = secondary ? `${primary}<<${secondary}` : primary;
  if (whole.length <= width) return whole.padEnd(width, '<');
  if (!secondary) return shortened(primary, width);
  const first = shortened(primary, width - 3);
  const second = shortened(secondary, width - first.length - 2);
  // Only single letters are left to the secondary identifier: the primary one gives up a letter, so that one ends the field.
  return second.length === width - first.length - 2
    ? `${first}<<${second}`
    : nameField(first.slice(0, -1), secondary, width);
}

/** At most `width` characters of components, the last one a letter; components before it give up letters for that. */
function shortened(name: string, width: number): string {
  if (name.length <= width) return name;
  const components = name.split('<');
  for (;;) {
    const cut = components.join('<').slice(0, width);
    if (!cut.endsWith('<')) return cut;
    const inside = cut.slice(0, -1).split('<').length;
    const longest = components
      .slice(0, inside)
      .reduce((best, part, at, all) => (part.length > all[best]!.length ? at : best), 0);
    if (components[longest]!.length < 2) return cut.slice(0, -1);
    components[longest] = components[longest]!.slice(0, -1);
  }
}
