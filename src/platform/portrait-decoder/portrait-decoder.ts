import type { Picture, Pixels } from './decode.ts';
import { createDecodeThread, type DecodeThread } from './decode-thread.ts';

/**
 * Decodes portraits in threads of their own, so that no image holds the server or takes it down: a thread that takes too
 * long or dies is replaced. Pixels stay in memory; nothing is printed, nothing is written.
 */
export interface PortraitDecoder {
  /**
   * Pixels of a portrait, at most 1,280 a side; `undefined` when so many are waiting that this one is turned away.
   * Only for bytes that the country signed or a register vouches for: a changed body may decode to another picture.
   * @throws Refused image.malformed when it cannot be decoded, or not in time
   */
  decode(image: Picture): Promise<Pixels | undefined>;
  /** Ends the threads; what is waiting or running fails. */
  close(): Promise<void>;
}

export interface PortraitDecoderOptions {
  /** Threads, begun when they are first needed. */
  readonly workers?: number;
  /** How long one portrait may take, milliseconds; the wait before it does not count. */
  readonly timeoutMs?: number;
  /** Portraits that may wait. */
  readonly maxQueue?: number;
}

/** Opens a decoder; it has no thread before the first portrait. */
export function createPortraitDecoder(options: PortraitDecoderOptions = {}): PortraitDecoder {
  const { workers = 1, timeoutMs = 5_000, maxQueue = 16 } = options;
  const waiting: { go: (thread: DecodeThread) => void; fail: (error: Error) => void }[] = [];
  const idle: DecodeThread[] = [];
  const busy = new Set<DecodeThread>();
  const gone = new Error('the portrait decoder is closed');
  let closed = false;

  /** A thread that is ours alone until `giveBack`. */
  const take = (): DecodeThread => {
    let thread = idle.pop();
    while (thread && !thread.alive) thread = idle.pop();
    thread ??= createDecodeThread(timeoutMs);
    busy.add(thread);
    return thread;
  };
  const giveBack = (thread: DecodeThread): void => {
    busy.delete(thread);
    if (closed) return;
    if (thread.alive) idle.push(thread);
    const next = waiting.shift();
    if (next) next.go(take());
  };

  return {
    async decode(image) {
      if (closed) throw gone;
      if (busy.size >= workers && waiting.length >= maxQueue) return undefined;
      const thread =
        busy.size < workers
          ? take()
          : await new Promise<DecodeThread>((go, fail) => {
              waiting.push({ go, fail });
            });
      try {
        return await thread.decode(image);
      } finally {
        giveBack(thread);
      }
    },
    async close() {
      closed = true;
      for (const { fail } of waiting.splice(0)) fail(gone);
      await Promise.all([...busy, ...idle.splice(0)].map((thread) => thread.end(gone)));
    },
  };
}
