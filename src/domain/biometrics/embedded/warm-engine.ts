import { faceUnavailable } from '../face-matcher.ts';
import { createEngineThread, type EngineThread } from './engine-thread.ts';
import { readWeights } from './weights.ts';

/** Keeps one thread of the engine warm: what dies at its work is replaced before anybody asks for it. */
export interface WarmEngine {
  /** The warm thread; whoever comes during a start waits for it, but no longer than a pair may take. */
  take(): Promise<EngineThread>;
  /** Settles when there is a warm one; begins one where there is none. */
  warm(): Promise<void>;
  readonly isWarm: boolean;
  close(): Promise<void>;
}

export interface WarmEngineParts {
  /** Where the weights lie, if not here. */
  readonly weights?: URL;
  readonly timeoutMs: number;
}

/** Milliseconds before one that could not begin is begun again. */
const REST = 5_000;

export function createWarmEngine({ weights, timeoutMs }: WarmEngineParts): WarmEngine {
  let current: Promise<EngineThread> | undefined;
  let [isWarm, closed] = [false, false];
  let failedAt = Number.NEGATIVE_INFINITY;

  /** The thread there is, or a new one; it may not be warm yet. */
  const ensure = (): Promise<EngineThread> => {
    current ??= beginOne();
    return current;
  };
  const beginOne = async (): Promise<EngineThread> => {
    try {
      if (closed || performance.now() - failedAt < REST) throw faceUnavailable('unreachable');
      const begun = createEngineThread({ weights: await readWeights(weights), timeoutMs });
      void begun.gone.then(lost);
      begun.warm.then(
        () => {
          isWarm = true;
        },
        () => {},
      );
      return begun;
    } catch (error) {
      current = undefined;
      throw error;
    }
  };
  const lost = (): void => {
    const wasWarm = isWarm;
    [isWarm, current] = [false, undefined];
    // One that could not begin would die again at once.
    if (wasWarm && !closed) ensure().catch(() => {});
    else failedAt = performance.now();
  };
  const warmOne = async (): Promise<EngineThread> => {
    const one = await ensure();
    await one.warm;
    return one;
  };

  return {
    get isWarm() {
      return isWarm;
    },
    warm: async () => void (await warmOne()),
    take() {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(faceUnavailable('too_slow')), timeoutMs);
      return Promise.race([warmOne(), late]).finally(() => clearTimeout(timer));
    },
    async close() {
      closed = true;
      const last = await current?.catch(() => undefined);
      await last?.end();
    },
  };
}
