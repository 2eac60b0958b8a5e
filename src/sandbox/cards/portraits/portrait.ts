import { readFileSync } from 'node:fs';
import { onceEach } from '../authority/once.ts';

/** Drawings: nobody has ever looked like this. */
export type Drawing = 'lotus' | 'cat';

/** A drawing as cards hold it: 240 × 320 pixels. */
export const portrait = onceEach((drawing: Drawing) => ({
  kind: 'jpeg' as const,
  bytes: readFileSync(new URL(`./${drawing}.jpg`, import.meta.url)),
  width: 240,
  height: 320,
}));

const [START_OF_IMAGE, COMMENT] = [2, 0xfffe];
const SAYS = 'senid sandbox drawing of ';

/**
 * The same on the card of somebody: a comment of the file (ITU-T T.81 B.2.4.5) says whose, so that the engine of the sandbox takes the
 * drawing for that person's. What a camera made has none, since pictures are made anew when they come in.
 */
export function portraitOf(drawing: Drawing, identityNumber: string): ReturnType<typeof portrait> {
  const plain = portrait(drawing);
  const text = Buffer.from(SAYS + identityNumber);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(COMMENT);
  head.writeUInt16BE(text.length + 2, 2);
  const [start, rest] = [plain.bytes.subarray(0, START_OF_IMAGE), plain.bytes.subarray(START_OF_IMAGE)];
  return { ...plain, bytes: Buffer.concat([start, head, text, rest]) };
}

/** Whose a chip's drawing is, where it says so. */
export function holderOn(image: Buffer): string | undefined {
  if (image.length < 6 || image.readUInt16BE(START_OF_IMAGE) !== COMMENT) return undefined;
  const length = image.readUInt16BE(START_OF_IMAGE + 2);
  const text = image.subarray(START_OF_IMAGE + 4, START_OF_IMAGE + 2 + length).toString('latin1');
  return text.startsWith(SAYS) ? text.slice(SAYS.length) : undefined;
}
