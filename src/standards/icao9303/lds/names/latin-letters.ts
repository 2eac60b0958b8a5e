import { demand } from '../../refusal.ts';

/** Letters that are no base letter with a mark (9303-3 §6, Table A); the others lose their marks. */
const LETTERS: Readonly<Record<string, string>> = {
  Đ: 'D', // Vietnamese, Croatian
  Ð: 'D', // Icelandic
  Ħ: 'H',
  Ł: 'L',
  Ŋ: 'N',
  Ø: 'OE',
  Ŧ: 'T',
  Þ: 'TH',
  Æ: 'AE',
  Œ: 'OE',
  Ĳ: 'IJ',
  Ŀ: 'L',
};

/** One letter, a capital, without its marks. Whoever reads a name letter by letter has all that the table says of one. */
export const plainLetter = (letter: string): string =>
  LETTERS[letter] ?? letter.normalize('NFD').replace(/\p{M}/gu, '');

/** What stands between the letters of a name: apostrophes and full stops leave nothing behind, the others part it. */
export const OMITTED = /['’ʼ‘.,]/g;
export const PARTING = /[\s\-‐‑]+/g;

/**
 * A name in the letters of the machine readable zone: A–Z, its components (parted by a space or hyphen) by one filler;
 * apostrophes and full stops leave nothing behind (9303-3 §4.6, §6). Ư, Ơ and all tones lose their marks, Đ is D.
 * @throws Refused mrz.malformed on a letter that has no transliteration here
 */
export function latinLetters(name: string): string {
  const letters = [...name.normalize('NFC').toUpperCase()]
    .map(plainLetter)
    .join('')
    .replace(OMITTED, '')
    .replace(PARTING, ' ')
    .trim();
  demand(/^[A-Z ]*$/.test(letters), 'mrz.malformed');
  return letters.replaceAll(' ', '<');
}
