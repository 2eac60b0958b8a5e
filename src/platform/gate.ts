import type { Middleware } from 'koa';
import { EidError } from './errors.ts';

/**
 * Lets so many requests of a route through at once, and turns the others away before they have cost a statement or a hash:
 * a burst must not queue in front of everybody else's requests (abuse case 42).
 */
export function atMost(limit: number): Middleware {
  let inside = 0;
  return async (_ctx, next) => {
    if (inside >= limit) throw new EidError('http.busy', { facts: { retryAfter: 2 } });
    inside += 1;
    try {
      await next();
    } finally {
      inside -= 1;
    }
  };
}
