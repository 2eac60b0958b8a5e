import { createRequire } from 'node:module';
import { demand } from '../../standards/icao9303/refusal.ts';

/** Samples side by side, row by row, eight bits each. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly bytes: Uint8Array;
}

/** As much of the codec as is used; its package has no types. */
interface Decoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number; isSigned: boolean };
  getColorSpace(): number;
  delete(): void;
}
type Codec = (settings: {
  locateFile: () => string;
  print: (line: string) => void;
  printErr: (line: string) => void;
}) => Promise<{ J2KDecoder: new () => Decoder }>;

/** A package of CommonJS whose entries carry no file extension. */
const load = createRequire(import.meta.url);
/** OPJ_COLOR_SPACE: unknown, unspecified, sRGB, grey. The others want a conversion that is not here. */
const PLAIN_COLOURS: readonly number[] = [-1, 0, 1, 2];
const MEMORY_BYTES = 384 * 1024 * 1024;

/** As much of the global `WebAssembly` as is used here; Node's types leave it to the browser's. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: WasmMemory } } }).WebAssembly;

/**
 * Bounds the memory of all WebAssembly in this thread: the codec's own bound is 2 GiB, and a codestream of a few octets
 * can ask for that. Only for a thread that does nothing else.
 */
export function boundWebAssemblyMemory(bytes = MEMORY_BYTES): void {
  const { grow } = Memory.prototype;
  Memory.prototype.grow = function (this: WasmMemory, pages: number): number {
    if (this.buffer.byteLength + pages * 65_536 > bytes) throw new RangeError('more memory than any portrait needs');
    return grow.call(this, pages);
  };
}

/**
 * Decodes JPEG 2000 with OpenJPEG, in an instance of its own: nothing of one portrait is left for the next. The codec
 * reports a broken image by a size of nothing or a line of text, throws a number where it is out of memory, and prints.
 * @throws Refused image.malformed
 */
export async function decodeJpeg2000(encoded: Uint8Array, said: Omit<Samples, 'bytes'>): Promise<Samples> {
  let failed = false;
  const listen = (line: string): void => {
    if (line.startsWith('[ERROR]')) failed = true;
  };
  const codec = load('@cornerstonejs/codec-openjpeg/decodewasmjs') as Codec;
  const file = load.resolve('@cornerstonejs/codec-openjpeg/decodewasm');
  const { J2KDecoder } = await codec({ locateFile: () => file, print: listen, printErr: listen });
  const decoder = new J2KDecoder();
  try {
    decoder.getEncodedBuffer(encoded.length).set(encoded);
    decoder.decode();
  } catch {
    failed = true;
  }
  demand(!failed, 'image.malformed');
  const { width, height, bitsPerSample, componentCount, isSigned } = decoder.getFrameInfo();
  demand(width === said.width && height === said.height && componentCount === said.channels, 'image.malformed');
  demand(bitsPerSample === 8 && !isSigned && PLAIN_COLOURS.includes(decoder.getColorSpace()), 'image.malformed');
  // A copy: the view is of the codec's memory.
  const bytes = decoder.getDecodedBuffer().slice();
  demand(bytes.length === width * height * componentCount, 'image.malformed');
  decoder.delete();
  return { width, height, channels: componentCount, bytes };
}
