/**
 * What is not seen and changes what is read: control characters, ends of lines, and marks that turn the direction of reading
 * (Bidi_Control, UAX #9): with them a name reads as another one. What joins letters stays.
 */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** What somebody typed as one line of plain text: NFC, a space in place of what is not seen, none around it. */
export const oneLine = (text: string): string =>
  text
    .normalize('NFC')
    .replace(new RegExp(`${UNSEEN.source}+`, 'gu'), ' ')
    .trim();

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Which characters of a text are not seen, each once, as `\u202e`. */
export const unseenIn = (text: string): readonly string[] => [...new Set(text.match(UNSEEN) ?? [])].map(escaped);

/** The text with what is not seen written out: for whoever decides about it. Ends of lines stay. */
export const writtenOut = (text: string): string =>
  text.replace(UNSEEN, (character) => (character === '\n' ? character : escaped(character)));
