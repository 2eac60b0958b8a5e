import type { Pixels } from '../../../../platform/portrait-decoder/decode.ts';

/** A place in a picture; `z` where a network says how far behind. */
export type Point = readonly [x: number, y: number, z?: number];

/**
 * Where a place of a crop lies in the picture: turned, scaled and moved, never sheared. `x' = re·x − im·y + dx` and
 * `y' = im·x + re·y + dy`: a multiplication of complex numbers.
 */
export interface Similarity {
  readonly re: number;
  readonly im: number;
  readonly dx: number;
  readonly dy: number;
}

export const place = ({ re, im, dx, dy }: Similarity, [x, y]: Point): [number, number] => [
  re * x - im * y + dx,
  im * x + re * y + dy,
];

/** The square crop of so many pixels a side about a centre, `side` wide in the picture and turned by `angle` radians. */
export function squareAbout([x, y]: Point, side: number, angle: number, size: number): Similarity {
  const [re, im] = [(Math.cos(angle) * side) / size, (Math.sin(angle) * side) / size];
  return { re, im, dx: x - ((re - im) * size) / 2, dy: y - ((im + re) * size) / 2 };
}

/** The crop in which the points come nearest to where the template has them (least squares; Umeyama 1991 without mirror). */
export function align(points: readonly Point[], template: readonly Point[]): Similarity {
  const mean = (of: readonly Point[], axis: 0 | 1): number =>
    of.reduce((sum, point) => sum + point[axis], 0) / of.length;
  const [px, py, tx, ty] = [mean(points, 0), mean(points, 1), mean(template, 0), mean(template, 1)];
  let [re, im, norm] = [0, 0, 0];
  points.forEach(([x, y], index) => {
    const [a, b] = [x - px, y - py];
    const [c, d] = [template[index]![0] - tx, template[index]![1] - ty];
    re += a * c + b * d;
    im += a * d - b * c;
    norm += a * a + b * b;
  });
  // Found from the picture to the template; sampled the other way.
  const size = (re * re + im * im) / norm;
  const back = { re: re / size, im: -im / size };
  return { ...back, dx: px - (back.re * tx - back.im * ty), dy: py - (back.im * tx + back.re * ty) };
}

/**
 * A crop as a network takes it: channel by channel, each value `(octet − shift) · scale`. What is made smaller is averaged,
 * so that fine patterns do not become coarse ones; what lies outside the picture is black.
 */
export function warp(
  { width, height, pixels }: Pixels,
  { re, im, dx, dy }: Similarity,
  out: { readonly size: number; readonly shift: number; readonly scale: number },
): Float32Array {
  const { size, shift, scale } = out;
  const area = size * size;
  const values = new Float32Array(3 * area);
  const finer = Math.min(8, Math.max(1, Math.round(Math.hypot(re, im))));
  const share = 1 / (finer * finer);
  const below = width * 3;
  // Of nine pixels or more the mean is as good without looking between them, and costs a fraction. No arrays and no calls in here:
  // half a million pixels of each picture pass through.
  const between = finer < 3;
  for (let to = 0; to < area; to += 1) {
    const x = to % size;
    const y = (to - x) / size;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let row = 0.5; row < finer; row += 1) {
      const v = y + row / finer - 0.5;
      for (let column = 0.5; column < finer; column += 1) {
        const u = x + column / finer - 0.5;
        const sx = re * u - im * v + dx;
        const sy = im * u + re * v + dy;
        if (sx < 0 || sy < 0 || sx >= width - 1 || sy >= height - 1) continue;
        if (!between) {
          const at = (Math.trunc(sy + 0.5) * width + Math.trunc(sx + 0.5)) * 3;
          red += pixels[at]!;
          green += pixels[at + 1]!;
          blue += pixels[at + 2]!;
          continue;
        }
        const left = Math.trunc(sx);
        const top = Math.trunc(sy);
        const fx = sx - left;
        const fy = sy - top;
        const a = (1 - fx) * (1 - fy);
        const b = fx * (1 - fy);
        const c = (1 - fx) * fy;
        const d = fx * fy;
        const at = (top * width + left) * 3;
        const under = at + below;
        red += a * pixels[at]! + b * pixels[at + 3]! + c * pixels[under]! + d * pixels[under + 3]!;
        green += a * pixels[at + 1]! + b * pixels[at + 4]! + c * pixels[under + 1]! + d * pixels[under + 4]!;
        blue += a * pixels[at + 2]! + b * pixels[at + 5]! + c * pixels[under + 2]! + d * pixels[under + 5]!;
      }
    }
    values[to] = (red * share - shift) * scale;
    values[to + area] = (green * share - shift) * scale;
    values[to + 2 * area] = (blue * share - shift) * scale;
  }
  return values;
}
