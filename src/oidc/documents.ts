import { createHash } from 'node:crypto';
import type { Middleware } from 'koa';

interface Document {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
}

const PATHS = new Set(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server', '/jwks']);

/** Discovery may be kept five minutes; so may the keys, because the next key is published long before it signs. */
const CACHE_CONTROL = 'public, max-age=300';

/**
 * Discovery and JWKS, rendered once for each provider instance and served from memory with `ETag` and `Cache-Control`,
 * neither of which the library sends. `instance` names the provider now in use: a rotation of keys makes a new one.
 */
export function cachedDocuments(instance: () => object): Middleware {
  const rendered = new WeakMap<object, Map<string, Document>>();
  return async (ctx, next) => {
    if ((ctx.method !== 'GET' && ctx.method !== 'HEAD') || !PATHS.has(ctx.path)) return next();
    const now = instance();
    let documents = rendered.get(now);
    if (!documents) {
      documents = new Map();
      rendered.set(now, documents);
    }
    let document = documents.get(ctx.path);
    if (!document) {
      await next();
      if (ctx.status !== 200) return;
      const body = Buffer.from(typeof ctx.body === 'string' ? ctx.body : JSON.stringify(ctx.body));
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
      document = { body, etag, type: ctx.type };
      documents.set(ctx.path, document);
    }
    ctx.status = 200;
    ctx.set('Access-Control-Allow-Origin', '*');
    ctx.set('Cache-Control', CACHE_CONTROL);
    ctx.set('ETag', document.etag);
    ctx.type = document.type;
    ctx.body = document.body;
    if (ctx.fresh) ctx.status = 304;
  };
}
