import { createHash } from 'node:crypto';

/**
 * The shirt that a drawn person wears: two rows of twelve squares, black or white, that say whose drawing it is and what is the
 * matter with it. They stay what they are when somebody makes the picture smaller or saves it anew.
 */
export const COLUMNS = 12;
export const ROWS = 2;

/** 12 bits of the person, 4 of the mark, 8 that tell a shirt from anything else that is black and white. */
const sum = (person: number, mark: number): number =>
  createHash('sha256').update(`senid sandbox shirt ${person} ${mark}`).digest().readUInt8();

/** The twelve bits of somebody. */
export const faceOf = (identityNumber: string): number =>
  createHash('sha256').update(`senid sandbox face ${identityNumber}`).digest().readUInt16BE() >> 4;

/** The squares, row by row; true is white. */
export function stripesOf(person: number, mark: number): boolean[] {
  const bits = ((person << 12) | (mark << 8) | sum(person, mark)) >>> 0;
  return Array.from({ length: COLUMNS * ROWS }, (_, place) => ((bits >>> (COLUMNS * ROWS - 1 - place)) & 1) === 1);
}

/** Whose they are; undefined when they are no stripes of ours. */
export function readStripes(squares: readonly boolean[]): { person: number; mark: number } | undefined {
  const bits = squares.reduce((all, white) => all * 2 + (white ? 1 : 0), 0);
  const [person, mark] = [bits >>> 12, (bits >>> 8) & 0xf];
  return (bits & 0xff) === sum(person, mark) ? { person, mark } : undefined;
}
