import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'vitest';

const folder = resolve(import.meta.dirname, '../../../shared/vectors/icao9303');

/** The folder with real documents' public data; it lies beside the project and is no part of it. */
export const vectors: string | undefined = existsSync(folder) ? folder : undefined;

/** A test that stands on these data; without them it is skipped, and says so. */
export const vectorTest = ((name: string, run: () => void | Promise<void>) =>
  vectors === undefined
    ? test.skip(`${name} (skipped: ../shared/vectors/icao9303 is not beside the project)`, run)
    : test(name, run)) as (name: string, run: () => void | Promise<void>) => void;
