import type { Clock } from '../../src/platform/clock.ts';

/** A clock that stands still until it is moved; seconds. */
export function fixedClock(start = '2026-03-02T08:00:00Z'): Clock & { advance(seconds: number): void } {
  let now = new Date(start).getTime();
  return {
    now: () => new Date(now),
    advance: (seconds) => {
      now += seconds * 1000;
    },
  };
}
