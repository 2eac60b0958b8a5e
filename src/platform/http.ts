import type { Server } from 'node:http';
import Koa, { type Context, type Middleware, type Next } from 'koa';
import type { Clock } from './clock.ts';
import { declareErrors, EidError } from './errors.ts';
import { createForwarding, isSameHost } from './forwarded.ts';
import { securityHeaders, wantsPage } from './headers.ts';
import { type KioskOptions, kiosk } from './kiosk/kiosk.ts';
import type { Log } from './log.ts';
import { asLocale, chosenLocale, type MessageValues, negotiateLocale } from './messages.ts';
import type { Metrics } from './metrics.ts';
import { notesOf } from './request.ts';
import { textSize } from './text-size.ts';
import { defineView, type Views } from './views.ts';

declareErrors('http', {
  fault: { status: 500, when: 'Something of ours failed; the log line of the request id says where.' },
  not_found: { status: 404, when: 'No page or endpoint stands at this address.' },
  method_not_allowed: { status: 405, when: 'The address exists, but not for this method.' },
  wrong_host: { status: 421, when: "The Host header does not name the issuer's host." },
  body_too_large: { status: 413, when: 'A form or document is larger than its route takes.' },
  unsupported_body: { status: 415, when: 'The body is compressed or not of the media type its route reads.' },
  malformed_body: { status: 400, when: 'The body is not UTF-8, holds a NUL, is not JSON or is nested too deep.' },
  duplicate_parameter: { status: 400, when: 'A form field comes more than once.' },
  forged_request: { status: 403, when: 'A post without the token of its page, or from another site.' },
  bad_request: { status: 400, when: 'The request is not one that HTTP allows.' },
  busy: { status: 503, when: 'A bounded queue of ours is full; Retry-After says when to come again.' },
});

/** What the error page shows: one code, its sentences, the request id from the page. */
export interface ErrorPage {
  readonly status: number;
  readonly code: string;
  /** What fills the placeholders of the code's sentences. */
  readonly facts: MessageValues;
  /** Where the person can start again, if we know: the relying party or our own front page. */
  readonly back: { readonly url: string; readonly name: string } | null;
}
/** The one page that everything that goes wrong ends at; `oidc/pages` renders protocol errors with it too. */
export const errorPage = defineView<ErrorPage>('errors/error', 'error.title', ['copy.js']);

/** What the application is built from. */
export interface HttpAppOptions {
  /** The issuer: its host is the only one that is answered, its scheme decides HSTS and the cookie flags. */
  readonly issuer: string;
  readonly views: Views;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Addresses or CIDR blocks of proxies whose X-Forwarded-* headers are believed. Nobody's by default. */
  readonly trustedProxies?: readonly string[];
  /** Which machines are shared, if any are. */
  readonly kiosk?: KioskOptions;
  /** Paths that programs read: their answers carry no rules about pages. */
  readonly programs?: ReadonlySet<string>;
  /** Codes that have a page of their own in place of the error page, for whoever asks for HTML. */
  readonly ownPages?: Readonly<Record<string, (ctx: Context, error: EidError) => void>>;
}

/**
 * The koa application with the one error boundary. In this order: request id and log line, the boundary, who the client is,
 * headers, host, what the cookies of a shared machine are worth, language and size of the letters; then what is mounted. What nobody answers becomes the friendly 404.
 */
export function createHttpApp(options: HttpAppOptions): Koa {
  const app = new Koa({ proxy: (options.trustedProxies ?? []).length > 0 });
  // The boundary below answers every error; koa's own printer would put stacks with personal data on stderr.
  app.silent = true;
  const secure = new URL(options.issuer).protocol === 'https:';
  for (const middleware of [
    forwardedBy(options.trustedProxies ?? []),
    ...(options.kiosk ? [kiosk(options.kiosk)] : []),
    observe(options),
    boundary(options),
    securityHeaders({ secure, ...(options.programs ? { programs: options.programs } : {}) }),
    onlyHost(new URL(options.issuer).host),
    ...(options.kiosk ? [options.kiosk.visits.cookies] : []),
    language({ clock: options.clock, secure }),
    textSize({ secure }),
    nothingHere,
  ])
    app.use(middleware);
  return app;
}

/** Times a request out sooner than Node would, so that slow senders hold no socket for minutes (A4, fact 7; abuse case 65). */
export function limitServer(server: Server): Server {
  server.headersTimeout = 10_000;
  server.requestTimeout = 15_000;
  server.keepAliveTimeout = 5_000;
  server.maxHeadersCount = 100;
  return server;
}

/** Who asks, before anything looks at it. */
function forwardedBy(proxies: readonly string[]): Middleware {
  const believe = createForwarding(proxies);
  return async (ctx, next) => {
    believe(ctx.req);
    await next();
  };
}

/** One log line and one measurement per request, when its answer has left or its socket has gone. */
function observe({ log, metrics }: HttpAppOptions): Middleware {
  return async (ctx, next) => {
    const begun = performance.now();
    const notes = notesOf(ctx.req);
    ctx.set('X-Request-Id', notes.requestId);
    ctx.res.once('close', () => {
      const ms = Math.round((performance.now() - begun) * 10) / 10;
      const route = notes.route ?? (ctx as { _matchedRoute?: unknown })._matchedRoute;
      const line = {
        requestId: notes.requestId,
        method: ctx.method,
        route: typeof route === 'string' ? route : 'unmatched',
        status: ctx.res.writableFinished ? ctx.res.statusCode : 499,
        ms,
      };
      metrics.request(line);
      log.request({
        ...line,
        ...(notes.clientId === undefined ? {} : { clientId: notes.clientId }),
        ...(notes.errorCode === undefined ? {} : { errorCode: notes.errorCode }),
      });
    });
    await next();
  };
}

/** THE error boundary: an `EidError` is shown by its code, anything else is 500 with the request id and nothing more. */
function boundary({ issuer, views, log, ownPages = {} }: HttpAppOptions): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      const error = named(thrown);
      const notes = notesOf(ctx.req);
      notes.errorCode = error.code;
      // A full queue is no fault, and its line in a flood is the request's own.
      if (error.status >= 500 && error.code !== 'http.busy') log.fault(notes.requestId, thrown);
      // Too late for an answer: the half-sent one must not look whole.
      if (ctx.headerSent) {
        ctx.res.destroy();
        return;
      }
      sayWhenAgain(ctx, error);
      try {
        const own = Object.hasOwn(ownPages, error.code) && wantsPage(ctx) ? ownPages[error.code] : undefined;
        if (notes.program || !wantsPage(ctx)) showProblem(ctx, { issuer, views }, error);
        else if (own) own(ctx, error);
        else showError(ctx, views, error);
      } catch (fault) {
        // Even a broken template ends in a request id and never in a stack.
        log.fault(notes.requestId, fault);
        ctx.status = 500;
        ctx.type = 'text/plain; charset=utf-8';
        ctx.body = `500 ${notes.requestId}`;
      }
    }
  };
}

/** The friendly page, for whoever sits before it. */
function showError(ctx: Context, views: Views, error: EidError): void {
  const page: ErrorPage = { status: error.status, code: error.code, facts: error.facts, back: null };
  views.show(ctx, errorPage, page, { status: error.status, path: ctx.method === 'GET' ? ctx.path : null });
}

/** RFC 9457 problem details, for programs. The type is the address of the page that says what the code means. */
function showProblem(ctx: Context, { issuer, views }: Pick<HttpAppOptions, 'issuer' | 'views'>, error: EidError): void {
  const { locale, requestId } = notesOf(ctx.req);
  const { messages } = views;
  ctx.status = error.status;
  ctx.body = JSON.stringify({
    ...error.members,
    type: `${issuer}/errors/${error.code}`,
    title: messages.t(locale, messages.either(`errors.${error.code}`, 'errors.other'), error.facts),
    status: error.status,
    code: error.code,
    request_id: requestId,
  });
  ctx.type = 'application/problem+json';
}

function sayWhenAgain(ctx: Context, { status, facts }: EidError): void {
  if (status === 503) ctx.set('Retry-After', String(facts.retryAfter ?? 2));
  if (status === 429) ctx.set('Retry-After', String(facts.retryAfter ?? 60));
}

/** The name of whatever was thrown. The message of a fault is never shown: it may hold anything. */
function named(thrown: unknown): EidError {
  if (thrown instanceof EidError) return thrown;
  // koa and its middleware throw http-errors that are meant to be seen (`expose`): a bad URL, an aborted body.
  const { status, expose } = (thrown ?? {}) as { status?: unknown; expose?: unknown };
  if (expose !== true || typeof status !== 'number' || status >= 500)
    return new EidError('http.fault', { cause: thrown });
  const code = { 404: 'not_found', 405: 'method_not_allowed', 413: 'body_too_large', 415: 'unsupported_body' }[status];
  return new EidError(`http.${code ?? 'bad_request'}`, { cause: thrown });
}

/** DNS rebinding and cache poisoning both begin with a Host that is not ours (RFC 9110 §7.4: 421). */
function onlyHost(host: string): Middleware {
  return async (ctx, next) => {
    if (!isSameHost(ctx.host, host)) throw new EidError('http.wrong_host');
    await next();
  };
}

/** The language of this request; `?lang=en` on any page of ours is the language link, and is remembered for a year. */
function language({ clock, secure }: { clock: Clock; secure: boolean }): Middleware {
  return async (ctx, next) => {
    const link = ctx.method === 'GET' && ctx.querystring.includes('lang=') ? ctx.query.lang : undefined;
    const asked = typeof link === 'string' ? asLocale(link) : undefined;
    const sent = ctx.headers.cookie?.includes('locale=') ? ctx.cookies.get('locale', { signed: false }) : undefined;
    const cookie = asked ? chosenLocale(asked, clock.now()) : sent;
    // Written by hand: the cookie library refuses `Secure` behind a proxy that nobody has named, and a link must not end in 500.
    if (asked)
      ctx.append(
        'Set-Cookie',
        `locale=${cookie}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly${secure ? '; Secure' : ''}`,
      );
    const acceptLanguage = ctx.headers['accept-language'];
    // A program says nothing about languages, or that it takes any.
    if (cookie || (acceptLanguage && acceptLanguage !== '*'))
      notesOf(ctx.req).locale = negotiateLocale({ cookie, acceptLanguage }, clock.now());
    await next();
  };
}

/**
 * Speaks the relying party's `ui_locales` on the rest of this request, unless the person has just chosen otherwise.
 * Call it where the interaction's parameters are known.
 */
export function honourUiLocales(ctx: Context, uiLocales: string | undefined, now: Date): void {
  const notes = notesOf(ctx.req);
  const asked = typeof ctx.query.lang === 'string' ? asLocale(ctx.query.lang) : undefined;
  const cookie = asked ? chosenLocale(asked, now) : ctx.cookies.get('locale', { signed: false });
  notes.locale = negotiateLocale({ uiLocales, cookie, acceptLanguage: ctx.get('accept-language') }, now);
}

async function nothingHere(ctx: Context, next: Next): Promise<void> {
  await next();
  if (ctx.respond === false || ctx.headerSent || ctx.body != null) return;
  if (ctx.status === 404) throw new EidError('http.not_found');
  if (ctx.status === 405 || ctx.status === 501) throw new EidError('http.method_not_allowed');
}
