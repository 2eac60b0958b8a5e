import type { Context } from 'koa';
import type { Authenticators } from '../../domain/authenticators/index.ts';
import type { Recoveries } from '../../domain/recovery/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Csrf } from '../../platform/csrf.ts';
import { notesOf } from '../../platform/request.ts';
import type { Views } from '../../platform/views.ts';
import { type BrowserTokenParts, browserToken, prefixed } from '../browser-token.ts';

/** What these pages work with. */
export interface RecoveryJourneyParts extends BrowserTokenParts {
  readonly recoveries: Pick<
    Recoveries,
    'standing' | 'ask' | 'prove' | 'begin' | 'complete' | 'cancel' | 'cancellable' | 'lock'
  >;
  readonly authenticators: Pick<Authenticators, 'of' | 'codesTo'>;
  readonly views: Views;
  readonly csrf: Csrf;
  readonly clock: Clock;
}

/** A browser on the way back into an account. */
export interface Visit {
  readonly ctx: Context & { params: Record<string, string> };
  readonly parts: RecoveryJourneyParts;
  /** What this browser is known by; nothing of a person is in it. Challenges and forms are bound to it. */
  readonly token: string;
  /** The recovery that it goes on with, if it has begun one. */
  readonly holder: string | undefined;
  readonly locale: 'vi' | 'en';
}

/** As long as the longest recovery: three days of waiting and a week to complete it. */
const HOLDER_SECONDS = 10 * 24 * 3600;

const HOLDER = 'senid-recovery';

/** Who visits; a browser that is new gets a token of its own. */
export function visitOf(ctx: Context, parts: RecoveryJourneyParts): Visit {
  const token = browserToken(ctx, 'senid-recover', parts);
  const held = ctx.cookies.get(prefixed(HOLDER, parts.secure), { signed: false });
  const holder = held && /^[0-9A-Z]{16}$/.test(held) ? held : undefined;
  return { ctx: ctx as Visit['ctx'], parts, token, holder, locale: notesOf(ctx.req).locale };
}

/** Keeps the recovery in this browser, or forgets it. By hand, as the others. */
export function keepHolder({ ctx, parts: { secure } }: Visit, holder: string | undefined): void {
  const age = holder === undefined ? 0 : HOLDER_SECONDS;
  ctx.append(
    'Set-Cookie',
    `${prefixed(HOLDER, secure)}=${holder ?? ''}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${secure ? '; Secure' : ''}`,
  );
}

/** The token of a form that posts to this path. */
export const tokenOf = ({ parts, token }: Visit, path: string): string => parts.csrf.token(token, path);

/** Somewhere else by GET, whatever was sent here. */
export function goTo({ ctx }: Pick<Visit, 'ctx'>, address: string): void {
  ctx.redirect(address);
  ctx.status = 303;
}
