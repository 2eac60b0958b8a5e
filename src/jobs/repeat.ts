/** Something that is done again and again until it is stopped. */
export interface Repetition {
  /** Waits for the round that is running. */
  stop(): Promise<void>;
}

/** Does `work` now and then `every` so many milliseconds after it has ended; a round that fails is reported, the next one comes. */
export function repeat(work: () => Promise<unknown>, every: number, failed: (error: unknown) => void): Repetition {
  let stopped = false;
  let wake = (): void => {};
  const rounds = (async () => {
    while (!stopped) {
      await work().catch(failed);
      if (stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, every);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    async stop() {
      stopped = true;
      wake();
      await rounds;
    },
  };
}
