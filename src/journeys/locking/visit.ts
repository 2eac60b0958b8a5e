import type { Context } from 'koa';
import type { Authenticators } from '../../domain/authenticators/index.ts';
import type { LockCodes, Unlocks } from '../../domain/locks/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Csrf } from '../../platform/csrf.ts';
import { notesOf } from '../../platform/request.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Views } from '../../platform/views.ts';
import { type BrowserTokenParts, browserToken } from '../browser-token.ts';
import type { CardDesk } from '../card-reading.ts';

/** What these pages work with. */
export interface LockingParts extends BrowserTokenParts {
  readonly lockCodes: LockCodes;
  readonly unlocks: Unlocks;
  readonly authenticators: Pick<Authenticators, 'begin' | 'answer'>;
  readonly cards: CardDesk;
  readonly views: Views;
  readonly csrf: Csrf;
  readonly clock: Clock;
  /** Made for the purpose `unlocking`: proofs that wait for another one. */
  readonly sealer: Sealer;
}

/** A browser that locks or unlocks an account. Nobody is signed in here, and nobody will be. */
export interface Visit {
  readonly ctx: Context & { params: Record<string, string> };
  readonly parts: LockingParts;
  /** What this browser is known by; nothing of a person is in it. Challenges and forms are bound to it. */
  readonly token: string;
  readonly locale: 'vi' | 'en';
}

/** Who visits; a browser that is new gets a token of its own. */
export function visitOf(ctx: Context, parts: LockingParts): Visit {
  const token = browserToken(ctx, 'senid-lock', parts);
  return { ctx: ctx as Visit['ctx'], parts, token, locale: notesOf(ctx.req).locale };
}

/** A form that posts to this path. */
export const formOf = ({ parts, token }: Visit, path: string) => ({
  action: path,
  csrf: parts.csrf.token(token, path),
});

/** Somewhere else by GET, whatever was sent here. */
export function goTo({ ctx }: Pick<Visit, 'ctx'>, address: string): void {
  ctx.redirect(address);
  ctx.status = 303;
}

/** Too many, said in the status too (abuse case 40). Call it once the page is rendered. */
export function tooMany({ ctx }: Visit, retryAfter = 1): void {
  ctx.status = 429;
  ctx.set('Retry-After', String(Math.max(1, retryAfter)));
}
