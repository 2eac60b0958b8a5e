import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { EidError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { PortraitDecoder } from '../../platform/portrait-decoder/portrait-decoder.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { readPortrait } from '../../standards/icao9303/lds/index.ts';
import { asRefusal } from '../../standards/icao9303/refusal.ts';
import { faceUnavailable } from './face-matcher.ts';
import { bandsOf, type PictureBands } from './picture-bands.ts';
import * as store from './picture-store.ts';

/** Days that a picture stays known as used; of somebody who only shows a card, one. */
export const REMEMBERED_DAYS = { of_account: 90, of_passer_by: 1 } as const;

/**
 * Bands of thirty that two pictures have in common when one is the other, saved anew. Measured of photographs: compressed down to a
 * quality of 40, scaled by a half to one and a half, a tenth brighter or darker, mirrored, never fewer than nine; of a man who talks in front of a
 * camera, two pictures a third of a second apart or more, never more than one (6,105 pairs). To refuse an honest person is worse than
 * to miss a copy: it stands as near to the copies as it can.
 */
export const ALIKE = 8;

/** How a picture comes. */
export interface Coming {
  /** What for, where that may be asked about twice (after a crash): there it gets the same answer again. */
  readonly occasion?: string;
  /** What it is compared with: whoever has read a chip has the portrait, and no camera makes that again. */
  readonly portraits?: readonly Buffer[];
  /** Whose it is: an account's, or of somebody who only shows a card, whose picture is known for a day. */
  readonly as?: keyof typeof REMEMBERED_DAYS;
}

/**
 * Pictures of faces that have been looked at, by keyed hashes of what they show: of all their points, and of bands of their waves.
 * No camera makes the same one twice, and nobody keeps as still as a picture: what comes again was kept by somebody, whichever file
 * it comes in.
 */
export interface UsedPictures {
  /** Whether it has never come before, nor is one of the portraits; from now on it has. */
  isNew(image: Buffer, coming?: Coming): Promise<boolean>;
  /** What it came for is decided, by the act that this is written with: from now on it is one of before there, too. */
  decided(image: Buffer, occasion: string): Write;
  /**
   * The portrait of a document that somebody was proven by, as a picture of before until the document's last day (ISO 8601): whoever
   * has read that chip has it. Nothing of one that cannot be told from others. Written with the act that rests on the document.
   */
  barring(portrait: Buffer, lastDay: string): Promise<Write[]>;
  /** Forgets what was long ago. */
  sweep(): Promise<number>;
}

export const createUsedPictures = (parts: {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `pictures`. */
  readonly sealer: Pick<Sealer, 'keyedHash'>;
  /** For the portraits of registers and chips, which need not be JPEG. */
  readonly decoder: Pick<PortraitDecoder, 'decode'>;
}): UsedPictures => {
  const { database, clock, sealer } = parts;
  /** Half a hash: enough for what is counted, and an index keeps a band for every picture of 90 days. */
  const banded = (bands: readonly string[]): bigint[] =>
    bands.map((bits, place) => sealer.keyedHash(`band ${place} ${bits}`).readBigInt64BE());

  const occasionOf = (occasion: string): Buffer => sealer.keyedHash(`occasion ${occasion}`);
  const hashOf = (image: Buffer): Buffer => sealer.keyedHash(createHash('sha256').update(image).digest('hex'));

  /** Those that this is, saved anew. A portrait that cannot be read was refused by whoever compared it, and is nobody's copy. */
  async function isOneOf({ plain, mirrored }: PictureBands, portraits: readonly Buffer[]): Promise<boolean> {
    for (const bytes of portraits) {
      const theirs = await portraitBands(parts.decoder, bytes);
      const alike = (ours: readonly string[]) => ours.filter((one, place) => one === theirs[place]).length >= ALIKE;
      if (alike(plain) || alike(mirrored)) return true;
    }
    return false;
  }

  return {
    async isNew(image, { occasion = newId(), portraits = [], as = 'of_account' } = {}) {
      const until = new Date(clock.now().getTime() + REMEMBERED_DAYS[as] * 86_400_000);
      const bands = await bandsOf(image);
      // First what may fail: of a picture that nobody could look at nothing is remembered, and it may come again.
      const isCopy = await isOneOf(bands, portraits);
      const picture: store.HashedPicture = {
        hash: hashOf(image),
        bands: banded(bands.plain),
        occasion: occasionOf(occasion),
      };
      // Written first and then looked for, each by itself: of two at once the later sees the earlier, so that at most one is new.
      await store.remember(database, picture, until);
      const asked = { ...picture, bands: [...picture.bands, ...banded(bands.mirrored)] };
      return !(await store.cameBefore(database, asked, ALIKE)) && !isCopy;
    },
    decided: (image, occasion) => ({ statement: store.decided(hashOf(image), occasionOf(occasion)) }),

    async barring(portrait, lastDay) {
      const bands = await portraitBands(parts.decoder, portrait);
      if (bands.length === 0) return [];
      const until = new Date(Date.parse(lastDay) + 86_400_000);
      return [{ statement: store.bar({ hash: hashOf(portrait), bands: banded(bands) }, until) }];
    },

    sweep: () => store.forget(database, clock.now()),
  };
};

/** How the decoder's threads end (`platform/portrait-decoder`): of it, and not of what the picture says. */
const OUT_OF_BREATH: ReadonlySet<string | undefined> = new Set(['time', 'decoder']);

async function portraitBands(decoder: Pick<PortraitDecoder, 'decode'>, bytes: Buffer): Promise<readonly string[]> {
  try {
    const pixels = await decoder.decode(readPortrait(bytes));
    // So many are waiting that this one is turned away: whoever cannot be looked at is not let through.
    if (!pixels) throw faceUnavailable('busy');
    return (await bandsOf(pixels)).plain;
  } catch (error) {
    if (error instanceof EidError) throw error;
    // What took too long, or died of it, was not looked at; what is no picture is nobody's copy.
    if (OUT_OF_BREATH.has(asRefusal(error).about)) throw faceUnavailable('too_slow', error);
    return [];
  }
}
