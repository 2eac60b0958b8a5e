import type { Picture } from '../../../platform/portrait-decoder/decode.ts';
import { jpegSize } from '../../../standards/icao9303/lds/portrait/jpeg.ts';
import { jpeg2000Size } from '../../../standards/icao9303/lds/portrait/jpeg2000.ts';
import { demand, refuse } from '../../../standards/icao9303/refusal.ts';

/** What of a picture is decoded at most. JPEG 2000 costs about ten times as much for a pixel. */
export const LIMITS = {
  octets: 2 * 1024 * 1024,
  pixels: { jpeg: 16_000_000, png: 16_000_000, jpeg2000: 4_000_000 },
  tiles: 64,
} as const;

const BEGINNINGS = [
  ['jpeg', Buffer.from('ffd8ff', 'hex')],
  ['png', Buffer.from('89504e470d0a1a0a', 'hex')],
  ['jpeg2000', Buffer.from('0000000c6a5020200d0a870a', 'hex')],
  ['jpeg2000', Buffer.from('ff4fff51', 'hex')],
] as const;

/**
 * Kind and size of a picture by its own header, before anything decodes it; what it says is the most that is decoded.
 * @throws Refused image.malformed, image.too_large
 */
export function readPicture(bytes: Buffer): Picture {
  demand(bytes.length <= LIMITS.octets, 'image.too_large');
  const [kind] =
    BEGINNINGS.find(([, first]) => bytes.subarray(0, first.length).equals(first)) ?? refuse('image.malformed');
  const { width, height, components } = SIZES[kind](bytes);
  demand(width > 0 && height > 0 && (components === 1 || components === 3), 'image.malformed');
  demand(width * height <= LIMITS.pixels[kind], 'image.too_large');
  return { kind, bytes, width, height, components };
}

const SIZES = {
  jpeg: jpegSize,
  jpeg2000: (bytes: Buffer) => jpeg2000Size(bytes, { tiles: LIMITS.tiles }),
  png: pngSize,
} as const;

/** PNG (ISO/IEC 15948 §11.2.1): the header is the first chunk. Palettes and transparency become colours when it is decoded. */
function pngSize(bytes: Buffer) {
  demand(bytes.length > 33 && bytes.toString('latin1', 12, 16) === 'IHDR', 'image.malformed');
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), components: 3 };
}
