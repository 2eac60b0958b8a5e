import sharp from 'sharp';
import type { Portrait } from '../../standards/icao9303/lds/index.ts';
import { Refused } from '../../standards/icao9303/refusal.ts';
import { decodeJpeg2000 } from './openjpeg.ts';

/** A portrait as pixels: sRGB, row by row, three octets each, upright. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
  readonly pixels: Buffer;
}

/** What is decoded: a chip's portrait, or another picture whose header was read. */
export type Picture = Omit<Portrait, 'kind'> & { readonly kind: Portrait['kind'] | 'png' };

/** The longer side of what comes out; larger portraits are scaled down. */
export const MAX_SIDE = 1_280;

/**
 * Decodes one portrait whose header was read (`readPortrait`). The orientation in the metadata is applied, and all
 * metadata are dropped. Runs in a thread of its own: it takes tens of milliseconds, and a bad image may take for ever.
 * @throws Refused image.malformed
 */
export async function decodePortrait(image: Picture, seconds: number): Promise<Pixels> {
  const { width, height, components: channels } = image;
  // Exactly the pixels that the header promised: another frame further behind is refused.
  const limits = { limitInputPixels: width * height, failOn: 'warning', sequentialRead: true } as const;
  const bytes =
    image.kind === 'jpeg2000' ? (await decodeJpeg2000(image.bytes, { width, height, channels })).bytes : image.bytes;
  try {
    const source =
      image.kind === 'jpeg2000'
        ? sharp(bytes, { ...limits, raw: { width, height, channels } })
        : sharp(bytes, limits).autoOrient();
    const { data, info } = await source
      .timeout({ seconds })
      .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, channels: 3, pixels: data };
  } catch {
    // The library's own words may quote metadata: they stay here.
    throw new Refused('image.malformed');
  }
}
