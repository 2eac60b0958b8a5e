import type { FaceIssue } from '../../face-matcher.ts';
import type { Landmarks } from './landmarks.ts';
import { RECOGNISED_SIZE } from './recogniser.ts';

/** What is asked of an applicant's picture, chosen by eye on a few dozen of them; it is not ISO/IEC 29794-5. */
const LIMITS = {
  /** Pixels between the eyes; a portrait of ISO/IEC 19794-5 has 90. */
  eyes: 45,
  /** Degrees. */
  yaw: 25,
  pitch: 25,
  roll: 20,
  /** Variance of the Laplacian on the crop that is recognised. */
  sharpness: 40,
  /** Mean of its luma, 0 to 255, and how far it spreads about it. */
  dark: 50,
  bright: 215,
  contrast: 15,
} as const;

const MIDDLE = 128;

/** What a crop looks like, in octets of luma. */
export interface Look {
  readonly mean: number;
  readonly spread: number;
  readonly sharpness: number;
}

/** Whether a face is near enough and looks ahead: asked of the picture that somebody has taken of themselves. */
export function misplaced({ five: [left, right], pose }: Landmarks): FaceIssue[] {
  const small = Math.hypot(right[0] - left[0], right[1] - left[1]) < LIMITS.eyes;
  const turned =
    Math.abs(pose.yaw) > LIMITS.yaw || Math.abs(pose.pitch) > LIMITS.pitch || Math.abs(pose.roll) > LIMITS.roll;
  return [...(small ? (['too_small'] as const) : []), ...(turned ? (['turned'] as const) : [])];
}

/** Whether there is enough to see of it. */
export function badlyLit({ mean, spread, sharpness }: Look): FaceIssue[] {
  const flat = spread < LIMITS.contrast;
  if (mean < LIMITS.dark || (flat && mean < MIDDLE)) return ['too_dark'];
  if (mean > LIMITS.bright || flat) return ['too_bright'];
  // Without light there are no edges to be sharp.
  return sharpness < LIMITS.sharpness ? ['blurred'] : [];
}

/** Measures a crop of three channels of octets, one channel behind another. */
export function lookAt(crop: Float32Array): Look {
  const size = RECOGNISED_SIZE;
  const area = size * size;
  const luma = Float32Array.from(
    { length: area },
    (_, at) => 0.299 * crop[at]! + 0.587 * crop[at + area]! + 0.114 * crop[at + 2 * area]!,
  );
  const edges = new Float32Array((size - 2) ** 2);
  for (let y = 1; y < size - 1; y += 1)
    for (let x = 1; x < size - 1; x += 1) {
      const at = y * size + x;
      edges[(y - 1) * (size - 2) + x - 1] =
        luma[at - 1]! + luma[at + 1]! + luma[at - size]! + luma[at + size]! - 4 * luma[at]!;
    }
  const [{ mean, variance }, { variance: sharpness }] = [moments(luma), moments(edges)];
  return { mean, spread: Math.sqrt(variance), sharpness };
}

function moments(values: Float32Array): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}
