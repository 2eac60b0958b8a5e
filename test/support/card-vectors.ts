import { test } from 'vitest';
import { cardVectors } from './card-vectors-folder.ts';

export { cardVectors as vectors } from './card-vectors-folder.ts';

/** A test that stands on these data; without them it is skipped, and says so. */
export const vectorTest = ((name: string, run: () => void | Promise<void>) =>
  cardVectors === undefined
    ? test.skip(`${name} (skipped: ../shared/vectors/icao9303 is not beside the project)`, run)
    : test(name, run)) as (name: string, run: () => void | Promise<void>) => void;
