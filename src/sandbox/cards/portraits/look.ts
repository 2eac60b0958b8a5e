import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { Seen } from '../../../domain/biometrics/index.ts';
import { once } from '../authority/once.ts';
import { MARKS, type Mark } from './drawing.ts';
import { type Drawing, holderOn, portrait } from './portrait.ts';
import { COLUMNS, faceOf, ROWS, readStripes } from './stripes.ts';

/** How the engine of the sandbox answers to each mark. */
const SEEN: Record<Mark, Partial<Extract<Seen, { face: string }>>> = {
  plain: {},
  screen: { pad: 'fail' },
  unchecked: { pad: 'not_performed' },
  several: { issues: ['several_faces'] },
  small: { issues: ['too_small'] },
  turned: { issues: ['turned'] },
  blurred: { issues: ['blurred'] },
  dark: { issues: ['too_dark'] },
  bright: { issues: ['too_bright'] },
  undecided: { undecided: true },
  silent: { mood: 'busy' },
};

const MOST_PIXELS = 50_000_000;
/** A drawing of 480 × 640 in eighths of a square: 96 × 128. */
const [CELL, WIDTH, HEIGHT] = [8, 96, 128];

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The drawings of chips that are nobody's: known by their bytes, since a chip hands them out as they are. */
const onChips = once(
  () => new Map((['lotus', 'cat'] as const).map((name: Drawing) => [sha256(portrait(name).bytes), name])),
);

/**
 * Looks at a picture for the simulated engine: whose drawing it is, and what is the matter with it. Of a picture of anything that
 * lives it says `no_face`: it knows no face of anybody.
 */
export async function look(image: Buffer): Promise<Seen> {
  const known = onChips().get(sha256(image));
  if (known) return { face: known };
  const holder = holderOn(image);
  if (holder !== undefined) return { face: `drawing ${faceOf(holder)}` };
  const squares = await squaresOf(image);
  if (squares === 'unreadable') return { issues: ['unreadable'] };
  const read = squares && readStripes(squares);
  const mark = read && MARKS[read.mark];
  return mark ? { face: `drawing ${read.person}`, ...SEEN[mark] } : { issues: ['no_face'] };
}

/** The squares at the foot of the picture, where each is clearly black or clearly white. */
async function squaresOf(image: Buffer): Promise<boolean[] | undefined | 'unreadable'> {
  try {
    const source = sharp(image, { limitInputPixels: MOST_PIXELS, failOn: 'error' }).autoOrient();
    const { autoOrient: size } = await source.metadata();
    if (Math.abs(size.width / size.height - WIDTH / HEIGHT) > 0.03) return undefined;
    const pixels = await source.resize(WIDTH, HEIGHT, { fit: 'fill' }).flatten().greyscale().raw().toBuffer();
    const squares = Array.from({ length: COLUMNS * ROWS }, (_, place) => {
      const [left, top] = [(place % COLUMNS) * CELL, HEIGHT - (ROWS - Math.floor(place / COLUMNS)) * CELL];
      return pixels[(top + CELL / 2) * WIDTH + left + CELL / 2] ?? 128;
    });
    return squares.every((grey) => grey < 80 || grey > 176) ? squares.map((grey) => grey > 128) : undefined;
  } catch {
    return 'unreadable';
  }
}
