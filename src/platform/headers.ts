import type { ServerResponse } from 'node:http';
import type { Context, Middleware } from 'koa';

/** As much of a koa context as the headers touch. */
export interface HeaderContext {
  readonly res: ServerResponse;
}

const directives = (formAction: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');

type Headers = readonly (readonly [name: string, value: string])[];

/** What every answer carries, unless its route says otherwise. */
export interface SecurityHeadersOptions {
  /** Whether the issuer is https. */
  readonly secure: boolean;
  /** Paths that programs read: whoever asks there for no page gets no rules about pages. */
  readonly programs?: ReadonlySet<string>;
}

/** Sets them before anything else is decided, so that an error carries them too. */
export function securityHeaders({ secure, programs = new Set() }: SecurityHeadersOptions): Middleware {
  const always: Headers = [
    // Personal data never stays in a cache or behind the back button (abuse case 32); assets and discovery set their own.
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
    ...(secure ? [['Strict-Transport-Security', 'max-age=63072000; includeSubDomains'] as const] : []),
  ];
  const page: Headers = [
    ['Content-Security-Policy', directives("'self'")],
    ...always,
    // Not `no-referrer`: that turns Origin into `null` on our own form posts too (Fetch §3.2), and the CSRF check reads Origin.
    ['Referrer-Policy', 'same-origin'],
    ['X-Frame-Options', 'DENY'],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    [
      'Permissions-Policy',
      'publickey-credentials-get=(self), publickey-credentials-create=(self), otp-credentials=(self), camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    ],
  ];
  const program: Headers = [['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"], ...always];
  return async (ctx, next) => {
    const list = programs.has(ctx.path) && !wantsPage(ctx) ? program : page;
    for (const [name, value] of list) ctx.res.setHeader(name, value);
    await next();
  };
}

/** Lets this one page ask for the camera; every other page may not. */
export function allowCamera(ctx: HeaderContext): void {
  const policy = String(ctx.res.getHeader('Permissions-Policy') ?? '');
  ctx.res.setHeader('Permissions-Policy', policy.replace('camera=()', 'camera=(self)'));
}

/** Whether somebody sits before the answer and reads it as a page. */
export const wantsPage = (ctx: Context): boolean => /text\/html|application\/xhtml/.test(ctx.get('accept'));

/**
 * Lets the form of this one response end at `target`: the origin of the VALIDATED redirect URI. Chromium applies
 * `form-action` to the whole chain of redirects that follow a post, so under a bare `'self'` the button does nothing
 * (A4, fact 3; abuse case 33). A private-use scheme (RFC 8252 §7.1) is allowed as its scheme.
 */
export function allowFormAction(ctx: HeaderContext, target: string): void {
  const url = new URL(target);
  const source = url.origin === 'null' ? url.protocol : url.origin;
  // A source with a space, a semicolon or a comma would be a directive of its own.
  if (!/^[a-z][\w.+-]*:(\/\/[\w.:[\]-]+)?$/i.test(source) || /^(javascript|data|blob|about|file):/i.test(source))
    throw new Error('not an origin that a form may end at');
  ctx.res.setHeader('Content-Security-Policy', directives(`'self' ${source}`));
}
