import type { Context } from 'koa';

/** A program that follows an address of ours gets its meaning as data, a person gets a page. */
export const wantsJson = (ctx: Context): boolean => ctx.accepts('html', 'json') === 'json';

/** What anybody may read, from wherever their page is. */
export function json(ctx: Context, body: object): void {
  ctx.set('Access-Control-Allow-Origin', '*');
  ctx.set('Cache-Control', 'public, max-age=300');
  ctx.body = body;
}
