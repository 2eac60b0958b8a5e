import type { Middleware } from 'koa';
import { EidError } from '../errors.ts';
import { collect } from './raw-body.ts';

/** A form with a file: its fields as flat NFC strings, its files as bytes. */
export type FileForm = Readonly<Record<string, string | Buffer>>;

/**
 * Reads `multipart/form-data` (RFC 7578) of at most `limit` bytes into `ctx.request.body`, as `readForm` reads the other kind: a
 * name that comes twice, a NUL, broken UTF-8 or a compressed body is refused. An empty file field is an empty buffer.
 */
export function readFileForm({ limit }: { readonly limit: number }): Middleware {
  return async (ctx, next) => {
    if (!ctx.is('multipart/form-data') || (ctx.get('content-encoding') || 'identity') !== 'identity')
      throw new EidError('http.unsupported_body');
    const bytes = await collect(ctx.req, limit);
    let form: FormData;
    try {
      // Node's own reader: a body that is not what its header says throws.
      form = await new Response(new Uint8Array(bytes), {
        headers: { 'content-type': ctx.get('content-type') },
      }).formData();
    } catch (cause) {
      throw new EidError('http.malformed_body', { cause });
    }
    const fields: Record<string, string | Buffer> = Object.create(null);
    for (const [name, value] of form) {
      if (name in fields) throw new EidError('http.duplicate_parameter');
      const text = typeof value === 'string' ? value : '';
      if (/[\0\uFFFD]/.test(name + text)) throw new EidError('http.malformed_body');
      fields[name] = typeof value === 'string' ? value.normalize('NFC') : Buffer.from(await value.arrayBuffer());
    }
    ctx.request.body = fields;
    return next();
  };
}
