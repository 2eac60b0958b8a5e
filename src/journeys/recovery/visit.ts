import type { Context } from 'koa';
import type { Authenticators } from '../../domain/authenticators/index.ts';
import type { Recoveries } from '../../domain/recovery/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { CookieSigner } from '../../platform/cookie-signer.ts';
import type { Csrf } from '../../platform/csrf.ts';
import { newToken } from '../../platform/ids.ts';
import { notesOf } from '../../platform/request.ts';
import type { Views } from '../../platform/views.ts';

/** What these pages work with. */
export interface RecoveryJourneyParts {
  readonly recoveries: Pick<
    Recoveries,
    'standing' | 'ask' | 'prove' | 'begin' | 'complete' | 'cancel' | 'cancellable' | 'lock'
  >;
  readonly authenticators: Pick<Authenticators, 'of' | 'codesTo'>;
  readonly views: Views;
  readonly csrf: Csrf;
  readonly clock: Clock;
  readonly cookieSigner: CookieSigner;
  /** Whether the issuer is https. */
  readonly secure: boolean;
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

// The prefix binds a cookie to this host over https (RFC 6265bis §4.1.3). On plain http, in a sandbox, there is none.
const named = (name: string, secure: boolean): string => `${secure ? '__Host-' : ''}${name}`;

/** By hand, as the others: the cookie library refuses `Secure` behind a proxy that nobody has named. */
const write = (ctx: Context, secure: boolean, name: string, value: string, age?: number): void =>
  ctx.append(
    'Set-Cookie',
    `${named(name, secure)}=${value}; Path=/; HttpOnly; SameSite=Strict${age === undefined ? '' : `; Max-Age=${age}`}${secure ? '; Secure' : ''}`,
  );

/** Who visits; a browser that is new gets a token of its own. */
export function visitOf(ctx: Context, parts: RecoveryJourneyParts): Visit {
  const { secure, cookieSigner } = parts;
  const name = named('senid-recover', secure);
  const [sent = '', signature = ''] = (ctx.cookies.get(name, { signed: false }) ?? '').split('.');
  const known = /^[A-Za-z0-9_-]{43}$/.test(sent) && cookieSigner.verify(`${name}=${sent}`, signature);
  const token = known ? sent : newToken();
  if (!known) write(ctx, secure, 'senid-recover', `${token}.${cookieSigner.sign(`${name}=${token}`)}`);
  const held = ctx.cookies.get(named('senid-recovery', secure), { signed: false });
  const holder = held && /^[0-9A-Z]{16}$/.test(held) ? held : undefined;
  return { ctx: ctx as Visit['ctx'], parts, token, holder, locale: notesOf(ctx.req).locale };
}

/** Keeps the recovery in this browser, or forgets it. */
export const keepHolder = ({ ctx, parts }: Visit, holder: string | undefined): void =>
  write(ctx, parts.secure, 'senid-recovery', holder ?? '', holder === undefined ? 0 : HOLDER_SECONDS);

/** The token of a form that posts to this path. */
export const tokenOf = ({ parts, token }: Visit, path: string): string => parts.csrf.token(token, path);

/** Somewhere else by GET, whatever was sent here. */
export function goTo({ ctx }: Pick<Visit, 'ctx'>, address: string): void {
  ctx.redirect(address);
  ctx.status = 303;
}
