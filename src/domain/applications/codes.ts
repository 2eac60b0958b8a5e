import { randomBytes, randomInt } from 'node:crypto';

// Crockford's base 32: nothing that is misread on paper or over the telephone.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const letters = (count: number): string => [...randomBytes(count)].map((byte) => ALPHABET[byte & 31]).join('');

/** What an application is called by whoever asks about it: not secret, `7K3M9-2QF4X` (50 random bits). */
export const newReference = (): string => `${letters(5)}-${letters(5)}`;

/** What opens or stops something by itself: 70 random bits, more than anybody guesses, in groups (SP 800-63B-4 §4.2: at least 64). */
export const newLongCode = (): string => `${letters(5)}-${letters(5)}-${letters(4)}`;

/** Six figures for a telephone. */
export const newPhoneCode = (): string => String(randomInt(1_000_000)).padStart(6, '0');

/** A reference or a long code as somebody types it: any case, any spacing, O for 0 and I or L for 1. Undefined: it is neither. */
export function readCode(typed: string, length: 10 | 14): string | undefined {
  const plain = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{Cf}\p{Pd}.]/gu, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  if (plain.length !== length || [...plain].some((letter) => !ALPHABET.includes(letter))) return undefined;
  return [plain.slice(0, 5), plain.slice(5, 10), plain.slice(10)].filter(Boolean).join('-');
}
