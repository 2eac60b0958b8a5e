import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';

interface Document {
  readonly body: Buffer;
  /** The same as text where it is ASCII: head and body then leave as one piece. */
  readonly text: string | undefined;
  readonly type: string;
  readonly etag: string;
  /** Names and values in turn, as Node takes them without looking each up again. */
  readonly head: readonly string[];
}

const PATHS = new Set(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server', '/jwks']);

/** Discovery may be kept five minutes; so may the keys, because the next key is published long before it signs. */
const CACHE_CONTROL = 'public, max-age=300';

/** The two documents that every relying party reads, from memory. */
export interface CachedDocuments {
  /** Renders a document once for each provider instance and keeps it; in the application's chain, before the provider. */
  readonly middleware: Middleware;
  /** Answers a plain GET of a document that was rendered before, without a koa context; false when it is not for here. */
  serve(request: IncomingMessage, response: ServerResponse): boolean;
}

/** What the documents are served by. */
export interface DocumentParts {
  /** The provider now in use: a rotation of keys makes a new one, and with it new documents. */
  readonly instance: () => object;
  readonly issuer: string;
  /** Told of each answer, as of any request. */
  readonly served: (path: string, status: number, ms: number) => void;
}

/** Discovery and JWKS with `ETag` and `Cache-Control`, neither of which the library sends. */
export function createDocuments({ instance, issuer, served }: DocumentParts): CachedDocuments {
  const rendered = new WeakMap<object, Map<string, Document>>();
  const documents = (): Map<string, Document> => {
    const now = instance();
    const known = rendered.get(now) ?? new Map<string, Document>();
    rendered.set(now, known);
    return known;
  };
  const { host, protocol } = new URL(issuer);
  const always: Record<string, string> = {
    'Access-Control-Allow-Origin': '*',
    'Cache-Control': CACHE_CONTROL,
    'X-Content-Type-Options': 'nosniff',
    ...(protocol === 'https:' ? { 'Strict-Transport-Security': 'max-age=63072000; includeSubDomains' } : {}),
  };
  return {
    middleware: async (ctx, next) => {
      if ((ctx.method !== 'GET' && ctx.method !== 'HEAD') || !PATHS.has(ctx.path)) return next();
      let document = documents().get(ctx.path);
      if (!document) {
        await next();
        if (ctx.status !== 200) return;
        const body = Buffer.from(typeof ctx.body === 'string' ? ctx.body : JSON.stringify(ctx.body));
        const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
        const type = ctx.response.get('content-type');
        const entity = { ...always, ETag: etag, 'Content-Type': type, 'Content-Length': String(body.length) };
        const text = body.every((byte) => byte < 128) ? body.toString('latin1') : undefined;
        document = { body, text, etag, type, head: Object.entries(entity).flat() };
        documents().set(ctx.path, document);
      }
      ctx.status = 200;
      ctx.set({ ...always, ETag: document.etag });
      ctx.type = document.type;
      ctx.body = document.body;
      if (ctx.fresh) ctx.status = 304;
    },
    serve: (request, response) => {
      const begun = performance.now();
      const path = request.url ?? '';
      if (request.method !== 'GET' || !PATHS.has(path) || request.headers.host !== host) return false;
      const document = documents().get(path);
      if (!document) return false;
      const known = request.headers['if-none-match'];
      // A list, a star, or a tag that a proxy made weak (RFC 9110 §13.1.2): the middleware compares those.
      if (known !== undefined && known !== document.etag) return false;
      const status = known === undefined ? 200 : 304;
      if (known !== undefined) response.writeHead(status, { ...always, ETag: document.etag }).end();
      else if (document.text === undefined) response.writeHead(status, [...document.head]).end(document.body);
      else response.writeHead(status, [...document.head]).end(document.text, 'latin1');
      served(path, status, performance.now() - begun);
      return true;
    },
  };
}
