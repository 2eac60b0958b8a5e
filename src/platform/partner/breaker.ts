import type { Clock } from '../clock.ts';

/** Leaves somebody alone who has failed several times in a row, so that nobody waits for an answer that will not come. */
export interface Breaker {
  /** Does the work, or throws `resting()` at once. Whatever the work throws counts as a failure, and passes through. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Whether nothing is let through at this moment. */
  resting(): boolean;
}

/** `failures` in a row begin a rest of `rest` seconds; then one call is let through, and the others when it has gone well. */
export function createBreaker(parts: {
  readonly clock: Clock;
  readonly resting: () => Error;
  readonly failures?: number;
  readonly rest?: number;
}): Breaker {
  const { clock, resting, failures = 3, rest = 10 } = parts;
  let failed = 0;
  let restUntil = 0;
  let trying = false;
  const rests = (): boolean => failed >= failures && (trying || clock.now().getTime() < restUntil);
  return {
    resting: rests,
    async run(work) {
      if (rests()) throw resting();
      const open = failed >= failures;
      trying = open;
      try {
        const result = await work();
        failed = 0;
        return result;
      } catch (error) {
        failed += 1;
        restUntil = clock.now().getTime() + rest * 1000;
        throw error;
      } finally {
        if (open) trying = false;
      }
    },
  };
}
