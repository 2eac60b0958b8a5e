import { demand, refuse } from '../../refusal.ts';
import type { ImageSize } from './image-size.ts';

const MAX_BOXES = 32;
const CODESTREAM_BOX = 'jp2c';
const SIZ = 0xff4fff51;

/**
 * The size of a JPEG 2000 image from the SIZ segment of its codestream (ITU-T T.800 §A.5.1), which decides whatever a
 * box around it says. Eight bits a sample, no subsampling, at most so many tiles: each costs memory of its own.
 * @throws Refused image.malformed, image.too_large
 */
export function jpeg2000Size(bytes: Buffer, limits: { readonly tiles: number }): ImageSize {
  const stream = codestreamOf(bytes);
  demand(stream.length >= 42 && stream.readUInt32BE(0) === SIZ, 'image.malformed');
  const components = stream.readUInt16BE(40);
  // Lsiz counts itself and all that follows it: 38 octets and three for each component.
  demand(components >= 1 && components <= 4 && stream.readUInt16BE(4) === 38 + 3 * components, 'image.malformed');
  demand(stream.length >= 42 + 3 * components, 'image.malformed');
  const [right, bottom, left, top, tileWidth, tileHeight, tileLeft, tileTop] = Array.from({ length: 8 }, (_, place) =>
    stream.readUInt32BE(8 + 4 * place),
  ) as [number, number, number, number, number, number, number, number];
  demand(right > left && bottom > top && tileWidth > 0 && tileHeight > 0, 'image.malformed');
  // The first tile holds the first sample (§B.3).
  demand(tileLeft <= left && tileTop <= top, 'image.malformed');
  demand(tileLeft + tileWidth > left && tileTop + tileHeight > top, 'image.malformed');
  const tiles = Math.ceil((right - tileLeft) / tileWidth) * Math.ceil((bottom - tileTop) / tileHeight);
  demand(tiles <= limits.tiles, 'image.too_large', 'tiles');
  for (let component = 0; component < components; component += 1) {
    const at = 42 + 3 * component;
    demand(stream[at] === 7 && stream[at + 1] === 1 && stream[at + 2] === 1, 'image.malformed', 'samples');
  }
  return { width: right - left, height: bottom - top, components };
}

/** The codestream: the bytes themselves, or the first such box of a JP2 file (ITU-T T.800 §I.4). */
function codestreamOf(bytes: Buffer): Buffer {
  if (bytes[0] === 0xff) return bytes;
  let at = 0;
  for (let box = 0; box < MAX_BOXES && bytes.length - at >= 8; box += 1) {
    const said = bytes.readUInt32BE(at);
    // 0: to the end of the file. 1: a length of 64 bits, which nothing of 128 kB needs.
    const length = said === 0 ? bytes.length - at : said;
    demand(length >= 8 && length <= bytes.length - at, 'image.malformed');
    if (bytes.toString('latin1', at + 4, at + 8) === CODESTREAM_BOX) return bytes.subarray(at + 8, at + length);
    at += length;
  }
  return refuse('image.malformed');
}
