import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import * as store from './picture-store.ts';

/** Days that a picture stays known as used. */
export const REMEMBERED_DAYS = 90;

/**
 * Pictures of faces that have been looked at, by keyed hashes of what they show, point by point: other words in the file, or another
 * file around the same points, make no other picture. No camera makes the same one twice: what comes again was kept by somebody.
 */
export interface UsedPictures {
  /** Whether it has never come before. From now on it has. */
  isNew(image: Buffer): Promise<boolean>;
  /** Forgets what was long ago. */
  sweep(): Promise<number>;
}

export const createUsedPictures = (parts: {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `pictures`. */
  readonly sealer: Pick<Sealer, 'keyedHash'>;
}): UsedPictures => ({
  isNew(image) {
    const hash = parts.sealer.keyedHash(createHash('sha256').update(image).digest('hex'));
    const until = new Date(parts.clock.now().getTime() + REMEMBERED_DAYS * 86_400_000);
    return store.remember(parts.database, hash, until);
  },
  sweep: () => store.forget(parts.database, parts.clock.now()),
});
