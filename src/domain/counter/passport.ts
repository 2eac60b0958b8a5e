import { zoneNameFits } from '../../standards/icao9303/lds/index.ts';
import { certificateCountry } from '../../standards/icao9303/pki/countries.ts';
import type { CardDocument } from '../proofing/index.ts';
import type { RegisteredPassport, RegisteredPerson } from '../registry/index.ts';

/** In what a passport is another one than the register names; `passport_unknown`: it names none. */
export type PassportDiffers =
  | 'passport_unknown'
  | 'passport_state'
  | 'passport_number'
  | 'passport_name'
  | 'passport_birthdate';

/** What the register holds of somebody from abroad. */
export type KnownForeigner = Pick<RegisteredPerson, 'fullName' | 'birthdate'> & {
  readonly passport: RegisteredPassport | undefined;
};

/**
 * In what a passport differs from what the register holds of its bearer; empty when it is theirs. No foreign chip names the number
 * that somebody has here: issuing state, number, name and birth date have to be the ones that the register names, all of them.
 */
export function passportDiffers(
  document: Pick<CardDocument, 'issuingState' | 'documentNumber' | 'name' | 'birthDate'>,
  { fullName, birthdate, passport }: KnownForeigner,
): readonly PassportDiffers[] {
  if (!passport) return ['passport_unknown'];
  return [
    ...(sameState(document.issuingState, passport.issuingState) ? [] : (['passport_state'] as const)),
    ...(plain(document.documentNumber) === plain(passport.documentNumber) ? [] : (['passport_number'] as const)),
    ...(zoneNameFits(document.name, fullName) ? [] : (['passport_name'] as const)),
    ...(birthFits(document.birthDate, birthdate) ? [] : (['passport_birthdate'] as const)),
  ];
}

/** Whether it is still the passport that was read that the register names. */
export const namesPassport = (
  passport: RegisteredPassport | undefined,
  read: Pick<CardDocument, 'issuingState' | 'documentNumber'>,
): boolean =>
  passport !== undefined &&
  sameState(read.issuingState, passport.issuingState) &&
  plain(read.documentNumber) === plain(passport.documentNumber);

/** Registers write DEU where a zone has D (9303-3 §5). A code that nobody has is no state. */
function sameState(one: string, other: string): boolean {
  const state = certificateCountry(one);
  return state !== undefined && state === certificateCountry(other);
}

/** A zone has fillers for whatever is no letter and no figure (9303-4 §4.2.2). */
const plain = (number: string): string => number.toUpperCase().replace(/[^A-Z0-9]/g, '');

/**
 * A zone says the year in two figures, and may lack the day or the month; so may a register. What both say must be the same, and a
 * year both must say.
 */
function birthFits(zone: string | undefined, register: string): boolean {
  if (zone === undefined) return false;
  const [one, other] = [zone.slice(2), register.slice(2)];
  return one.startsWith(other) || other.startsWith(one);
}
