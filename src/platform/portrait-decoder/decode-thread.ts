import { Worker } from 'node:worker_threads';
import { Refused } from '../../standards/icao9303/refusal.ts';
import type { Picture, Pixels } from './decode.ts';
import type { Answer, Task } from './messages.ts';

/** A thread that decodes one portrait at a time. An idle one keeps no process alive. */
export interface DecodeThread {
  /** False once it was ended, ran out of time or died: it takes no more portraits. */
  readonly alive: boolean;
  /** @throws Refused image.malformed; a fault when the thread cannot begin at all */
  decode(image: Picture): Promise<Pixels>;
  /** Ends it; what is running fails with `reason`. */
  end(reason: Error): Promise<void>;
}

/** Begins a thread. Time is counted from when the image is handed over: the first one does not pay for the start. */
export function createDecodeThread(timeoutMs: number): DecodeThread {
  const worker = newWorker(timeoutMs);
  let alive = true;
  let ready = false;
  let job: { image: Picture; resolve: (pixels: Pixels) => void; reject: (error: Error) => void } | undefined;
  let timer: NodeJS.Timeout | undefined;

  const take = () => {
    const taken = job;
    job = undefined;
    clearTimeout(timer);
    worker.unref();
    return taken;
  };
  const end = async (reason: Error): Promise<void> => {
    alive = false;
    take()?.reject(reason);
    await worker.terminate();
  };
  // Out of memory, or a fault of a codec: that image did it. Before the thread was ready it is a fault of ours.
  const died = (error: Error): void => void end(ready ? new Refused('image.malformed', 'decoder') : error);
  const send = (image: Picture): void => {
    timer = setTimeout(() => void end(new Refused('image.malformed', 'time')), timeoutMs);
    const { kind, width, height, components } = image;
    const bytes = new Uint8Array(image.bytes);
    worker.postMessage({ image: { kind, width, height, components, bytes } } satisfies Task, [bytes.buffer]);
  };

  worker.on('message', (message: 'ready' | Answer) => {
    if (message === 'ready') {
      ready = true;
      if (job) send(job.image);
    } else if ('refused' in message) take()?.reject(new Refused(message.refused));
    else take()?.resolve({ ...message, pixels: Buffer.from(message.pixels.buffer) });
  });
  worker.on('error', died);
  worker.on('exit', () => died(new Error('the decoding thread did not begin')));

  return {
    get alive() {
      return alive;
    },
    decode: (image) =>
      new Promise((resolve, reject) => {
        job = { image, resolve, reject };
        worker.ref();
        if (ready) send(image);
      }),
    end,
  };
}

/** Nothing that it prints gets out (read streams would keep the process alive), and no settings of the process get in. */
const newWorker = (timeoutMs: number): Worker =>
  new Worker(new URL('./decode-worker.ts', import.meta.url), {
    workerData: { seconds: Math.max(1, Math.ceil(timeoutMs / 1_000)) },
    resourceLimits: { maxOldGenerationSizeMb: 256 },
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
  });
