import { readFileSync } from 'node:fs';
import { onceEach } from '../authority/once.ts';

/** Drawings: nobody has ever looked like this. */
export type Drawing = 'lotus' | 'cat';

/** A drawing as cards hold it: 240 × 320 pixels. */
export const portrait = onceEach((drawing: Drawing) => ({
  kind: 'jpeg' as const,
  bytes: readFileSync(new URL(`./${drawing}.jpg`, import.meta.url)),
  width: 240,
  height: 320,
}));
