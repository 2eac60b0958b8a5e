import type { Pixels } from '../../../../platform/portrait-decoder/decode.ts';
import { type Point, place, type Similarity, squareAbout, warp } from './warp.ts';

/** A face that was found: the square about it and its eyes, in pixels of the picture. */
export interface Found {
  readonly centre: Point;
  readonly side: number;
  /** As they lie in the picture: the person's right eye first. */
  readonly eyes: readonly [Point, Point];
  /** How sure the network is, 0 to 1. */
  readonly certainty: number;
}

/** Runs BlazeFace on a crop: for each anchor a logit and sixteen numbers. */
export type RunDetector = (crop: Float32Array) => Promise<{
  readonly logits: readonly [Float32Array, Float32Array];
  readonly boxes: readonly [Float32Array, Float32Array];
}>;

export const DETECTOR_SIZE = 256;
const LEAST_CERTAINTY = 0.5;
/** Two boxes that share more than this are one face. */
const SAME_FACE = 0.3;
/** A face of less than this share of the largest is somebody in the background. */
const BACKGROUND = 0.3;

/** Where each of the 896 answers stands: two to a cell of 16 × 16, then six to a cell of 8 × 8. */
const ANCHORS: readonly (readonly Point[])[] = [
  { cells: 16, each: 2 },
  { cells: 8, each: 6 },
].map(({ cells, each }) =>
  Array.from({ length: cells * cells * each }, (_, index): Point => {
    const cell = Math.floor(index / each);
    const stride = DETECTOR_SIZE / cells;
    return [((cell % cells) + 0.5) * stride, (Math.floor(cell / cells) + 0.5) * stride];
  }),
);

/**
 * The faces of a picture, the largest first, without those far behind. The network sees 256 × 256 pixels: a face that is small in
 * a wide picture is looked for a second time, in the middle of it.
 */
export async function findFaces(picture: Pixels, run: RunDetector): Promise<readonly Found[]> {
  const { width, height } = picture;
  const longer = Math.max(width, height);
  for (const side of [longer, longer / 2]) {
    const crop = squareAbout([width / 2, height / 2], side, 0, DETECTOR_SIZE);
    const { logits, boxes } = await run(warp(picture, crop, { size: DETECTOR_SIZE, shift: 127, scale: 1 / 127 }));
    const seen = ANCHORS.flatMap((anchors, layer) => candidates(anchors, logits[layer]!, boxes[layer]!));
    const faces = separate(seen).map((face) => inPicture(face, crop));
    const [largest] = faces.toSorted((a, b) => b.side - a.side);
    if (largest)
      return faces.filter((face) => face.side >= BACKGROUND * largest.side).toSorted((a, b) => b.side - a.side);
  }
  return [];
}

function candidates(anchors: readonly Point[], logits: Float32Array, boxes: Float32Array): Found[] {
  return anchors.flatMap(([x, y], index) => {
    const certainty = 1 / (1 + Math.exp(-logits[index]!));
    if (certainty < LEAST_CERTAINTY) return [];
    const [dx, dy, width, height, rx, ry, lx, ly] = boxes.subarray(index * 16, index * 16 + 8);
    const eyes = [
      [x + rx!, y + ry!],
      [x + lx!, y + ly!],
    ] as const;
    return [{ centre: [x + dx!, y + dy!] as const, side: Math.max(width!, height!), eyes, certainty }];
  });
}

/** The surest of those that overlap. */
function separate(faces: readonly Found[]): Found[] {
  const kept: Found[] = [];
  for (const face of faces.toSorted((a, b) => b.certainty - a.certainty))
    if (kept.every((other) => overlap(face, other) <= SAME_FACE)) kept.push(face);
  return kept;
}

/** Intersection over union of two squares. */
function overlap(one: Found, other: Found): number {
  const along = (axis: 0 | 1): number =>
    Math.max(
      0,
      Math.min(one.centre[axis] + one.side / 2, other.centre[axis] + other.side / 2) -
        Math.max(one.centre[axis] - one.side / 2, other.centre[axis] - other.side / 2),
    );
  const shared = along(0) * along(1);
  return shared / (one.side ** 2 + other.side ** 2 - shared);
}

const inPicture = ({ centre, side, eyes: [right, left], certainty }: Found, crop: Similarity): Found => ({
  centre: place(crop, centre),
  side: side * Math.hypot(crop.re, crop.im),
  eyes: [place(crop, right), place(crop, left)],
  certainty,
});
