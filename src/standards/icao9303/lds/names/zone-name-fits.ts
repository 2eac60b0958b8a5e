import type { Mrz } from '../mrz.ts';
import { OMITTED, PARTING, plainLetter } from './latin-letters.ts';

/** A name as a machine readable zone can say it: without marks, and perhaps cut. */
export type ZoneName = Pick<Mrz, 'primaryIdentifier' | 'secondaryIdentifier' | 'nameMayBeCut'>;

/** Letters that states write in more than one way (9303-3 §6, Table A). */
const SEVERAL: Readonly<Record<string, readonly string[]>> = {
  Ä: ['AE', 'A'],
  Å: ['AA', 'A'],
  Ñ: ['N', 'NXX'],
  Ö: ['OE', 'O'],
  Ü: ['UE', 'UXX', 'U'],
};

/** A word of a name: for each letter the ways in which a zone may write it. */
type Word = readonly (readonly string[])[];

/**
 * Whether a zone can be about somebody who is written so in full. A zone has family name first, and a register the order of its
 * country: the whole name is the one identifier and then the other, either way round. How names are parted is not compared, because
 * states part and join them differently (Min-jun, MINJUN). Of a name that fills its field every part may be cut, and the last ones
 * may be missing (9303-3 §4.6, 9303-4 §4.2.3). A letter without a transliteration fits nothing.
 */
export function zoneNameFits(
  { primaryIdentifier, secondaryIdentifier, nameMayBeCut }: ZoneName,
  fullName: string,
): boolean {
  const words = wordsOf(fullName);
  if (!words || words.length === 0) return false;
  const [primary, secondary] = [partsOf(primaryIdentifier), partsOf(secondaryIdentifier)];
  const orders = [
    [primary, secondary],
    [secondary, primary],
  ] as const;
  return orders.some(
    ([first, second]) =>
      isWritten(words.flat(), [...first, ...second].join(''), false) || (nameMayBeCut && isCut(words, first, second)),
  );
}

const partsOf = (identifier: string): string[] => identifier.split(' ').filter((part) => part !== '');

/** The words of a name; undefined when a letter of it has no transliteration. */
function wordsOf(fullName: string): Word[] | undefined {
  const words = fullName.normalize('NFC').toUpperCase().replace(OMITTED, '').replace(PARTING, ' ').trim();
  const read = words.split(' ').map((word) => [...word].map((letter) => SEVERAL[letter] ?? [plainLetter(letter)]));
  return read.every((word) => word.every((ways) => ways.every((way) => /^[A-Z]+$/.test(way)))) ? read : undefined;
}

/** Whether the words fall into two identifiers of which every part is a word, or the beginning of one. */
const isCut = (words: readonly Word[], first: readonly string[], second: readonly string[]): boolean =>
  words.some((_, at) => beginsAs(words.slice(0, at), first) && beginsAs(words.slice(at), second)) ||
  (second.length === 0 && beginsAs(words, first));

const beginsAs = (words: readonly Word[], parts: readonly string[]): boolean =>
  parts.length <= words.length &&
  parts.length > 0 === words.length > 0 &&
  parts.every((part, at) => isWritten(words[at]!, part, true));

/** Whether letters can be written so; every way of writing them is followed at once, so that no name takes long. */
function isWritten(letters: Word, written: string, mayBeCut: boolean): boolean {
  let reached = new Set([0]);
  for (const ways of letters) {
    const next = new Set<number>();
    for (const from of reached) {
      const left = written.slice(from);
      for (const way of ways) {
        if (left.startsWith(way)) next.add(from + way.length);
        else if (mayBeCut && left !== '' && way.startsWith(left)) return true;
      }
    }
    if (mayBeCut && next.has(written.length)) return true;
    reached = next;
  }
  return reached.has(written.length);
}
