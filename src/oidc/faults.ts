import type { Context, Middleware } from 'koa';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

/**
 * What is nobody's mistake outside passes the library untouched and ends at the one boundary (design §6): the library would
 * answer 500 and forget it, also where the database is only away for a moment and 503 with Retry-After is the truth (abuse
 * case 59).
 */
export function faultsPass(provider: Pick<Provider, 'on'>): Middleware {
  const faults = new WeakMap<object, unknown>();
  provider.on('server_error', (ctx: KoaContextWithOIDC, fault: Error) => void faults.set(ctx.req, fault));
  return async (ctx: Context, next) => {
    await next();
    if (!faults.has(ctx.req)) return;
    // Cookies and headers of an answer that is not given.
    for (const name of ['Set-Cookie', 'Location', 'WWW-Authenticate', 'Content-Type']) ctx.remove(name);
    throw faults.get(ctx.req);
  };
}
