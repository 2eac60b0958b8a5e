import { Worker } from 'node:worker_threads';
import type { Pixels } from '../../../platform/portrait-decoder/decode.ts';
import { faceUnavailable } from '../face-matcher.ts';
import type { Compared } from './faces/compare.ts';
import type { HandedOver, Said, Task } from './messages.ts';
import type { Weights } from './weights.ts';

/** A thread that compares one pair of pictures at a time. */
export interface EngineThread {
  /** Settles when it is warm; fails with `face_matcher.unavailable` when it cannot begin. */
  readonly warm: Promise<void>;
  /** Settles when it is no more: ended, out of time, or dead. */
  readonly gone: Promise<void>;
  /** The memory of both pictures is taken away. A pair that takes too long ends the thread. */
  compare(pictures: { readonly probe: Pixels; readonly reference: Pixels }): Promise<Compared>;
  end(): Promise<void>;
}

export interface EngineThreadOptions {
  readonly weights: Weights;
  /** Milliseconds that one pair may take. */
  readonly timeoutMs: number;
}

/** Milliseconds: ten times what it takes on a machine of two cores. */
const WARM_WITHIN = 60_000;

/** Begins a thread; the weights are handed over to it. */
export function createEngineThread({ weights, timeoutMs }: EngineThreadOptions): EngineThread {
  const worker = newWorker(weights);
  const { promise: warm, resolve: beWarm, reject: beCold } = Promise.withResolvers<void>();
  const { promise: gone, resolve: beGone } = Promise.withResolvers<void>();
  let job: { resolve: (compared: Compared) => void; reject: (error: Error) => void } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = setTimeout(() => void end(faceUnavailable('too_slow')), WARM_WITHIN);
  // Whoever waits for it hears of it; nobody has to.
  warm.catch(() => {});

  const take = () => {
    const taken = job;
    job = undefined;
    clearTimeout(timer);
    return taken;
  };
  const end = async (reason: Error): Promise<void> => {
    clearTimeout(late);
    take()?.reject(reason);
    beCold(reason);
    await worker.terminate();
    beGone();
  };
  worker.on('message', (said: Said) => {
    if (said !== 'ready') return take()?.resolve(said);
    clearTimeout(late);
    beWarm();
  });
  worker.on('error', (cause) => void end(faceUnavailable('unreachable', cause)));
  worker.on('exit', () => void end(faceUnavailable('unreachable')));

  return {
    warm,
    gone,
    compare: ({ probe, reference }) =>
      new Promise((resolve, reject) => {
        job = { resolve, reject };
        timer = setTimeout(() => void end(faceUnavailable('too_slow')), timeoutMs);
        const task: Task = { probe: handOver(probe), reference: handOver(reference) };
        worker.postMessage(task, [task.probe.pixels.buffer, task.reference.pixels.buffer]);
      }),
    end: () => end(faceUnavailable('unreachable')),
  };
}

/** The decoder gives each picture memory of its own; what shares it with others is copied. */
function handOver({ pixels, ...size }: Pixels): HandedOver {
  const own =
    pixels.buffer instanceof ArrayBuffer && pixels.buffer.byteLength === pixels.byteLength
      ? new Uint8Array(pixels.buffer)
      : new Uint8Array(pixels);
  return { ...size, pixels: own };
}

/** Nothing that it prints gets out, and no settings of the process get in. */
const newWorker = (weights: Weights): Worker =>
  new Worker(new URL('./engine-worker.ts', import.meta.url), {
    workerData: { weights },
    transferList: Object.values(weights).map(({ buffer }) => buffer),
    resourceLimits: { maxOldGenerationSizeMb: 256 },
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
  });
