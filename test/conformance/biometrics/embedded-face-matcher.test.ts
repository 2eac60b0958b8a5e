import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type App, createApp } from '../../../src/app.ts';
import { MAX_QUEUE } from '../../../src/domain/biometrics/embedded/embedded-face-matcher.ts';
import { readWeights, WEIGHTS_FOLDER } from '../../../src/domain/biometrics/embedded/weights.ts';
import { createEmbeddedFaceMatcher, type FaceResult, passes } from '../../../src/domain/biometrics/index.ts';
import { createPortraitDecoder } from '../../../src/platform/portrait-decoder/portrait-decoder.ts';
import { sentenceOf } from '../../../src/serve/refusal.ts';
import { freshDatabase } from '../../support/database.ts';
import { environmentOf, settingsOf } from '../../support/settings.ts';

const picture = (name: string): Promise<Buffer> => readFile(new URL(`../../vectors/faces/${name}`, import.meta.url));

/** Milliseconds: two or three seconds of a core, on a machine where others want it too. */
const COLD_START = 90_000;

/** One engine for all: it takes seconds to begin. It is the one of an application, with its readiness around it. */
describe('the embedded engine', () => {
  const threads: Worker[] = [];
  const note = (thread: Worker): void => void threads.push(thread);
  let app: App;
  let end: () => Promise<unknown>;
  beforeAll(async () => {
    const { url, end: drop } = await freshDatabase({ template: 'template_sandbox' });
    const folder = await mkdtemp(join(tmpdir(), 'senid-face-'));
    end = () => Promise.all([drop(), rm(folder, { recursive: true })]);
    const chosen = { FACE_MATCHER: 'embedded', FACE_PAD_REQUIRED: 'none' };
    app = await createApp(settingsOf(environmentOf(url, 3000, folder, chosen)));
  });
  afterAll(async () => {
    await app?.stop();
    process.off('worker', note);
    await end?.();
  });

  const engine = () => app.parts.registers.embedded!;
  const readiness = async () => (await app.health.ready()).checks['face-engine'];
  const compare = async (probe: string | Buffer, reference: string | Buffer = 'hopper-portrait.jpg') =>
    engine().compare({
      probe: typeof probe === 'string' ? await picture(probe) : probe,
      reference: typeof reference === 'string' ? await picture(reference) : reference,
    });
  const said = ({ outcome, issues }: FaceResult): string[] => [outcome, ...issues];

  test(
    'is not ready before it is warm',
    async () => {
      process.on('worker', note);
      await app.start();
      expect(await readiness()).toBe('failing');
      await engine().warm();
      expect(await readiness()).toBe('ok');
    },
    COLD_START,
  );

  test('one person is a match, also in JPEG 2000, PNG and grey', async () => {
    const png = await sharp(await picture('collins-variant.jpg'))
      .png()
      .toBuffer();
    const grey = await sharp(await picture('collins-variant.jpg'))
      .greyscale()
      .jpeg()
      .toBuffer();
    for (const probe of ['collins-variant.jpg', png, grey]) {
      const result = await compare(probe, 'collins-portrait.jp2');
      expect(result).toMatchObject({ outcome: 'match', issues: [], threshold: 0.45 });
      // In grey the network knows less.
      expect(result.score).toBeGreaterThan(probe === grey ? 0.8 : 0.95);
    }
  });

  test('two people are none', async () => {
    const result = await compare('hopper-portrait.jpg', 'collins-portrait.jpg');
    expect(result).toMatchObject({ outcome: 'no_match', issues: [], threshold: 0.45 });
    expect(result.score).toBeLessThan(0.3);
  });

  test('says that it looked for no presentation attack, so that whoever asks for it does not get it', async () => {
    const result = await compare('hopper-portrait.jpg');
    expect([engine().pad, result.pad]).toEqual(['none', { level: 'none', result: 'not_performed' }]);
    expect([passes(result, 'none'), passes(result, 'active-challenge'), passes(result, 'tested')]).toEqual([
      ...[true, false, false],
    ]);
    expect(result.engine).toEqual({ name: 'embedded-face', version: '1+87aacdfe' });
  });

  test.each([
    ['hopper-blurred.jpg', 'blurred'],
    ['hopper-dark.jpg', 'too_dark'],
    ['no-face.jpg', 'no_face'],
    ['two-faces.jpg', 'several_faces'],
  ])('%s is inconclusive: %s', async (probe, issue) => {
    expect(said(await compare(probe))).toEqual(['inconclusive', issue]);
  });

  test('a face that is small, turned, or in glaring light is inconclusive', async () => {
    const face = await picture('hopper-portrait.jpg');
    const small = await sharp(face).resize(240).jpeg().toBuffer();
    const turned = await sharp(face).rotate(30, { background: '#888' }).jpeg().toBuffer();
    const bright = await sharp(face).linear(1, 130).jpeg().toBuffer();
    expect(said(await compare(small))).toEqual(['inconclusive', 'too_small']);
    expect(said(await compare(turned))).toEqual(['inconclusive', 'turned']);
    expect(said(await compare(bright))).toContain('too_bright');
  });

  test('a face that is small in a wide picture is found on a second look', async () => {
    const wide = await sharp(await picture('hopper-portrait.jpg'))
      .resize(240)
      .extend({ top: 500, bottom: 500, left: 520, right: 520, background: '#776' })
      .jpeg()
      .toBuffer();
    // Found and measured, so that the applicant is told what to do: to come closer.
    expect(said(await compare(wide))).toEqual(['inconclusive', 'too_small']);
  });

  test('what is wrong with the register’s picture is not laid at the applicant’s door', async () => {
    const whole = await picture('collins-portrait.jp2');
    expect(said(await compare('hopper-portrait.jpg', 'no-face.jpg'))).toEqual(['inconclusive', 'reference_no_face']);
    for (const reference of ['two-faces.jpg', whole.subarray(0, whole.length / 2)])
      expect(said(await compare('hopper-portrait.jpg', reference))).toEqual(['inconclusive', 'reference_unreadable']);
    // Too poor to tell people apart by, and good enough to know one.
    const blurred = await sharp(await picture('hopper-portrait.jpg'))
      .blur(6)
      .jpeg()
      .toBuffer();
    expect(said(await compare('collins-portrait.jpg', blurred))).toEqual(['inconclusive', 'reference_unreadable']);
    expect(said(await compare('hopper-portrait.jpg', blurred))).toEqual(['match']);
  });

  test('hostile pictures are unreadable, and the thread that knows faces never sees them', async () => {
    const [engineThread] = threads;
    const jpeg = await picture('hopper-portrait.jpg');
    const png = await sharp(jpeg).resize(64).png().toBuffer();
    const jp2 = await picture('collins-portrait.jp2');
    const changed = (bytes: Buffer, at: number, ...octets: number[]): Buffer => {
      const copy = Buffer.from(bytes);
      copy.set(octets, at);
      return copy;
    };
    const hostile: Record<string, Buffer> = {
      nothing: Buffer.alloc(0),
      words: Buffer.from('no picture'),
      'half a JPEG': jpeg.subarray(0, jpeg.length / 2),
      'half a JPEG 2000': jp2.subarray(0, jp2.length / 2),
      'half a PNG': png.subarray(0, png.length / 2),
      'a PNG of 4 thousand million pixels': changed(png, 16, 0, 1, 0, 0, 0, 1, 0, 0),
      'a PNG that says that it is smaller': changed(png, 16, 0, 0, 0, 8, 0, 0, 0, 8),
      'a PNG of nothing': changed(png, 16, 0, 0, 0, 0),
      'more than 2 MiB': Buffer.concat([jpeg, Buffer.alloc(2 * 1024 * 1024)]),
    };
    for (const [what, bytes] of Object.entries(hostile))
      expect([what, ...said(await compare(bytes))]).toEqual([what, 'inconclusive', 'unreadable']);
    expect(engineThread!.threadId).toBeGreaterThan(0);
    expect(await readiness()).toBe('ok');
  });

  test('so many may wait; one more is told at once that it is busy', async () => {
    const probe = await picture('no-face.jpg');
    const asked = Array.from({ length: MAX_QUEUE + 3 }, () => engine().compare({ probe, reference: probe }));
    await expect(asked.at(-1)).rejects.toMatchObject({ code: 'face_matcher.unavailable', facts: { reason: 'busy' } });
    const ended = await Promise.allSettled(asked);
    expect(ended.map(({ status }) => status)).toEqual([
      ...Array.from({ length: MAX_QUEUE + 1 }, () => 'fulfilled'),
      ...['rejected', 'rejected'],
    ]);
    expect(await app.metrics()).toContain('partner="face_matcher",outcome="busy"} 2');
  });

  test(
    'a thread that dies at its work is one error, red for a moment, and another one',
    async () => {
      const [engineThread] = threads;
      const given = new Promise<void>((resolve) => {
        const post = engineThread!.postMessage.bind(engineThread) as (...words: unknown[]) => void;
        vi.spyOn(engineThread!, 'postMessage').mockImplementationOnce((...words: unknown[]) => {
          post(...words);
          resolve();
        });
      });
      const dying = compare('hopper-portrait.jpg');
      const died = expect(dying).rejects.toMatchObject({
        ...{ code: 'face_matcher.unavailable', status: 503, facts: { reason: 'unreachable' } },
      });
      // Not before it has the pictures: a thread that dies idle is replaced, and nobody notices.
      await given;
      await engineThread!.terminate();
      await died;
      expect(await readiness()).toBe('failing');
      // Nobody asked for it.
      await engine().warm();
      expect(await compare('hopper-portrait.jpg')).toMatchObject({ outcome: 'match' });
      expect(await readiness()).toBe('ok');
    },
    COLD_START,
  );

  test('stops with the application', async () => {
    const alive = threads.filter(({ threadId }) => threadId > 0);
    expect(alive.length).toBeGreaterThan(0);
    await engine().close();
    expect(threads.filter(({ threadId }) => threadId > 0)).toEqual([]);
    await expect(compare('hopper-portrait.jpg')).rejects.toMatchObject({ facts: { reason: 'unreachable' } });
  });
});

test('weights that are not the release’s stop the start, in a sentence that names the file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'senid-weights-'));
  try {
    await cp(WEIGHTS_FOLDER, folder, { recursive: true });
    const weights = pathToFileURL(`${folder}/`);
    expect(Object.keys(await readWeights(weights))).toHaveLength(5);
    const path = join(folder, 'fr_feature.onnx');
    const bytes = await readFile(path);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(path, bytes);
    const decoder = createPortraitDecoder();
    const error = await createEmbeddedFaceMatcher({ decoder, weights })
      .check()
      .catch((thrown) => thrown);
    expect(sentenceOf(error)).toBe(
      'face_matcher.weights: A file of the embedded engine is missing or is not the one that this release has (its SHA-256 is another): put that one back. The file is fr_feature.onnx.',
    );
    await rm(join(folder, 'facemesh.bin'));
    await expect(readWeights(weights)).rejects.toMatchObject({ code: 'face_matcher.weights' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('no threshold is below the least', () => {
  const decoder = createPortraitDecoder();
  expect(() => createEmbeddedFaceMatcher({ decoder, threshold: 0.4 })).toThrow('nobody is told apart');
});
