import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CommandFault } from '../command-fault.ts';

/** A file of a chip, by its name in the standard: `SOD`, `DG1`. */
export type CardFileName = 'COM' | 'SOD' | 'CardAccess' | 'CardSecurity' | `DG${number}`;

/** What was read out of a card, raw. */
export type Dump = ReadonlyMap<CardFileName, Buffer>;

/** No file of a card is so large; what is, is something else. */
const MAX_BYTES = 1_048_576;
const NAMES: Readonly<Record<string, CardFileName>> = {
  com: 'COM',
  sod: 'SOD',
  cardaccess: 'CardAccess',
  cardsecurity: 'CardSecurity',
};
/** `EF_SOD.bin`, `SOD.bin`, `EF.DG2`, `dg15.bin`, `Datagroup1.bin`, `AT_EF_SOD.bin`, `copy_dg14_0.bin`. */
const FILE =
  /(?:^|[^a-z0-9])(?:ef[._ -]?)?(?:(com|sod|cardaccess|cardsecurity)|(?:dg|data[ _-]?group)[ _-]?(\d{1,2}))(?:[_-]\d+)?(?:\.(?:bin|der|dat|ber))?$/i;

/** The file of a card that a name means; `undefined` when none. */
export function cardFileOf(name: string): CardFileName | undefined {
  const [, word, digits] = FILE.exec(name) ?? [];
  if (word) return NAMES[word.toLowerCase()];
  const number = Number(digits);
  return number >= 1 && number <= 16 ? `DG${number}` : undefined;
}

/**
 * Reads files named like those of a chip, and of folders those that are so named. Throws `CommandFault` 2: not found, not
 * readable, no such name, two for one file, no EF.SOD.
 */
export function readDump(paths: readonly string[]): Dump {
  const dump = new Map<CardFileName, Buffer>();
  for (const path of paths.flatMap(filesIn)) {
    const file = cardFileOf(basename(path));
    if (!file) throw new CommandFault(2, `${path}: no file of a chip is called so (EF_SOD.bin, DG1.bin, EF.DG14 …).`);
    if (dump.has(file)) throw new CommandFault(2, `${path}: a second ${file}; examine one card at a time.`);
    dump.set(file, bytesOf(path, MAX_BYTES));
  }
  const sod = dump.get('SOD');
  if (!sod) throw new CommandFault(2, 'EF.SOD is missing: without it nothing says what the country signed.');
  // 9303-10 §4.6.2. Whatever begins otherwise is a picture, a text, or another file by mistake.
  if (sod[0] !== 0x77) throw new CommandFault(2, 'EF.SOD is no security object: it does not begin with tag 77.');
  return dump;
}

const filesIn = (path: string): string[] =>
  isFolder(path)
    ? readdirSync(path)
        .sort()
        .filter((name) => cardFileOf(name))
        .map((name) => join(path, name))
    : [path];

/** Throws `CommandFault` 2 when there is nothing. */
export const isFolder = (path: string): boolean => reading(path, () => statSync(path).isDirectory());

/** A whole file. Throws `CommandFault` 2 when it cannot be read or is larger than `most` octets. */
export function bytesOf(path: string, most: number): Buffer {
  return reading(path, () => {
    if (statSync(path).size > most) throw new CommandFault(2, `${path} is larger than any file of its kind.`);
    return readFileSync(path);
  });
}

function reading<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CommandFault) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandFault(2, `${path}: ${SAYS[code] ?? code}.`);
  }
}

const SAYS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder',
  ENOTDIR: 'there is no such file',
};
