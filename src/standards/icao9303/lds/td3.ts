import { demand } from '../refusal.ts';
import { checkDigit } from './check-digit.ts';
import { latinLetters } from './names/latin-letters.ts';
import { filled, nameField, sixDigits, type Td1 } from './td1.ts';

/** What the zone of a passport is made of; names in any Latin letters, dates in ISO 8601. */
export type Td3 = Omit<Td1, 'optionalData2'>;

/**
 * Writes the zone of a passport as one string of 88 characters (9303-4 §4.2.2), for passports of our own making. Long names are cut
 * (9303-3 §4.6).
 * @throws Refused mrz.malformed when something does not fit
 */
export function formatTd3(passport: Td3): string {
  const { documentCode, issuingState, nationality, sex } = passport;
  const names = nameField(
    latinLetters(passport.primaryIdentifier),
    latinLetters(passport.secondaryIdentifier ?? ''),
    39,
  );
  const number = checked(filled(passport.documentNumber, 9));
  const birth = checked(sixDigits(passport.birthDate ?? ''));
  const expiry = checked(sixDigits(passport.expiryDate));
  const optional = checked(filled(passport.optionalData ?? '', 14));
  const second = `${number}${filled(nationality, 3)}${birth}${sex === 'X' ? '<' : sex}${expiry}${optional}`;
  const composite = checkDigit(number + birth + expiry + optional);
  const zone = `${filled(documentCode, 2)}${filled(issuingState, 3)}${names}${second}${composite}`;
  demand(zone.length === 88 && /^[A-Z0-9<]+$/.test(zone), 'mrz.malformed');
  return zone;
}

const checked = (field: string): string => field + checkDigit(field);
