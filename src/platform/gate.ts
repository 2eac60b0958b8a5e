import type { Context, Middleware } from 'koa';
import { EidError } from './errors.ts';

/** How many at once. */
export interface Room {
  /** Of different keys: who comes with one more is turned away before it has cost a statement or a hash. */
  readonly keys: number;
  /** Requests in all, of however few keys. */
  readonly requests: number;
}

/**
 * Lets so many requests of a route through at once, and turns the others away: a burst must not queue in front of everybody
 * else's requests (abuse case 42). What comes under a key that is inside already is let in with it: a flood of guesses at one
 * account is counted to the last one, and stopped by its counter before anything is hashed (abuse case 36).
 */
export function atMost({ keys, requests }: Room, keyOf: (ctx: Context) => string): Middleware {
  const inside = new Map<string, number>();
  let all = 0;
  return async (ctx, next) => {
    const key = keyOf(ctx);
    const mine = inside.get(key) ?? 0;
    if (all >= requests || (mine === 0 && inside.size >= keys)) {
      throw new EidError('http.busy', { facts: { retryAfter: 2 } });
    }
    inside.set(key, mine + 1);
    all += 1;
    try {
      await next();
    } finally {
      all -= 1;
      const rest = (inside.get(key) ?? 0) - 1;
      if (rest > 0) inside.set(key, rest);
      else inside.delete(key);
    }
  };
}
