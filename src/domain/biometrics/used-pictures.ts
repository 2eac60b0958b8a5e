import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { bandsOf } from './picture-bands.ts';
import * as store from './picture-store.ts';

/** Days that a picture stays known as used. */
export const REMEMBERED_DAYS = 90;

/**
 * Bands of thirty that two pictures have in common when one is the other, saved anew. Measured: compressed down to a quality of 40,
 * scaled by a half to one and a half, a tenth brighter or darker, mirrored, never fewer than nine; of a man who talks in front of a
 * camera, two pictures a third of a second apart or more, never more than one (6,105 pairs). To refuse an honest person is worse than
 * to miss a copy: it stands as near to the copies as it can.
 */
export const ALIKE = 8;

/**
 * Pictures of faces that have been looked at, by keyed hashes of what they show: of all their points, and of bands of their waves.
 * No camera makes the same one twice, and nobody keeps as still as a picture: what comes again was kept by somebody, whichever file
 * it comes in.
 */
export interface UsedPictures {
  /**
   * Whether it has never come before; from now on it has. `occasion`: what it came for, where that may be asked about twice (after a
   * crash): there it gets the same answer again.
   */
  isNew(image: Buffer, occasion?: string): Promise<boolean>;
  /** Forgets what was long ago. */
  sweep(): Promise<number>;
}

export const createUsedPictures = (parts: {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `pictures`. */
  readonly sealer: Pick<Sealer, 'keyedHash'>;
}): UsedPictures => {
  const { database, clock, sealer } = parts;
  /** Half a hash: enough for what is counted, and an index keeps a band for every picture of 90 days. */
  const banded = (bands: readonly string[]): bigint[] =>
    bands.map((bits, place) => sealer.keyedHash(`band ${place} ${bits}`).readBigInt64BE());

  return {
    async isNew(image, occasion = newId()) {
      const until = new Date(clock.now().getTime() + REMEMBERED_DAYS * 86_400_000);
      const { plain, mirrored } = await bandsOf(image);
      const picture: store.HashedPicture = {
        hash: sealer.keyedHash(createHash('sha256').update(image).digest('hex')),
        bands: banded(plain),
        occasion: sealer.keyedHash(`occasion ${occasion}`),
      };
      // Written first and then looked for, each by itself: of two at once the later sees the earlier, so that at most one is new.
      await store.remember(database, picture, until);
      const asked = { ...picture, bands: [...picture.bands, ...banded(mirrored)] };
      return !(await store.cameBefore(database, asked, ALIKE));
    },
    sweep: () => store.forget(database, clock.now()),
  };
};
