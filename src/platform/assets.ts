import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Middleware } from 'koa';
import { contrast } from './plain-values/contrast.ts';
import type { Brand, ColourPair } from './views.ts';

/** The stylesheet, scripts, pictures and fonts: in memory, compressed when first asked for, at addresses that change with their bytes. */
export interface Assets {
  /** `/assets/<hash>/<name>`; a name we do not have is a mistake of ours and throws. */
  readonly url: (name: string) => string;
  /** Answers everything below `/assets/`. */
  readonly routes: Middleware;
}

interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
  /** What it is in an encoding; undefined for what is compressed already. */
  compressed(encoding: 'br' | 'gzip'): Buffer | undefined;
}

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

/** Reads the directory once, and adds the operator's colours as `brand.css`. */
export function createAssets(options: { readonly directory: string; readonly brand: Brand }): Assets {
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(options.directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && TYPES[extname(entry.name)]) files.set(relative(options.directory, path), readFileSync(path));
  }
  files.set('brand.css', Buffer.from(brandStyles(options.brand)));

  // One hash for all: modules and the stylesheet refer to their neighbours by relative addresses.
  const all = createHash('sha256');
  for (const [name, bytes] of [...files].sort(([a], [b]) => a.localeCompare(b))) all.update(`${name}\0`).update(bytes);
  const version = all.digest('base64url').slice(0, 12);
  const assets = new Map([...files].map(([name, bytes]) => [name, prepare(name, bytes)]));

  return {
    url(name) {
      if (!assets.has(name)) throw new Error(`no asset "${name}"`);
      return `/assets/${version}/${name}`;
    },
    routes: async (ctx, next) => {
      const [, folder, hash, ...rest] = ctx.path.split('/');
      const asset = folder === 'assets' ? assets.get(rest.join('/')) : undefined;
      if (!asset || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
      (ctx as { _matchedRoute?: string })._matchedRoute = '/assets/:name';
      // During a rolling upgrade a page of the other release may ask here: answered, but not kept under the wrong name.
      ctx.set('Cache-Control', hash === version ? 'public, max-age=31536000, immutable' : 'no-cache');
      ctx.set('Vary', 'Accept-Encoding');
      ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
      ctx.type = asset.type;
      ctx.status = 200;
      const encoding = ctx.acceptsEncodings('br', 'gzip', 'identity');
      const compressed = encoding === 'br' || encoding === 'gzip' ? asset.compressed(encoding) : undefined;
      if (compressed && encoding) ctx.set('Content-Encoding', encoding);
      ctx.etag = compressed ? `${asset.etag}-${encoding}` : asset.etag;
      if (ctx.fresh) {
        ctx.status = 304;
        return;
      }
      ctx.body = compressed ?? asset.bytes;
    },
  };
}

function prepare(name: string, bytes: Buffer): Asset {
  const type = TYPES[extname(name)]!;
  const etag = createHash('sha256').update(bytes).digest('base64url').slice(0, 16);
  if (!/^text|svg/.test(type)) return { type, etag, bytes, compressed: () => undefined };
  // Commands build the same parts and show no page; a server pays a few milliseconds at the first visit.
  const kept: { br?: Buffer; gzip?: Buffer } = {};
  const compressed = (encoding: 'br' | 'gzip'): Buffer => {
    kept[encoding] ??= encoding === 'br' ? brotliCompressSync(bytes, BROTLI) : gzipSync(bytes, { level: 9 });
    return kept[encoding];
  };
  return { type, etag, bytes, compressed };
}

const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** The operator's colours as custom properties. A pair that people cannot read (WCAG 1.4.3: 4.5:1) stops the start. */
function brandStyles({ colours }: Brand): string {
  if (!colours) return ':root {}\n';
  const properties = ({ brand, onBrand }: ColourPair, paper: string): string => {
    for (const [front, back] of [
      [onBrand, brand],
      [brand, paper],
    ] as const)
      if (contrast(front, back) < 4.5)
        throw new Error(
          `brand colours ${front} on ${back} have a contrast below 4.5:1; choose a darker or lighter one`,
        );
    return `--brand: ${brand}; --on-brand: ${onBrand};`;
  };
  return `:root { ${properties(colours.light, '#f7f6f2')} }\n@media (prefers-color-scheme: dark) { :root { ${properties(colours.dark, '#101714')} } }\n`;
}
