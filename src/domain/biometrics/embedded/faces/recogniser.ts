import type { Pixels } from '../../../../platform/portrait-decoder/decode.ts';
import type { Landmarks } from './landmarks.ts';
import { align, type Point, warp } from './warp.ts';

/** Runs the network that knows faces apart: 512 numbers for a crop. */
export type RunRecogniser = (crop: Float32Array) => Promise<Float32Array>;

export const RECOGNISED_SIZE = 112;

/** Where the network was taught to find eyes, nose and mouth (the template of ArcFace, Deng et al. 2019). */
const TEMPLATE: readonly Point[] = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
];

/** The face as the network wants it, still in octets. */
export const upright = (picture: Pixels, { five }: Landmarks): Float32Array =>
  warp(picture, align(five, TEMPLATE), { size: RECOGNISED_SIZE, shift: 0, scale: 1 });

/** What the network says of a face, of length one. */
export async function template(crop: Float32Array, run: RunRecogniser): Promise<Float32Array> {
  const numbers = await run(crop.map((octet) => (octet - 127) / 128));
  const length = Math.hypot(...numbers);
  return numbers.map((value) => value / length);
}

/** The cosine of the angle between two templates: 1 for one picture with itself, about 0 for two people. */
export const likeness = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, index) => sum + value * other[index]!, 0);
