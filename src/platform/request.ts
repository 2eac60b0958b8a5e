import { randomFillSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Locale } from './messages.ts';

/**
 * What we remember about a request while it lasts. It hangs on the request itself and not on a koa context, because
 * the OpenID provider is an application of its own with its own contexts over the same request.
 */
export interface RequestNotes {
  /** Shown to the person on error pages, in the `X-Request-Id` header and in the log line. */
  requestId: string;
  locale: Locale;
  /** The request comes from a machine that is put up for everybody; with the token of its button that clears everything. */
  kiosk?: Kiosk;
  /** The visit there that this request belongs to, if one goes on: a bearer value, and its last use. */
  kioskVisit?: { readonly token: string; readonly seenAt: Date } | undefined;
  /** What the browser has sent: the visit that it was given, which may be over, and the names of the cookies that it has not been told to forget. */
  kioskToken?: string | undefined;
  kioskCookies?: readonly string[];
  /** What this request begins and the end of the visit ends, known before the browser is given its cookie. */
  kioskHolds?: readonly Held[];
  /** The person wants large print. */
  largePrint?: boolean;
  /** The route's pattern, never its URL: `/interaction/:uid`. Without it the log says `unmatched`. */
  route?: string;
  /** The relying party's client identifier, once it is known to exist. */
  clientId?: string;
  /** The code of the `EidError` or of the protocol error that ended the request. */
  errorCode?: string;
  /** A route for programs alone: its errors are problem documents, whatever is accepted. */
  program?: boolean;
}

/** Something that ends with a visit to a shared machine; whoever ends it knows what the names say. It is kept sealed. */
export type Held = Readonly<Record<string, string>>;

/** What every page on a shared machine shows: how to clear everything, and how long it waits before it does so by itself. */
export interface Kiosk {
  readonly csrf: string;
  /** What the pages of one visit know each other by; a page that was asked for before any has none. */
  readonly visit?: string;
  /** How somebody reads them, as a query: the page that follows the visit keeps to it. */
  readonly chosen?: string;
  readonly idleSeconds: number;
  readonly warningSeconds: number;
}

const NOTES = Symbol('notes');

/** The notes of a request; `ctx.req` of any koa context leads to the same ones. */
export function notesOf(request: IncomingMessage & { [NOTES]?: RequestNotes }): RequestNotes {
  let notes = request[NOTES];
  if (!notes) {
    notes = { requestId: newRequestId(), locale: 'vi' };
    request[NOTES] = notes;
  }
  return notes;
}

// Crockford's base 32: nothing that is misread over the telephone. A citizen is never shown a raw UUID (ux.md, B3).
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Random bytes are fetched for many ids at once: asking the kernel's generator costs more than an id. */
const pool = Buffer.alloc(12 * 256);
let used = pool.length;

/** A request id a person can read aloud: `7K3M-92QF-4XTB` (60 random bits). */
export function newRequestId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let id = '';
  for (let at = 0; at < 12; at += 1) {
    if (at === 4 || at === 8) id += '-';
    id += ALPHABET[pool[used + at]! & 31];
  }
  used += 12;
  return id;
}
