import type { Pixels } from '../../../platform/portrait-decoder/decode.ts';

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
  from: Similarity,
  out: { readonly size: number; readonly shift: number; readonly scale: number },
): Float32Array {
  const { size, shift, scale } = out;
  const area = size * size;
  const values = new Float32Array(3 * area);
  const finer = Math.min(8, Math.max(1, Math.round(Math.hypot(from.re, from.im))));
  const share = 1 / (finer * finer);
  // Of nine pixels or more the mean is as good without looking between them, and costs a quarter.
  const between = finer < 3;
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      let [red, green, blue] = [0, 0, 0];
      for (let part = 0; part < finer * finer; part += 1) {
        const u = x + ((part % finer) + 0.5) / finer - 0.5;
        const v = y + (Math.floor(part / finer) + 0.5) / finer - 0.5;
        const sx = from.re * u - from.im * v + from.dx;
        const sy = from.im * u + from.re * v + from.dy;
        const left = Math.floor(between ? sx : sx + 0.5);
        const top = Math.floor(between ? sy : sy + 0.5);
        if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) continue;
        const at = (top * width + left) * 3;
        if (!between) {
          red += pixels[at]!;
          green += pixels[at + 1]!;
          blue += pixels[at + 2]!;
          continue;
        }
        const [fx, fy] = [sx - left, sy - top];
        const [a, b, c, d] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
        const below = at + width * 3;
        red += a * pixels[at]! + b * pixels[at + 3]! + c * pixels[below]! + d * pixels[below + 3]!;
        green += a * pixels[at + 1]! + b * pixels[at + 4]! + c * pixels[below + 1]! + d * pixels[below + 4]!;
        blue += a * pixels[at + 2]! + b * pixels[at + 5]! + c * pixels[below + 2]! + d * pixels[below + 5]!;
      }
      const to = y * size + x;
      values[to] = (red * share - shift) * scale;
      values[to + area] = (green * share - shift) * scale;
      values[to + 2 * area] = (blue * share - shift) * scale;
    }
  }
  return values;
}
