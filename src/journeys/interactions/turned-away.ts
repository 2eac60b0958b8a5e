import type { Context } from 'koa';
import type { Rejection } from '../../domain/authenticators/index.ts';

/**
 * Says in the status what the page says in words, for proxies, monitors and honest programs: too many attempts (429), or too
 * many people at once (503). Both look the same whether or not anybody has the account (abuse cases 41 and 42). Call it once the
 * page is rendered.
 */
export function turnedAway(ctx: Context, { reason, retryAfter = 1 }: { reason: Rejection; retryAfter?: number }): void {
  if (reason !== 'throttled' && reason !== 'busy') return;
  ctx.status = reason === 'busy' ? 503 : 429;
  ctx.set('Retry-After', String(Math.max(1, retryAfter)));
}
