import type { Middleware } from 'koa';
import { notesOf } from './request.ts';

/** The query that changes the size of the letters, on any page of ours, and what it takes. */
export const TEXT_SIZE = 'text';
const SIZES: readonly unknown[] = ['large', 'usual'];

/**
 * Large print: `?text=large` is the link at the foot of every page, and is remembered for a year; `?text=usual` forgets it.
 * The cookie says nothing but that somebody wanted this, and works without script. It scales what the browser's own
 * setting gives (WCAG 2.2, 1.4.4), so that both can be had at once.
 */
export function textSize({ secure }: { readonly secure: boolean }): Middleware {
  const flags = `Path=/; SameSite=Lax; HttpOnly${secure ? '; Secure' : ''}`;
  return async (ctx, next) => {
    const asked = ctx.method === 'GET' && ctx.querystring.includes(`${TEXT_SIZE}=`) ? ctx.query[TEXT_SIZE] : undefined;
    const chosen = SIZES.includes(asked);
    // By hand, as the language is: the cookie library refuses `Secure` behind a proxy that nobody has named.
    if (chosen) ctx.append('Set-Cookie', `text-size=${asked}; Max-Age=${asked === 'large' ? 31_536_000 : 0}; ${flags}`);
    const kept = /(?:^|;\s*)text-size=large(?:;|$)/.test(ctx.headers.cookie ?? '');
    if (chosen ? asked === 'large' : kept) notesOf(ctx.req).largePrint = true;
    await next();
  };
}
