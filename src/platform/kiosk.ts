import type { Middleware } from 'koa';
import { addressOf, createAddresses } from './forwarded.ts';
import { notesOf } from './request.ts';

/** How long nobody may touch a shared machine, and how much of that is a warning (WCAG 2.2, 2.2.1: 20 seconds or more). */
export const KIOSK_IDLE_SECONDS = 120;
export const KIOSK_WARNING_SECONDS = 60;

/** Whose machines these are. */
export interface KioskOptions {
  /** Addresses or CIDR blocks of the machines that are put up for everybody. */
  readonly addresses: readonly string[];
  /** The token of the button that clears everything. */
  token(): string;
}

/**
 * Marks a request from a shared machine, and takes the lifetime off every cookie that it is given: all of them end with the
 * browser, whoever wrote them.
 *
 * A machine is known by its address and not by a cookie. There is nothing on it that a visitor, a crash or our own
 * `Clear-Site-Data` could take away, so it cannot become an ordinary browser by accident; and nobody can make somebody
 * else's browser one. It only ever takes something away, so a wrong address does no harm beyond that.
 */
export function kiosk(options: KioskOptions): Middleware {
  const isKiosk = createAddresses(options.addresses);
  return async (ctx, next) => {
    if (!isKiosk(addressOf(ctx.req))) return next();
    const [idleSeconds, warningSeconds] = [KIOSK_IDLE_SECONDS, KIOSK_WARNING_SECONDS];
    notesOf(ctx.req).kiosk = { csrf: options.token(), idleSeconds, warningSeconds };
    try {
      await next();
    } finally {
      endWithBrowser(ctx.res);
    }
  };
}

type Cookies = Pick<import('node:http').ServerResponse, 'getHeader' | 'setHeader' | 'headersSent'>;

/** Without `Max-Age` and `Expires` a cookie lasts as long as the browser runs; what deletes one stays as it is. */
function endWithBrowser(res: Cookies): void {
  const cookies = [res.getHeader('Set-Cookie') ?? []].flat().map(String);
  if (cookies.length === 0 || res.headersSent) return;
  const deletes = (cookie: string): boolean => /;\s*max-age=0\b|;\s*expires=thu, 01 jan 1970/i.test(cookie);
  res.setHeader(
    'Set-Cookie',
    cookies.map((cookie) => (deletes(cookie) ? cookie : cookie.replaceAll(/;\s*(max-age|expires)=[^;]*/gi, ''))),
  );
}
