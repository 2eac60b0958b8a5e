import type { Context, Middleware } from 'koa';
import { EidError } from '../errors.ts';

/** The body, or 413 as soon as there is more of it. */
export async function collect(stream: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > limit) throw new EidError('http.body_too_large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Reads a body of one media type as bytes into `ctx.request.body`; a request without a body leaves nothing there. */
export function readBytes({ type, limit }: { readonly type: string; readonly limit: number }): Middleware {
  return async (ctx: Context, next) => {
    const bytes = await collect(ctx.req, limit);
    if (bytes.length > 0 && (!ctx.is(type) || (ctx.get('content-encoding') || 'identity') !== 'identity'))
      throw new EidError('http.unsupported_body');
    ctx.request.body = bytes.length > 0 ? bytes : undefined;
    return next();
  };
}
