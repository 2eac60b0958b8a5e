import type { Pixels } from '../../../../platform/portrait-decoder/decode.ts';
import type { Found } from './detector.ts';
import { type Point, place, squareAbout, warp } from './warp.ts';

/** Runs FaceMesh on a crop: whether that is a face, 0 to 1, and 468 points in pixels of the crop. */
export type RunMesh = (crop: Float32Array) => Promise<{ readonly face: number; readonly points: Float32Array }>;

/** What is measured of a face. Left and right are as in the picture. */
export interface Landmarks {
  /** Eyes, tip of the nose and corners of the mouth, in pixels of the picture: what recognition is aligned by. */
  readonly five: readonly [Point, Point, Point, Point, Point];
  /** How far it is turned, degrees: to a side, up or down, and towards a shoulder. */
  readonly pose: { readonly yaw: number; readonly pitch: number; readonly roll: number };
}

export const MESH_SIZE = 192;
/** The network wants a quarter of the face's size about it, and the eyes level. */
const ROOM = 1.5;
const LEAST_FACE = 0.5;

// Points of the canonical face model of MediaPipe: the corners of each eye, and one point of each other part.
const [EYE_LEFT, EYE_RIGHT] = [[33, 133] as const, [362, 263] as const];
const NOSE = 1;
const MOUTH = { left: 61, right: 291 } as const;
const CHEEK = { left: 234, right: 454 } as const;
const [FOREHEAD, CHIN] = [10, 152] as const;

/** Measures a face that was found; nothing when it turns out to be none. */
export async function measure(picture: Pixels, found: Found, run: RunMesh): Promise<Landmarks | undefined> {
  const [[rx, ry], [lx, ly]] = found.eyes;
  const angle = Math.atan2(ly - ry, lx - rx);
  const crop = squareAbout(found.centre, found.side * ROOM, angle, MESH_SIZE);
  const { face, points } = await run(warp(picture, crop, { size: MESH_SIZE, shift: 0, scale: 1 / 255 }));
  if (face < LEAST_FACE) return undefined;
  const at = (index: number): readonly [number, number, number] => [
    points[index * 3]!,
    points[index * 3 + 1]!,
    points[index * 3 + 2]!,
  ];
  const between = ([a, b]: readonly [number, number]): Point => [(at(a)[0] + at(b)[0]) / 2, (at(a)[1] + at(b)[1]) / 2];
  const [left, right] = [place(crop, between(EYE_LEFT)), place(crop, between(EYE_RIGHT))];
  const across = minus(at(CHEEK.right), at(CHEEK.left));
  const down = minus(at(CHIN), at(FOREHEAD));
  return {
    five: [left, right, place(crop, at(NOSE)), place(crop, at(MOUTH.left)), place(crop, at(MOUTH.right))],
    pose: {
      yaw: degrees(across[2], across[0]),
      pitch: degrees(down[2], down[1]),
      roll: degrees(right[1] - left[1], right[0] - left[0]),
    },
  };
}

const minus = (a: readonly number[], b: readonly number[]) => [a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!] as const;

const degrees = (opposite: number, adjacent: number): number => (Math.atan2(opposite, adjacent) * 180) / Math.PI;
