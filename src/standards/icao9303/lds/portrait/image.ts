import { demand, refuse } from '../../refusal.ts';
import { jpegSize } from './jpeg.ts';
import { jpeg2000Size } from './jpeg2000.ts';

/** A portrait before it is decoded: its kind by its first bytes, its size by its own header. */
export interface Portrait {
  readonly kind: 'jpeg' | 'jpeg2000';
  /** As the chip has them: a view, never changed. */
  readonly bytes: Buffer;
  /** Pixels, as coded; an orientation in the metadata is not applied. */
  readonly width: number;
  readonly height: number;
  /** Grey or colour. */
  readonly components: 1 | 3;
}

/** What is decoded at most. JPEG 2000 costs about ten times as much for a pixel. */
export const PORTRAIT_LIMITS = {
  octets: 131_072,
  pixels: { jpeg: 16_000_000, jpeg2000: 4_000_000 },
  tiles: 64,
} as const;

/**
 * Reads kind and size of a portrait from its own header, before anything decodes it (9303-10 §4.7.2: JPEG or JPEG 2000).
 * @throws Refused image.malformed, image.too_large
 */
export function readPortrait(bytes: Buffer): Portrait {
  demand(bytes.length <= PORTRAIT_LIMITS.octets, 'image.too_large');
  const kind = kindOf(bytes) ?? refuse('image.malformed');
  const { width, height, components } =
    kind === 'jpeg' ? jpegSize(bytes) : jpeg2000Size(bytes, { tiles: PORTRAIT_LIMITS.tiles });
  demand(width > 0 && height > 0 && (components === 1 || components === 3), 'image.malformed');
  demand(width * height <= PORTRAIT_LIMITS.pixels[kind], 'image.too_large');
  return { kind, bytes, width, height, components };
}

/** JPEG begins FFD8FF; JPEG 2000 with the signature box of a JP2 file, or with its codestream alone. */
const BEGINNINGS = [
  ['jpeg', Buffer.from('ffd8ff', 'hex')],
  ['jpeg2000', Buffer.from('0000000c6a5020200d0a870a', 'hex')],
  ['jpeg2000', Buffer.from('ff4fff51', 'hex')],
] as const;

const kindOf = (bytes: Buffer): Portrait['kind'] | undefined =>
  BEGINNINGS.find(([, first]) => bytes.subarray(0, first.length).equals(first))?.[0];
