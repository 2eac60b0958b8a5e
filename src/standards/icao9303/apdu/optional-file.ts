import { Refused } from '../refusal.ts';
import type { CardFileName } from './files.ts';
import { type ReadLimits, readFile } from './read-file.ts';
import { STATUS, statusText, type Transmit } from './response.ts';

/** As `readFile`; undefined where the chip has no such file, which most data groups may lack (9303-10 §4.7, Table 38). */
export async function readOptionalFile(
  transmit: Transmit,
  name: CardFileName,
  limits: ReadLimits = {},
): Promise<Buffer | undefined> {
  try {
    return await readFile(transmit, name, limits);
  } catch (error) {
    if (error instanceof Refused && error.about === `${name}: ${statusText(STATUS.fileNotFound)}`) return undefined;
    throw error;
  }
}
