import { demand, refuse } from '../refusal.ts';
import { checkDigit } from './check-digit.ts';
import { birthDate, expiryDate } from './mrz-dates.ts';
import { LAYOUTS, type Layout, layoutOf } from './mrz-layouts.ts';
import { birthCentury } from './national-card.ts';

/** A machine readable zone whose check digits are right. Fillers at the ends of fields are gone. */
export interface Mrz {
  readonly format: 'TD1' | 'TD2' | 'TD3';
  /** All lines as one string of 90, 72 or 88 characters: what two zones are compared by. Personal data. */
  readonly text: string;
  /** `I`, `ID`, `P`, … (9303-5 §4.2.2) */
  readonly documentCode: string;
  /** One to three letters. Any: new states and UTO exist. */
  readonly issuingState: string;
  /** Whole, also when it is longer than its field (9303-5 §4.2.2 note j). */
  readonly documentNumber: string;
  /** What the optional data hold beside the end of a long document number. */
  readonly optionalData: string;
  /** The optional data of the second line of a TD1; empty elsewhere. */
  readonly optionalData2: string;
  /** ISO 8601, as much as is known: `1974-08-12`, `1974-08`, `1974`; absent when the year is unknown. */
  readonly birthDate?: string;
  /** `X`: not said. */
  readonly sex: 'M' | 'F' | 'X';
  /** ISO 8601, a whole day. */
  readonly expiryDate: string;
  readonly nationality: string;
  /** Components parted by one space, letters A–Z. */
  readonly primaryIdentifier: string;
  /** Empty when the holder has one name only. */
  readonly secondaryIdentifier: string;
  /** The name fills its field to the end: it may be cut (9303-3 §4.6). */
  readonly nameMayBeCut: boolean;
}

const MAX_TEXT = 128;
const SEXES = { M: 'M', F: 'F', '<': 'X' } as const;

/**
 * Reads the machine readable zone of a TD1 (9303-5), TD2 (9303-6) or TD3 (9303-4) from its lines or one string, and
 * checks every check digit. `now` tells the century of the birth date.
 * @throws Refused mrz.malformed, mrz.check_digit, mrz.date
 */
export function parseMrz(text: string, now: Date): Mrz {
  const zone = onOneLine(text);
  const layout = layoutOf(zone);
  const field = ([from, to]: readonly [number, number]): string => zone.slice(from, to);
  const number = documentNumberOf(zone, layout);
  for (const [part, digit] of [
    [layout.birthDate, layout.birthDate[1]],
    [layout.expiryDate, layout.expiryDate[1]],
  ] as const) {
    demand(zone[digit] === checkDigit(field(part)), 'mrz.check_digit');
  }
  const optional = field(layout.optionalData);
  if (layout.optionalCheck !== undefined) {
    // Empty optional data may go without a digit (9303-4 §4.2.2 note l).
    const digit = zone[layout.optionalCheck];
    demand(digit === checkDigit(optional) || (digit === '<' && /^<+$/.test(optional)), 'mrz.check_digit');
  }
  demand(zone[layout.composite] === checkDigit(layout.composed.map(field).join('')), 'mrz.check_digit');

  const documentCode = trimmed(field(layout.documentCode), /^[A-Z][A-Z0-9]?$/);
  demand((layout.format === 'TD3' ? ['P'] : ['A', 'C', 'I']).includes(documentCode[0]!), 'mrz.malformed');
  const issuingState = trimmed(field(layout.issuingState), /^[A-Z]{1,3}$/);
  const sex = SEXES[zone[layout.sex] as keyof typeof SEXES] ?? refuse('mrz.malformed');
  const names = namesOf(field(layout.names));
  const { format } = layout;
  const numbers = { format, documentCode, issuingState, documentNumber: number.value, optionalData: number.rest };
  const born = birthDate(field(layout.birthDate), now, birthCentury(numbers, field(layout.birthDate)));
  return {
    ...numbers,
    text: zone,
    optionalData2: layout.optionalData2 ? withoutFillers(field(layout.optionalData2)) : '',
    ...(born === undefined ? {} : { birthDate: born }),
    sex,
    expiryDate: expiryDate(field(layout.expiryDate)),
    nationality: trimmed(field(layout.nationality), /^[A-Z]{1,3}$/),
    ...names,
  };
}

/**
 * What opens the chip by BAC, or by PACE with the machine readable zone: document number, birth date and expiry date,
 * each with its check digit (9303-11 §4.3.2, Appendix D.2). A secret of the card: never logged.
 */
export function mrzInformation(mrz: Pick<Mrz, 'format' | 'text' | 'documentNumber'>): string {
  const layout = LAYOUTS[mrz.format];
  const number = mrz.documentNumber.padEnd(9, '<');
  const dated = [layout.birthDate, layout.expiryDate].map(([from, to]) => mrz.text.slice(from, to + 1));
  return [number, checkDigit(number), ...dated].join('');
}

/** One string of a zone's lines, its characters checked. Lines must be as long as each other. */
function onOneLine(text: string): string {
  demand(text.length <= MAX_TEXT, 'mrz.malformed');
  const lines = text.trim().split(/\r?\n/);
  const zone = lines.join('');
  demand(/^[A-Z0-9<]+$/.test(zone), 'mrz.malformed');
  const { lines: count, width } = layoutOf(zone);
  demand(
    lines.length === 1 || (lines.length === count && lines.every((line) => line.length === width)),
    'mrz.malformed',
  );
  return zone;
}

/**
 * The document number; of more than nine characters it goes on in the optional data, its check digit behind it and a
 * filler behind that (9303-5 §4.2.2 note j, 9303-6 §4.2.2 note j). `rest` is what else the optional data hold.
 */
function documentNumberOf(zone: string, layout: Layout): { value: string; rest: string } {
  const field = zone.slice(...layout.documentNumber);
  const digit = zone[layout.documentNumber[1]]!;
  const optional = zone.slice(...layout.optionalData);
  const form = /^[A-Z0-9](<?[A-Z0-9])*$/;
  if (digit !== '<' || layout.format === 'TD3') {
    demand(digit === checkDigit(field), 'mrz.check_digit');
    return { value: trimmed(field, form), rest: withoutFillers(optional) };
  }
  const tail = optional.split('<', 1)[0]!;
  demand(tail.length >= 2 && !field.endsWith('<'), 'mrz.check_digit');
  const value = field + tail.slice(0, -1);
  demand(tail.at(-1) === checkDigit(value), 'mrz.check_digit');
  return { value: trimmed(value, form), rest: withoutFillers(optional.slice(tail.length + 1)) };
}

/** Primary and secondary identifier (9303-3 §4.6): parted by two fillers, their components by one. */
function namesOf(field: string): Pick<Mrz, 'primaryIdentifier' | 'secondaryIdentifier' | 'nameMayBeCut'> {
  const [primary, secondary = '', ...more] = withoutFillers(field).split('<<');
  const form = /^[A-Z]+(<[A-Z]+)*$/;
  demand(more.length === 0 && form.test(primary!) && (secondary === '' || form.test(secondary)), 'mrz.malformed');
  return {
    primaryIdentifier: primary!.replaceAll('<', ' '),
    secondaryIdentifier: secondary.replaceAll('<', ' '),
    nameMayBeCut: !field.endsWith('<'),
  };
}

const withoutFillers = (field: string): string => {
  let end = field.length;
  while (end > 0 && field[end - 1] === '<') end -= 1;
  return field.slice(0, end);
};

const trimmed = (field: string, form: RegExp): string => {
  const value = withoutFillers(field);
  return form.test(value) ? value : refuse('mrz.malformed');
};
