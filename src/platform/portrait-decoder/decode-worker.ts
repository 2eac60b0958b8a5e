import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { asRefusal } from '../../standards/icao9303/refusal.ts';
import { decodePortrait } from './decode.ts';
import type { Answer, Task } from './messages.ts';
import { boundWebAssemblyMemory } from './openjpeg.ts';

/** The thread of the portrait decoder: one portrait in, pixels or a refusal out. A fault ends it. */
const port = parentPort;
if (!port) throw new Error('this file is a worker of portrait-decoder.ts');

boundWebAssemblyMemory();
// Codecs print. Nobody reads it, so that it would pile up.
process.stdout.write = () => true;
process.stderr.write = () => true;
sharp.cache(false);
sharp.concurrency(1);
const { seconds } = workerData as { seconds: number };

port.on('message', async ({ image }: Task) => {
  const bytes = Buffer.from(image.bytes);
  try {
    const { pixels, ...size } = await decodePortrait({ ...image, bytes }, seconds);
    // A buffer of its own, so that it can be handed over instead of copied.
    const own = new Uint8Array(pixels);
    port.postMessage({ ...size, pixels: own } satisfies Answer, [own.buffer]);
  } catch (error) {
    port.postMessage({ refused: asRefusal(error).code } satisfies Answer);
  } finally {
    bytes.fill(0);
  }
});
port.postMessage('ready');
