const Real = globalThis.Date;

/** The time of everything in this process: it stands still until it is moved. */
export interface MovedTime {
  advance(seconds: number): void;
  /** Gives the real time back. */
  restore(): void;
}

/**
 * Replaces `Date`, so that the protocol's library, the cookies of browsers and our own clocks all live at one moment. The
 * database's own clock goes on: nothing that concerns a life asks it.
 */
export function moveTime(start = Real.now()): MovedTime {
  let now = start;
  class Moved extends Real {
    constructor(...given: [] | [value: number | string | Date]) {
      // `new Date(year, month, …)` has more arguments than one; they are handed on as they are.
      super(...((given.length === 0 ? [now] : given) as [number]));
    }
    static override now(): number {
      return now;
    }
  }
  globalThis.Date = Moved as DateConstructor;
  return {
    advance: (seconds) => {
      now += seconds * 1000;
    },
    restore: () => {
      globalThis.Date = Real;
    },
  };
}
