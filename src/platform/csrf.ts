import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { EidError } from './errors.ts';
import type { Sealer } from './sealed.ts';

/** Proof that a POST comes from a page of ours, shown in this session for this act (NIST SP 800-63B-4 §5.1: SHALL). */
export interface Csrf {
  /** For the hidden field `csrf`. `sessionKey` is what the session or interaction is known by; `action` names the act. */
  token(sessionKey: string, action: string): string;
  /** Throws `http.forged_request` (403) unless this request carries the token of this session and act, from our own pages. */
  check(ctx: CsrfContext, sessionKey: string, action: string): void;
}

/** As much of a koa context as the check reads: ours and the provider's both fit. */
export interface CsrfContext {
  readonly req: IncomingMessage;
  readonly request: { readonly body?: unknown };
}

const SALT_BYTES = 9;

/** Tokens are HMACs under a key of their own (`createSealer(master, 'csrf')`), salted so that no two pages carry the same bytes. */
export function createCsrf(options: { readonly sealer: Sealer; readonly origin: string }): Csrf {
  const { sealer } = options;
  const own = new URL(options.origin).origin;
  const mac = (salt: string, sessionKey: string, action: string): Buffer =>
    sealer.keyedHash([salt, action, sessionKey].join('\n'));

  return {
    token(sessionKey, action) {
      const salt = randomBytes(SALT_BYTES).toString('base64url');
      return salt + mac(salt, sessionKey, action).toString('base64url');
    },
    check(ctx, sessionKey, action) {
      checkSameOrigin(ctx.req, own);
      const sent = String(((ctx.request.body ?? {}) as Record<string, unknown>).csrf ?? '');
      const saltLength = Math.ceil((SALT_BYTES * 4) / 3);
      const expected = mac(sent.slice(0, saltLength), sessionKey, action);
      const given = Buffer.from(sent.slice(saltLength), 'base64url');
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        throw new EidError('http.forged_request');
    },
  };
}

/**
 * A browser says where a request comes from: `Sec-Fetch-Site` (same-site is another origin and refused too) and `Origin`.
 * `Origin: null` is what privacy settings leave of it and counts only beside `Sec-Fetch-Site: same-origin`.
 */
export function checkSameOrigin(request: IncomingMessage, own: string): void {
  const site = request.headers['sec-fetch-site'];
  const origin = request.headers.origin;
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  const foreignOrigin = origin !== undefined && origin !== own && !(origin === 'null' && site === 'same-origin');
  if (foreignSite || foreignOrigin) throw new EidError('http.forged_request');
}
