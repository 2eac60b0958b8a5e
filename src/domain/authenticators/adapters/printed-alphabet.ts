import type { Random } from '../adapter.ts';

/** Crockford's base 32: no I, L, O and U, so that nothing printed can be taken for something else. 5 bits a character. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Characters of a code that is printed or said: 16 are 80 bits, above the 64 that SP 800-63B-4 §4.2.2.1 asks. */
export const PRINTED_LENGTH = 16;

/** A random code in plain characters; 32 divides 256, so that no character is likelier than another. */
export const printedCode = (random: Random, length = PRINTED_LENGTH): string =>
  [...random(length)].map((byte) => ALPHABET[byte % 32]).join('');

/** As it is printed, in groups of four. */
export const inGroups = (code: string): string => code.replace(/(.{4})(?=.)/g, '$1-');

/** However it is typed: spaces, dashes, small letters, full-width figures, an O for a 0 and an I or L for a 1. */
export const plainCode = (typed: string): string =>
  typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s.\-_\p{Pd}\p{Cf}]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');

/** Whether this can be a code of that length at all. */
export const isPrinted = (plain: string, length = PRINTED_LENGTH): boolean =>
  plain.length === length && [...plain].every((character) => ALPHABET.includes(character));
