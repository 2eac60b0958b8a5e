import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work between two breaths. */
const STINT = 4;

/** For long work in pieces: call it after each, and the event loop is never held for much longer than a stint. */
export function createBreath(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < STINT) return undefined;
    return setImmediate().then(() => {
      since = performance.now();
    });
  };
}
