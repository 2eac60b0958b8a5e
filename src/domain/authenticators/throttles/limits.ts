/** How often something may be tried; only what is not given back by a success counts. */
export interface Limit {
  readonly most: number;
  /** Seconds; 0 means that only a success (or binding afresh) sets it back. */
  readonly window: number;
  /** After so many without success each further one waits, 1 s doubling up to `pause` s. 0: no pause. */
  readonly free: number;
  readonly pause: number;
  /** Seconds of the first pause; 1 unless it is said. */
  readonly first?: number;
  /** Seconds that an untouched counter is kept. */
  readonly keep: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const within = (most: number, window: number): Limit => ({ most, window, free: 0, pause: 0, keep: window });

/**
 * Defaults. A signed-in person gives the attempt back, so that any number of successful sign-ins from one address passes;
 * attempts under way count as failures until they are settled.
 */
export const defaultLimits = {
  /** SP 800-63B-4 §3.2.2: at most 100 consecutive failures, then this authenticator is disabled. With these pauses that takes most of a day. */
  authenticator: { most: 100, window: 0, free: 10, pause: 15 * MINUTE, keep: 30 * DAY } as Limit,
  /** §3.2.3 of the same: after five failures in a row half a minute and more, and after fifty a face opens nothing any more. */
  face: { most: 50, window: 0, free: 5, pause: HOUR, first: 30, keep: 30 * DAY } as Limit,
  /** All guessable authenticators of an account together. */
  account: within(60, HOUR),
  /** IPv4 /24 or IPv6 /56. */
  address: within(120, 10 * MINUTE),
  /** Wrong passkey answers of a prefix: they guess nothing, but cost a signature check. */
  addressPasskey: within(600, 10 * MINUTE),
  /** Everybody together, kept in 16 shards so that no single row serialises all sign-ins. Never applies to passkeys. */
  global: within(8_000, 10 * MINUTE),
};

export type Limits = typeof defaultLimits;
