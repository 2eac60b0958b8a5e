import sharp from 'sharp';
import type { PortraitDecoder } from '../../platform/portrait-decoder/portrait-decoder.ts';
import { jpegSize } from '../../standards/icao9303/lds/portrait/jpeg.ts';
import { Refused } from '../../standards/icao9303/refusal.ts';

/** What of a picture is taken at most: the camera of a telephone at its best. */
export const PICTURE_LIMITS = { octets: 8 * 1024 * 1024, pixels: 50_000_000, leastSide: 240 } as const;

/** A picture that can be compared, or why it cannot. `busy`: many are being looked at. */
export type TakenPicture =
  | { readonly taken: true; readonly image: Buffer }
  | { readonly taken: false; readonly reason: 'unreadable' | 'too_large' | 'too_small' | 'busy' };

/** Takes in what a camera made. */
export type PictureIntake = (bytes: Buffer) => Promise<TakenPicture>;

/**
 * Decodes what somebody sent in the threads that may die of it, and makes a picture of our own from the pixels: where and with
 * what it was taken is gone, and nobody behind us decodes a stranger's bytes.
 */
export function createPictureIntake(decoder: Pick<PortraitDecoder, 'decode'>): PictureIntake {
  return async (bytes) => {
    if (bytes.length > PICTURE_LIMITS.octets) return { taken: false, reason: 'too_large' };
    try {
      if (bytes.length < 4 || bytes.readUIntBE(0, 3) !== 0xffd8ff) return { taken: false, reason: 'unreadable' };
      const { width, height, components } = jpegSize(bytes);
      if (components !== 1 && components !== 3) return { taken: false, reason: 'unreadable' };
      if (width * height > PICTURE_LIMITS.pixels) return { taken: false, reason: 'too_large' };
      if (Math.min(width, height) < PICTURE_LIMITS.leastSide) return { taken: false, reason: 'too_small' };
      const decoded = await decoder.decode({ kind: 'jpeg', bytes, width, height, components });
      if (!decoded) return { taken: false, reason: 'busy' };
      const { pixels, channels, ...size } = decoded;
      const image = await sharp(pixels, { raw: { ...size, channels } })
        .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
        .toBuffer();
      return { taken: true, image };
    } catch (error) {
      if (error instanceof Refused) return { taken: false, reason: 'unreadable' };
      throw error;
    }
  };
}
