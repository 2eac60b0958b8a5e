import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cardVectors } from '../support/card-vectors-folder.ts';

/** Files of real cards and countries, where they lie beside the project; none elsewhere. */
export const real = (...names: string[]): Buffer[] =>
  cardVectors === undefined ? [] : names.map((name) => readFileSync(join(cardVectors as string, name)));
