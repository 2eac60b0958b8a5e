import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createPortraitDecoder,
  type PortraitDecoder,
  type PortraitDecoderOptions,
} from '../../../../src/platform/portrait-decoder/portrait-decoder.ts';
import { parseDg2, readPortrait, writeDg2 } from '../../../../src/standards/icao9303/lds/index.ts';
import { asRefusal } from '../../../../src/standards/icao9303/refusal.ts';
import { vectors, vectorTest } from '../../../support/card-vectors.ts';
import { codestream } from '../../standards/icao9303/lds/lds.ts';

const open: PortraitDecoder[] = [];
const decoder = (options?: PortraitDecoderOptions): PortraitDecoder => {
  const made = createPortraitDecoder({ timeoutMs: 20_000, ...options });
  open.push(made);
  return made;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** The left half red, the right half blue. */
const twoHalves = (width: number, height: number) => {
  const half = { width: Math.floor(width / 2), height, channels: 3 } as const;
  return sharp({ create: { ...half, width, background: 'blue' } }).composite([
    { input: { create: { ...half, background: 'red' } }, left: 0, top: 0 },
  ]);
};
const jpegOf = async (width: number, height: number, orientation = 1): Promise<Buffer> =>
  twoHalves(width, height).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
/** The same halves as a JPEG 2000 codestream. */
async function jpeg2000Of(width: number, height: number): Promise<Buffer> {
  const require = createRequire(import.meta.url);
  const file = require.resolve('@cornerstonejs/codec-openjpeg/wasm');
  const silent = () => undefined;
  const codec = require('@cornerstonejs/codec-openjpeg/wasmjs');
  const { J2KEncoder } = await codec({ locateFile: () => file, print: silent, printErr: silent });
  const encoder = new J2KEncoder();
  const frame = { width, height, bitsPerSample: 8, componentCount: 3, isSigned: false, isUsingColorTransform: true };
  encoder.getDecodedBuffer(frame).set(await twoHalves(width, height).removeAlpha().raw().toBuffer());
  encoder.encode();
  return Buffer.from(encoder.getEncodedBuffer());
}

const refusal = async (work: Promise<unknown>) => work.then(() => 'decoded', asRefusal);
const file = (name: string): Buffer => readFileSync(join(vectors!, name));
const passport = () => parseDg2(file('bsi/bdr2008_EF_DG2.bin')).images[0];
const colourAt = ({ pixels, width }: { pixels: Buffer; width: number }, x: number, y: number): number[] => [
  ...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];
const near = (colour: number[], to: number[]) => colour.every((value, at) => Math.abs(value - to[at]!) < 12);

describe('JPEG', { timeout: 30_000 }, () => {
  test('is decoded to three octets a pixel', async () => {
    const bytes = await jpegOf(200, 100);
    const [image] = parseDg2(writeDg2({ kind: 'jpeg', bytes, width: 200, height: 100 })).images;
    const decoded = (await decoder().decode(image))!;
    expect(decoded).toMatchObject({ width: 200, height: 100, channels: 3 });
    expect(decoded.pixels).toHaveLength(200 * 100 * 3);
    expect(near(colourAt(decoded, 10, 50), [255, 0, 0])).toBe(true);
    expect(near(colourAt(decoded, 190, 50), [0, 0, 255])).toBe(true);
  });

  test('is turned upright as its metadata say', async () => {
    const decoded = (await decoder().decode(readPortrait(await jpegOf(200, 100, 6))))!;
    expect(decoded).toMatchObject({ width: 100, height: 200 });
    expect(near(colourAt(decoded, 50, 10), [255, 0, 0])).toBe(true);
  });

  test('in grey becomes three channels, and a large one is scaled down', async () => {
    const large = await twoHalves(1_920, 1_280).toColourspace('b-w').jpeg({ quality: 30 }).toBuffer();
    const image = readPortrait(large);
    expect(image.components).toBe(1);
    expect(await decoder().decode(image)).toMatchObject({ width: 1_280, height: 853, channels: 3 });
  });

  test('cut short, changed or with a lying header is refused, and the next one is decoded', async () => {
    const one = decoder();
    const bytes = await jpegOf(200, 100);
    const good = readPortrait(bytes);
    const cut = bytes.subarray(0, bytes.length - 200);
    expect(await refusal(one.decode(readPortrait(cut)))).toEqual({ code: 'image.malformed' });
    expect(await refusal(one.decode({ ...good, bytes: Buffer.alloc(0) }))).toEqual({ code: 'image.malformed' });
    expect(await refusal(one.decode({ ...good, width: 20, height: 10 }))).toEqual({ code: 'image.malformed' });
    expect(await one.decode(good)).toMatchObject({ width: 200 });
  });
});

describe('JPEG 2000', { timeout: 30_000 }, () => {
  vectorTest('of a real chip is decoded, and the caller keeps its bytes', async () => {
    const image = passport();
    const before = Buffer.from(image.bytes);
    const decoded = (await decoder().decode(image))!;
    expect(decoded).toMatchObject({ width: 413, height: 531, channels: 3 });
    expect(decoded.pixels).toHaveLength(413 * 531 * 3);
    // A picture, not a plain: many colours.
    expect(new Set(decoded.pixels).size).toBeGreaterThan(100);
    expect(image.bytes.equals(before)).toBe(true);
  });

  vectorTest('as the ISO 39794-5 sample has it is decoded', async () => {
    const [image] = parseDg2(file('dg2/ICAO_39794_5_AP_DG2_AllFields.dat')).images;
    expect(await decoder().decode(image)).toMatchObject({ width: 413, height: 531, channels: 3 });
  });

  vectorTest('cut anywhere is refused', async () => {
    const one = decoder();
    const image = passport();
    for (const length of [200, 1_000, 10_000, image.bytes.length - 1]) {
      const cut = { ...image, bytes: image.bytes.subarray(0, length) };
      expect(await refusal(one.decode(cut)), String(length)).toEqual({ code: 'image.malformed' });
    }
    expect(await refusal(one.decode({ ...image, bytes: Buffer.alloc(0) }))).toEqual({ code: 'image.malformed' });
    expect(await refusal(one.decode({ ...image, width: 412 }))).toEqual({ code: 'image.malformed' });
    expect(await one.decode(image)).toMatchObject({ width: 413 });
  });

  test('of four million pixels is decoded, its codestream alone too', async () => {
    const image = readPortrait(await jpeg2000Of(2_000, 2_000));
    expect(image).toMatchObject({ kind: 'jpeg2000', width: 2_000, height: 2_000, components: 3 });
    const decoded = (await decoder().decode(image))!;
    expect(decoded).toMatchObject({ width: 1_280, height: 1_280 });
    expect(near(colourAt(decoded, 10, 600), [255, 0, 0])).toBe(true);
    expect(near(colourAt(decoded, 1_270, 600), [0, 0, 255])).toBe(true);
  });

  test('has a bound on the memory that it takes', async () => {
    const module = new URL('../../../../src/platform/portrait-decoder/openjpeg.ts', import.meta.url);
    const thread = new Worker(
      `import(${JSON.stringify(module.href)}).then(({ boundWebAssemblyMemory }) => {
        boundWebAssemblyMemory(10 * 65536);
        const memory = new WebAssembly.Memory({ initial: 1, maximum: 100 });
        const grown = [9, 1].map((pages) => { try { return memory.grow(pages); } catch { return 'refused'; } });
        require('node:worker_threads').parentPort.postMessage(grown);
      });`,
      { eval: true, execArgv: [] },
    );
    const [grown] = await once(thread, 'message');
    expect(grown).toEqual([1, 'refused']);
    await thread.terminate();
  });

  test('of a header alone is refused', async () => {
    const image = readPortrait(codestream({ width: 2_000, height: 2_000 }));
    expect(await refusal(decoder().decode(image))).toEqual({ code: 'image.malformed' });
  });
});

describe('the threads', { timeout: 30_000 }, () => {
  test('an image that takes too long is refused, and another thread takes the next one', async () => {
    const one = decoder({ timeoutMs: 1 });
    const slow = readPortrait(await twoHalves(2_000, 2_000).toColourspace('b-w').jpeg({ quality: 1 }).toBuffer());
    expect(await refusal(one.decode(slow))).toEqual({ code: 'image.malformed', about: 'time' });
    expect(await refusal(one.decode(slow))).toEqual({ code: 'image.malformed', about: 'time' });
  });

  test('more than may wait are turned away; the others are decoded', async () => {
    const one = decoder({ maxQueue: 2 });
    const image = readPortrait(await jpegOf(200, 100));
    const answers = await Promise.all(Array.from({ length: 5 }, () => one.decode(image)));
    expect(answers.map((answer) => answer?.width)).toEqual([200, 200, 200, undefined, undefined]);
  });

  test('the server goes on while an image is decoded', async () => {
    const one = decoder();
    await one.decode(readPortrait(await jpegOf(20, 10)));
    const large = readPortrait(await twoHalves(2_000, 2_000).toColourspace('b-w').jpeg({ quality: 1 }).toBuffer());
    let turns = 0;
    let decoding = true;
    const work = one.decode(large).finally(() => {
      decoding = false;
    });
    while (decoding) {
      await turn();
      turns += 1;
    }
    await work;
    expect(turns).toBeGreaterThan(20);
  });

  test('print nothing, and keep no process alive', async () => {
    const from = (path: string) => JSON.stringify(new URL(`../../../../src/${path}`, import.meta.url).href);
    const bytes = JSON.stringify((await jpeg2000Of(64, 64)).toString('base64'));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { createPortraitDecoder } from ${from('platform/portrait-decoder/portrait-decoder.ts')};
       import { readPortrait } from ${from('standards/icao9303/lds/index.ts')};
       const image = readPortrait(Buffer.from(${bytes}, 'base64'));
       const decoder = createPortraitDecoder();
       await decoder.decode({ ...image, bytes: image.bytes.subarray(0, 150) }).catch(() => undefined);
       process.stdout.write(String((await decoder.decode(image)).width));`,
    ]);
    expect([stdout, stderr]).toEqual(['64', '']);
  });

  test('closing ends what is waiting and running, and nothing is decoded after it', async () => {
    const one = decoder();
    const image = readPortrait(await jpegOf(200, 100));
    const work = [one.decode(image), one.decode(image)].map((job) => job.then(String, (error: Error) => error.message));
    await one.close();
    const gone = 'the portrait decoder is closed';
    expect(await Promise.all(work)).toEqual([gone, gone]);
    await expect(one.decode(image)).rejects.toThrow(gone);
  });
});
