import { demand } from '../refusal.ts';
import { checkDigit } from './check-digit.ts';
import { formatTd1 } from './td1.ts';

/**
 * The Vietnamese identity card, TD1. Nothing of its layout is published. From memory, and borne out by one specimen that
 * an OCR vendor printed: the document number is the last nine of the twelve digits, the optional data are all twelve,
 * two fillers and a check digit over the fourteen. Test on a specimen before relying on it.
 */
const STATE = 'VNM';

/** The part of a machine readable zone that tells whether it is a national card's. */
export interface CardNumbers {
  readonly format: 'TD1' | 'TD2' | 'TD3';
  readonly documentCode: string;
  readonly issuingState: string;
  readonly documentNumber: string;
  readonly optionalData: string;
}

/**
 * The twelve digits of the personal identification number, when the zone is that of a Vietnamese national card.
 * The optional data must end as the document number does: another layout gives `undefined`, never a guess.
 */
export function personalNumber(mrz: CardNumbers): string | undefined {
  if (mrz.format !== 'TD1' || !mrz.documentCode.startsWith('I') || mrz.issuingState !== STATE) return undefined;
  const digits = /^(\d{12})(<<\d)?$/.exec(mrz.optionalData)?.[1];
  return digits?.slice(3) === mrz.documentNumber ? digits : undefined;
}

/**
 * The century of a birth date `yyMMdd` where the personal number tells it: its fourth digit counts centuries from 1900,
 * its fifth and sixth are the year (Circular 59/2021 Art. 4). Two digits alone cannot tell one year of age from 101.
 */
export function birthCentury(mrz: CardNumbers, yyMMdd: string): number | undefined {
  const digits = personalNumber(mrz);
  if (digits?.slice(4, 6) !== yyMMdd.slice(0, 2)) return undefined;
  const century = 1900 + 100 * Math.floor(Number(digits[3]) / 2);
  return century <= 2000 ? century : undefined;
}

/** Who a national card is for, as the simulator writes it. */
export interface NationalCardHolder {
  /** Twelve digits. */
  readonly personalNumber: string;
  /** Family name first, any letters: the first word becomes the primary identifier, as on the specimen. */
  readonly fullName: string;
  /** ISO 8601, partial allowed. */
  readonly birthDate: string;
  readonly sex: 'M' | 'F' | 'X';
  /** ISO 8601; a card without end says `2099-12-31`. */
  readonly expiryDate: string;
}

/**
 * The zone of a Vietnamese national card, 90 characters, for cards of our own making.
 * @throws Refused mrz.malformed
 */
export function formatNationalCard({ personalNumber, fullName, ...holder }: NationalCardHolder): string {
  demand(/^\d{12}$/.test(personalNumber), 'mrz.malformed');
  const [family = '', ...others] = fullName.trim().split(/\s+/);
  return formatTd1({
    ...holder,
    documentCode: 'ID',
    issuingState: STATE,
    documentNumber: personalNumber.slice(3),
    optionalData: `${personalNumber}<<${checkDigit(`${personalNumber}<<`)}`,
    nationality: STATE,
    primaryIdentifier: family,
    secondaryIdentifier: others.join(' '),
  });
}
