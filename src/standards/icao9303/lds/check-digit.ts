const WEIGHTS = [7, 3, 1] as const;

/** What a character counts: digits themselves, letters from 10 on, fillers nothing. */
const worth = (character: string): number =>
  character === '<' ? 0 : character <= '9' ? character.charCodeAt(0) - 48 : character.charCodeAt(0) - 55;

/** The check digit of a part of the machine readable zone, characters A–Z, 0–9 and `<` (9303-3 §4.9). */
export function checkDigit(part: string): string {
  let sum = 0;
  for (let at = 0; at < part.length; at += 1) sum += worth(part[at]!) * WEIGHTS[at % 3]!;
  return String(sum % 10);
}
