import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../../shared/vectors/icao9303');

/** The folder with real documents' public data; it lies beside the project and is no part of it. */
export const cardVectors: string | undefined = existsSync(folder) ? folder : undefined;
