import { demand, refuse } from '../../refusal.ts';
import type { ImageSize } from './image-size.ts';

const MAX_SEGMENTS = 256;
/** Start of frame (ITU-T T.81 Table B.1): C0 to CF but DHT, JPG and DAC. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/**
 * The size of a JPEG image from its frame header (ITU-T T.81 §B.2.2). Eight bits a sample; a height that only follows
 * after the first scan is refused.
 * @throws Refused image.malformed
 */
export function jpegSize(bytes: Buffer): ImageSize {
  let at = 2;
  for (let segment = 0; segment < MAX_SEGMENTS; segment += 1) {
    demand(bytes[at] === 0xff, 'image.malformed');
    while (bytes[at] === 0xff) at += 1;
    const marker = bytes[at++] ?? refuse('image.malformed');
    // A scan, an end or a marker without a segment before the frame: there is no picture.
    const alone = marker === 0 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xda);
    demand(!alone && bytes.length - at >= 2, 'image.malformed');
    const length = bytes.readUInt16BE(at);
    demand(length >= 2 && length <= bytes.length - at, 'image.malformed');
    if (isFrame(marker)) {
      demand(length >= 8 && bytes[at + 2] === 8, 'image.malformed');
      const components = bytes[at + 7]!;
      demand(length === 8 + 3 * components, 'image.malformed');
      return { height: bytes.readUInt16BE(at + 3), width: bytes.readUInt16BE(at + 5), components };
    }
    at += length;
  }
  return refuse('image.malformed');
}
