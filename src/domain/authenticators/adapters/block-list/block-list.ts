import { readFileSync } from 'node:fs';

/**
 * SP 800-63B-4 §3.1.1.2: the *whole* password is compared with what is common, expected or compromised, never a part of it.
 * "Whole" covers what attackers generate from such lists: at most three entries in a row, with a few digits or marks between.
 */
export function blocked(password: string, ownData: readonly string[]): 'too_common' | 'own_data' | undefined {
  const folded = fold(password);
  const plain = compact(folded);
  const read = compact(unleet(folded));
  if (common.has(folded) || common.has(plain) || common.has(read) || repeats(plain) || regular(plain)) {
    return 'too_common';
  }
  // Three entries fill 64 letters only by repetition; the search below stays short whatever is sent.
  if ([...plain].length > 64) return undefined;
  const own = new Set(ownData.flatMap(pieces));
  return [plain, read].map((text) => made(text, own)).find((reason) => reason !== undefined);
}

/** Lower case, without marks (đ included): `Mật Khẩu` → `mat khau`. */
const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll('đ', 'd');

const compact = (text: string): string => text.replace(/[^\p{Letter}\p{Number}]/gu, '');

const LOOKALIKES: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
const unleet = (text: string): string => text.replace(/[013457@$!]/g, (mark) => LOOKALIKES[mark] ?? mark);

/** `abcabcabc`: one to eight characters over and over. */
const repeats = (text: string): boolean => /^(.{1,8}?)\1{2,}.{0,3}$/u.test(text) || /^(.{4,})\1$/u.test(text);

const ROWS = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
];
const RUNS = ROWS.flatMap((row) => [row, [...row].reverse().join('')]);

/** The longest run along a row of the keyboard, the alphabet or the digits that `text` starts with. */
const run = (text: string): number => {
  for (let length = Math.min(text.length, 28); length >= 3; length -= 1) {
    if (RUNS.some((row) => row.includes(text.slice(0, length)))) return length;
  }
  return 0;
};

/** Nothing but runs: `123456789012345`, `qwertyuiopasdfg`. */
const regular = (text: string): boolean => {
  let rest = text;
  for (let parts = 0; parts < 3 && rest !== ''; parts += 1) rest = rest.slice(run(rest));
  return rest.length <= 2;
};

/** A name gives its parts and itself; a date or a number gives itself and its usual shortenings. */
const pieces = (own: string): string[] => {
  const words = fold(own).split(/[^\p{Letter}\p{Number}]+/u);
  const digits = own.replace(/\D/g, '');
  const [year = '', month = '', day = ''] = /^\d{4}-\d\d(-\d\d)?$/.test(own) ? own.split('-') : [];
  const dates = year
    ? [`${day}${month}${year}`, `${day}${month}${year.slice(2)}`, `${month}${year}`, `${day}${month}`, year]
    : [];
  const national = digits.startsWith('84') ? `0${digits.slice(2)}` : digits;
  return [...words, compact(fold(own)), digits, national, national.slice(-6), ...dates].filter(
    (piece) => piece.length >= 3,
  );
};

/** Whether `text` is one to three known pieces with at most three other characters (or a number of up to eight digits). */
function made(text: string, own: ReadonlySet<string>): 'too_common' | 'own_data' | undefined {
  const characters = [...text];
  type Way = { readonly parts: number; readonly rest: number; readonly own: boolean };
  const better = (a: Way, b: Way | undefined): boolean =>
    b === undefined || a.parts * 2 + a.rest < b.parts * 2 + b.rest;
  const ways: (Way | undefined)[] = [{ parts: 0, rest: 0, own: false }];
  for (let at = 0; at < characters.length; at += 1) {
    const way = ways[at];
    if (!way) continue;
    const offer = (to: number, next: Way): void => {
      if (better(next, ways[to])) ways[to] = next;
    };
    offer(at + 1, { ...way, rest: way.rest + 1 });
    for (let to = at + 3; to <= Math.min(characters.length, at + 28); to += 1) {
      const piece = characters.slice(at, to).join('');
      if (own.has(piece)) offer(to, { parts: way.parts + 1, rest: way.rest, own: true });
      else if (words.has(piece) || run(piece) === piece.length || /^(.)\1+$|^\d{3,8}$/u.test(piece)) {
        offer(to, { ...way, parts: way.parts + 1 });
      }
    }
  }
  const best = ways[characters.length];
  if (!best || best.parts === 0 || best.parts > 3 || best.rest > 3) return undefined;
  return best.own ? 'own_data' : 'too_common';
}

function list(name: string): string[] {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => line.split(' '))
    .filter((entry) => entry !== '');
}

// Loaded once; 21,000 entries of our own files.
const vietnamese = list('./vietnamese.txt');
const common = new Set([...list('./common-passwords.txt'), ...vietnamese, 'correcthorsebatterystaple']);
const words = new Set([
  ...list('./common-words.txt'),
  ...list('./common-passwords.txt').filter((entry) => /^[a-z]+$/.test(entry)),
  ...vietnamese.filter((entry) => entry.length >= 3),
  'senid',
]);
