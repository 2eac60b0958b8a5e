import sharp, { type Sharp } from 'sharp';

const saved = (picture: Sharp, quality = 90): Promise<Buffer> => picture.jpeg({ quality }).toBuffer();

const sizeOf = async (picture: Buffer): Promise<{ width: number; height: number }> => {
  const { width = 0, height = 0 } = await sharp(picture).metadata();
  return { width, height };
};

const scaled = async (picture: Buffer, by: number, quality?: number): Promise<Buffer> =>
  saved(sharp(picture).resize(Math.round((await sizeOf(picture)).width * by)), quality);

/** So many hundredths taken off at each edge. */
const cropped = async (picture: Buffer, hundredths: number): Promise<Buffer> => {
  const { width, height } = await sizeOf(picture);
  const [left, top] = [Math.round((width * hundredths) / 100), Math.round((height * hundredths) / 100)];
  return saved(sharp(picture).extract({ left, top, width: width - 2 * left, height: height - 2 * top }));
};

/** So many hundredths of its width further to the right. */
const shifted = async (picture: Buffer, hundredths: number): Promise<Buffer> => {
  const { width, height } = await sizeOf(picture);
  const left = Math.round((width * hundredths) / 100);
  const wider = await sharp(picture).extend({ left, extendWith: 'copy' }).png().toBuffer();
  return saved(sharp(wider).extract({ left: 0, top: 0, width, height }));
};

/** Other files of the same picture, as somebody makes them who wants it to look new, or a telephone that sends it on. */
export const SAVED_ANEW = {
  'quality 95': (picture: Buffer) => saved(sharp(picture), 95),
  'quality 80': (picture: Buffer) => saved(sharp(picture), 80),
  'quality 60': (picture: Buffer) => saved(sharp(picture), 60),
  'quality 40': (picture: Buffer) => saved(sharp(picture), 40),
  'half the size': (picture: Buffer) => scaled(picture, 0.5),
  'half the size, quality 40': (picture: Buffer) => scaled(picture, 0.5, 40),
  'three quarters': (picture: Buffer) => scaled(picture, 0.75),
  'a quarter larger': (picture: Buffer) => scaled(picture, 1.25),
  'half as large again': (picture: Buffer) => scaled(picture, 1.5),
  'a tenth darker': (picture: Buffer) => saved(sharp(picture).linear(0.9, 0)),
  'a tenth brighter': (picture: Buffer) => saved(sharp(picture).linear(1.1, 0)),
  grey: (picture: Buffer) => saved(sharp(picture).greyscale()),
  smoothed: (picture: Buffer) => saved(sharp(picture).blur(1)),
  sharpened: (picture: Buffer) => saved(sharp(picture).sharpen()),
  mirrored: (picture: Buffer) => saved(sharp(picture).flop()),
  'mirrored, quality 60': (picture: Buffer) => saved(sharp(picture).flop(), 60),
} satisfies Record<string, (picture: Buffer) => Promise<Buffer>>;

/** The same, moved in its frame: a person who leans forward or aside gives such a picture too. */
export const MOVED = {
  'cropped by 0.25 %': (picture: Buffer) => cropped(picture, 0.25),
  'cropped by 0.5 %': (picture: Buffer) => cropped(picture, 0.5),
  'cropped by 1 %': (picture: Buffer) => cropped(picture, 1),
  'cropped by 2 %': (picture: Buffer) => cropped(picture, 2),
  'cropped by 5 %': (picture: Buffer) => cropped(picture, 5),
  'shifted by 0.25 %': (picture: Buffer) => shifted(picture, 0.25),
  'shifted by 0.5 %': (picture: Buffer) => shifted(picture, 0.5),
  'shifted by 1 %': (picture: Buffer) => shifted(picture, 1),
  'shifted by 3 %': (picture: Buffer) => shifted(picture, 3),
  'turned by a degree': (picture: Buffer) => saved(sharp(picture).rotate(1, { background: '#888' })),
} satisfies Record<string, (picture: Buffer) => Promise<Buffer>>;

/** A random number from 0 to 1 after another, the same ones for the same seed. */
function randoms(seed: number): () => number {
  let state = seed + 0x6d2b79f5;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * The person of a picture as a camera that stands still sees them at another moment: each part of head and shoulders has gone its own
 * way by about `hundredths` of the width, smoothly, as a head does that turns, nods and speaks; the light has its noise anew. A model,
 * for want of two pictures of one person that may be shipped.
 */
export async function stirred(picture: Buffer, hundredths: number, seed: number): Promise<Buffer> {
  const random = randoms(seed);
  const { data, info } = await sharp(picture).resize(480).greyscale().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const most = (width * hundredths) / 100;
  // Three waves a direction, of half to one and a half lengths of the picture.
  const ways = Array.from({ length: 6 }, () => ({
    x: (0.5 + random()) * 2 * Math.PI * (random() < 0.5 ? -1 : 1),
    y: (0.5 + random()) * 2 * Math.PI,
    from: random() * 2 * Math.PI,
  }));
  const off = (x: number, y: number, first: number): number =>
    ways
      .slice(first, first + 3)
      .reduce((sum, way) => sum + Math.sin((way.x * x) / width + (way.y * y) / height + way.from), 0) *
    (most / Math.sqrt(1.5));
  const at = (x: number, y: number): number =>
    data[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))]!;
  const out = Buffer.alloc(width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const [fromX, fromY] = [x + off(x, y, 0), y + off(x, y, 3)];
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      const [right, down] = [fromX - left, fromY - top];
      const upper = at(left, top) * (1 - right) + at(left + 1, top) * right;
      const lower = at(left, top + 1) * (1 - right) + at(left + 1, top + 1) * right;
      const noise = (random() + random() + random() - 1.5) * 6;
      out[y * width + x] = Math.min(255, Math.max(0, Math.round(upper * (1 - down) + lower * down + noise)));
    }
  return saved(sharp(out, { raw: { width, height, channels: 1 } }), 92);
}
