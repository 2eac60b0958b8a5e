import sharp from 'sharp';
import type { Pixels } from '../../platform/portrait-decoder/decode.ts';

/** Points a side that a picture is brought to, whatever its size and proportions: half the size of the smallest that is taken. */
const SIDE = 96;
/** Waves across the picture, in halves: coarser ones are alike in any two pictures of one person, finer ones do not outlive JPEG. */
const [COARSEST, FINEST] = [20, 40];
/** Of one band: too many for two pictures to share by chance, and for anybody to try them all without the key at hand. */
const BITS = 32;

/** Mean size of the waves below which a picture shows nothing: its signs would be those of its noise, or all the same. */
const FLAT = 24;

/** Which waves there are in the order of the bits; `mirrors`: turned round when left and right change places. */
const WAVES = Array.from({ length: FINEST * FINEST }, (_, place) => ({
  place,
  across: place % FINEST,
  length: Math.hypot(place % FINEST, Math.floor(place / FINEST)),
}))
  .filter(({ length }) => length >= COARSEST && length < FINEST)
  .map(({ place, across }) => ({ place, mirrors: across % 2 === 1 }));

/** How many bands a picture has. */
export const BANDS = Math.floor(WAVES.length / BITS);

/** Each cosine of DCT-II, already lowered towards the edges: what somebody cuts off there counts least. */
const COSINES = Array.from({ length: FINEST }, (_, wave) =>
  Float64Array.from(
    { length: SIDE },
    (_, point) => Math.cos((Math.PI * wave * (point + 0.5)) / SIDE) * Math.sin((Math.PI * (point + 0.5)) / SIDE),
  ),
);

/** What a picture shows, as strings of bits that another file of it has in common with it, and a new picture has not; none of one that shows nothing. */
export interface PictureBands {
  readonly plain: readonly string[];
  /** Those of the same picture with left and right changed. */
  readonly mirrored: readonly string[];
}

/**
 * A perceptual hash in parts: the signs of the middle waves of the luminance's discrete cosine transform (as PDQ does with the lowest
 * 256), dealt out to bands. Compressing, scaling and lighting a picture anew turns two signs in a hundred, so that most bands stay as
 * they are; a person who has moved by a millimetre or two turns so many that none does. That part of a band is alike says nothing,
 * so that each can be hashed with a key and looked up by that. What it finds and what it does not: `test/unit/domain/biometrics/
 * picture-bands.test.ts`.
 */
export async function bandsOf(image: Buffer | Pixels): Promise<PictureBands> {
  const points = await source(image)
    .greyscale()
    // Not by way of the eighths that JPEG offers: they differ with the size it comes in.
    .resize(SIDE, SIDE, { fit: 'fill', fastShrinkOnLoad: false })
    .raw()
    .toBuffer();
  const waves = transformed(points);
  points.fill(0);
  const energy = WAVES.reduce((sum, { place }) => sum + (waves[place] ?? 0) ** 2, 0) / WAVES.length;
  if (Math.sqrt(energy) < FLAT) return { plain: [], mirrored: [] };
  const signs = WAVES.map(({ place, mirrors }) => ({ up: (waves[place] ?? 0) > 0, mirrors }));
  return { plain: dealt(signs.map(({ up }) => up)), mirrored: dealt(signs.map(({ up, mirrors }) => up !== mirrors)) };
}

const source = (image: Buffer | Pixels) =>
  Buffer.isBuffer(image)
    ? sharp(image)
    : sharp(image.pixels, { raw: { width: image.width, height: image.height, channels: image.channels } });

/** Neighbours go to different bands: where noise has turned one sign it has turned the next. */
const dealt = (signs: readonly boolean[]): string[] =>
  Array.from({ length: BANDS }, (_, band) =>
    Array.from({ length: BITS }, (_, bit) => (signs[bit * BANDS + band] ? '1' : '0')).join(''),
  );

/** First along the rows, then down the columns. */
function transformed(points: Buffer): Float64Array {
  const mean = points.reduce((sum, one) => sum + one, 0) / points.length;
  const centred = Float64Array.from(points, (one) => one - mean);
  return alongRows(alongRows(centred, SIDE), FINEST);
}

/** The waves in each row, turned over: a row of the answer is one wave, so that a second time goes down the columns. */
function alongRows(values: Float64Array, rows: number): Float64Array {
  const waves = new Float64Array(FINEST * rows);
  for (let row = 0; row < rows; row += 1)
    for (let wave = 0; wave < FINEST; wave += 1) {
      const cosine = COSINES[wave]!;
      let sum = 0;
      for (let x = 0; x < SIDE; x += 1) sum += values[row * SIDE + x]! * cosine[x]!;
      waves[wave * rows + row] = sum;
    }
  return waves;
}
