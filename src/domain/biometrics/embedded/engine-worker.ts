import { parentPort, workerData } from 'node:worker_threads';
import type { Pixels } from '../../../platform/portrait-decoder/decode.ts';
import { compare } from './faces/compare.ts';
import { warmUp } from './faces/warm-up.ts';
import type { HandedOver, Said, Task } from './messages.ts';
import { loadNetworks } from './networks/networks.ts';
import type { Weights } from './weights.ts';

/** The thread of the engine: two decoded pictures in, how alike they are out. A fault ends it. */
const port = parentPort;
if (!port) throw new Error('this file is a worker of engine-thread.ts');

// The runtime prints. Nobody reads it, so that it would pile up.
process.stdout.write = () => true;
process.stderr.write = () => true;
const networks = await loadNetworks((workerData as { weights: Weights }).weights);
await warmUp(networks);

port.on('message', async ({ probe, reference }: Task) => {
  try {
    const compared = await compare({ probe: asPixels(probe), reference: asPixels(reference) }, networks);
    port.postMessage(compared satisfies Said);
  } finally {
    for (const { pixels } of [probe, reference]) pixels.fill(0);
  }
});
port.postMessage('ready' satisfies Said);

function asPixels({ pixels, ...size }: HandedOver): Pixels {
  return { ...size, pixels: Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength) };
}
