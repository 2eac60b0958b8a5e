/** Control characters, and marks that turn the direction of reading (UAX #9): with them a name reads as another one. */
const UNSEEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu;

/** What somebody typed as one line of plain text: NFC, a space in place of what is not seen, none around it. */
export const oneLine = (text: string): string => text.normalize('NFC').replace(UNSEEN, ' ').trim();
