/** The one way to ask what time it is. Tests hand in `fixedClock()` from `test/support`. */
export interface Clock {
  now(): Date;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => new Date() };

/** Whole seconds since 1970, as every OpenID Connect time is counted (RFC 7519 §2, NumericDate). */
export const epochSeconds = (moment: Date): number => Math.floor(moment.getTime() / 1000);
