import { bodyParser } from '@koa/bodyparser';
import type { Middleware } from 'koa';
import { EidError } from '../../platform/errors.ts';

/** An address takes no more: Node refuses a request whose headers pass 16 KiB. */
const LIMIT = '12kb';

/**
 * A browser may also post an authorization or logout request (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2). The library
 * would want session cookies with SameSite=None for that; a 303 to the same request by GET keeps them Lax: the browser
 * withholds them from a post of another site and sends them with the GET that follows (RFC 6265bis §5.6.7.1).
 */
export function postedRequests(paths: readonly string[]): Middleware {
  const read = bodyParser({
    enableTypes: ['form'],
    formLimit: LIMIT,
    onError: (cause) => {
      const tooLarge = (cause as { status?: number }).status === 413;
      throw new EidError(tooLarge ? 'http.body_too_large' : 'http.malformed_body', { cause });
    },
  });
  return async (ctx, next) => {
    if (ctx.method !== 'POST' || !paths.includes(ctx.path)) return next();
    if (!ctx.is('application/x-www-form-urlencoded')) throw new EidError('http.unsupported_body');
    await read(ctx, async () => {});
    ctx.redirect(`${ctx.path}?${new URLSearchParams(ctx.request.rawBody ?? '')}`);
    ctx.status = 303;
  };
}
