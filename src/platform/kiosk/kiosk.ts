import type { Middleware } from 'koa';
import { addressOf, createAddresses } from '../forwarded.ts';
import { notesOf } from '../request.ts';

/** How long nobody may touch a shared machine, and how much of that is a warning (WCAG 2.2, 2.2.1: 20 seconds or more). */
export const KIOSK_IDLE_SECONDS = 120;
export const KIOSK_WARNING_SECONDS = 60;

/** Whose machines these are. */
export interface KioskOptions {
  /** Addresses or CIDR blocks of the machines that are put up for everybody. */
  readonly addresses: readonly string[];
  /** The token of the button that clears everything. */
  token(): string;
  /** Around everything that reads or writes a cookie there. */
  readonly visits: { readonly cookies: Middleware };
}

/**
 * Marks a request from a shared machine.
 *
 * A machine is known by its address and not by a cookie. There is nothing on it that a visitor, a crash or our own
 * `Clear-Site-Data` could take away, so it cannot become an ordinary browser by accident; and nobody can make somebody
 * else's browser one. It only ever takes something away, so a wrong address does no harm beyond that.
 */
export function kiosk(options: KioskOptions): Middleware {
  const isKiosk = createAddresses(options.addresses);
  return async (ctx, next) => {
    const [idleSeconds, warningSeconds] = [KIOSK_IDLE_SECONDS, KIOSK_WARNING_SECONDS];
    if (isKiosk(addressOf(ctx.req))) notesOf(ctx.req).kiosk = { csrf: options.token(), idleSeconds, warningSeconds };
    await next();
  };
}
