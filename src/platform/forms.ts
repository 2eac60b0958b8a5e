import { bodyParser } from '@koa/bodyparser';
import type { Context, Middleware } from 'koa';
import { z } from 'zod';
import { EidError } from './errors.ts';
import type { Message } from './messages.ts';

/** What is wrong with a form: the field's name, and the sentence that says what to do. */
export type FieldErrors = Readonly<Record<string, Message>>;

/** A form that was understood, or what to say beside its fields, and what was entered (never shown for a password). */
export type ParsedForm<T> =
  | { readonly ok: true; readonly values: T }
  | { readonly ok: false; readonly errors: FieldErrors; readonly entered: Readonly<Record<string, string>> };

/**
 * Reads `application/x-www-form-urlencoded` into `ctx.request.body` as a flat record of NFC strings. Put it on our own POST
 * routes only: the OpenID provider parses its requests itself and needs the stream untouched.
 * A name that comes twice, a NUL, broken UTF-8 or a compressed body is refused (abuse cases 20 and 65).
 */
export function readForm(options: { readonly limit?: string } = {}): Middleware {
  const parse = bodyParser({ enableTypes: ['form'], formLimit: options.limit ?? '16kb', onError: refuseBody });
  return async (ctx, next) => {
    if (ctx.request.body !== undefined) return next();
    if (!ctx.is('application/x-www-form-urlencoded') || (ctx.get('content-encoding') || 'identity') !== 'identity')
      throw new EidError('http.unsupported_body');
    await parse(ctx, async () => {});
    ctx.request.body = parseFlat(ctx.request.rawBody ?? '');
    return next();
  };
}

/** Reads `application/json` of at most `limit`, refusing what is nested deeper than `depth` (A4, fact 7). */
export function readJson(options: { readonly limit?: string; readonly depth?: number } = {}): Middleware {
  const parse = bodyParser({
    enableTypes: ['text'],
    extendTypes: { text: ['application/json'] },
    textLimit: options.limit ?? '64kb',
    onError: refuseBody,
  });
  return async (ctx, next) => {
    if (!ctx.is('application/json') || (ctx.get('content-encoding') || 'identity') !== 'identity')
      throw new EidError('http.unsupported_body');
    await parse(ctx, async () => {});
    ctx.request.body = parseJson(ctx.request.rawBody ?? '', options.depth);
    return next();
  };
}

/** Reads a body of one media type as text, as it is. */
export function readText(options: { readonly type: string; readonly limit: string }): Middleware {
  const parse = bodyParser({
    enableTypes: ['text'],
    extendTypes: { text: [options.type] },
    textLimit: options.limit,
    onError: refuseBody,
  });
  return async (ctx, next) => {
    if (!ctx.is(options.type) || (ctx.get('content-encoding') || 'identity') !== 'identity')
      throw new EidError('http.unsupported_body');
    await parse(ctx, async () => {});
    ctx.request.body = ctx.request.rawBody ?? '';
    return next();
  };
}

const refuseBody = (error: Error): never => {
  const status = (error as { status?: number }).status;
  throw new EidError(status === 413 ? 'http.body_too_large' : 'http.malformed_body', { cause: error });
};

/** The fields of an urlencoded text, each once. */
export function parseFlat(text: string): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  // URLSearchParams turns broken UTF-8 into U+FFFD, which nobody types; raw-body did so before it too.
  for (const [name, value] of new URLSearchParams(text)) {
    if (name in fields) throw new EidError('http.duplicate_parameter');
    if (/[\0\uFFFD]/.test(name) || /[\0\uFFFD]/.test(value)) throw new EidError('http.malformed_body');
    fields[name] = value.normalize('NFC');
  }
  return fields;
}

function refuseUnstorable(this: unknown, name: string, value: unknown): unknown {
  for (const text of [name, value])
    if (typeof text === 'string' && (text.includes('\0') || !text.isWellFormed())) throw new SyntaxError('unstorable');
  return value;
}

/** JSON of bounded depth: JSON.parse takes a depth of 100,000, what walks the result afterwards does not (A4, fact 7). */
export function parseJson(text: string, depth = 16): unknown {
  let open = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{}\]]/gs)) {
    if (token === '[' || token === '{') open += 1;
    else if (token === ']' || token === '}') open -= 1;
    if (open > depth) throw new EidError('http.malformed_body');
  }
  try {
    // A NUL or half a surrogate pair is escaped in well-formed UTF-8; no column of ours holds either (RFC 8259 §8.2).
    return /\\u(0000|d[89a-f])/i.test(text) ? JSON.parse(text, refuseUnstorable) : JSON.parse(text);
  } catch (cause) {
    throw new EidError('http.malformed_body', { cause });
  }
}

/**
 * Reads the form of this request by a zod schema whose messages are keys of sentences
 * (`z.string().min(1, 'fields.identifier.missing')`). The first fault of each field counts.
 */
export function parseForm<Schema extends z.ZodType>(ctx: Context, schema: Schema): ParsedForm<z.infer<Schema>> {
  const entered = (ctx.request.body ?? {}) as Record<string, string>;
  const parsed = schema.safeParse({ ...entered });
  if (parsed.success) return { ok: true, values: parsed.data };
  const errors: Record<string, Message> = {};
  for (const issue of parsed.error.issues) {
    const field = String(issue.path[0] ?? 'form');
    errors[field] ??= /^[a-z][\w-]*(\.[\w-]+)+$/.test(issue.message) ? issue.message : 'fields.check';
  }
  return { ok: false, errors, entered };
}

/** Whether the button of this name was pressed. */
export const pressed = (ctx: Context, button: string): boolean =>
  Object.hasOwn((ctx.request.body ?? {}) as object, button);

/** The fields that every page's forms share. */
export const fields = {
  /** One field for a number or a telephone: any spacing, not empty. */
  identifier: z
    .string('fields.identifier.missing')
    .trim()
    .min(1, 'fields.identifier.missing')
    .max(64, 'fields.identifier.form'),
  /** Kept as typed apart from NFC; more than 4 KiB is refused as a whole (abuse case 43). */
  password: z
    .string('fields.password.missing')
    .min(1, 'fields.password.missing')
    .transform((text) => {
      if (Buffer.byteLength(text) > 4096) throw new EidError('http.body_too_large');
      return text;
    }),
  /** A one-time code: figures, however they are spaced. */
  code: z
    .string('fields.code.missing')
    .transform((text) => text.replace(/[\s-]/g, ''))
    .pipe(
      z
        .string()
        .min(1, 'fields.code.missing')
        .regex(/^\d{6,8}$/, 'fields.code.form'),
    ),
  /** The name a person gives to an authenticator. */
  name: z.string('fields.name.missing').trim().min(1, 'fields.name.missing').max(60, 'fields.name.long'),
  /** What the browser's WebAuthn call answered, as JSON in a hidden field. */
  response: z
    .string('fields.passkey.missing')
    .min(2, 'fields.passkey.missing')
    .transform((text) => parseJson(text)),
} as const;
