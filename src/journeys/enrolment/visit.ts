import type { Context } from 'koa';
import type { Applications } from '../../domain/applications/index.ts';
import type { Proof } from '../../domain/assurance/index.ts';
import type { Authenticators } from '../../domain/authenticators/index.ts';
import type { Guardianships, WardLocks } from '../../domain/guardianships/index.ts';
import type { Subscribers } from '../../domain/subscribers/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { CookieSigner } from '../../platform/cookie-signer.ts';
import type { Csrf } from '../../platform/csrf.ts';
import { newToken } from '../../platform/ids.ts';
import { notesOf } from '../../platform/request.ts';
import type { Views } from '../../platform/views.ts';
import type { WantedProof } from '../wanted-proof.ts';

/** What signing up works with. */
export interface EnrolmentParts {
  readonly applications: Applications;
  readonly authenticators: Pick<Authenticators, 'begin' | 'bind' | 'of' | 'isSteppedUp' | 'stepUp'>;
  readonly subscribers: Pick<Subscribers, 'find'>;
  /** What a guardian still has of a ward's account. */
  readonly guardianships: Pick<Guardianships, 'ofPerson'>;
  /** What a guardian locks and unlocks in the ward's place. */
  readonly wardLocks: WardLocks;
  readonly views: Views;
  readonly csrf: Csrf;
  readonly clock: Clock;
  readonly cookieSigner: Pick<CookieSigner, 'sign' | 'verify'>;
  /** Whether the issuer is https. */
  readonly secure: boolean;
  /** The provider's session of this browser, if it has one: a guardian's. */
  session(
    ctx: Context,
  ): Promise<{ readonly accountId: string; readonly uid: string; readonly proofs: readonly Proof[] } | undefined>;
  /** Where a guardian signs in and comes back to a page of ours, with a fresh proof of some level. */
  signInUrl(target: string, wanted?: WantedProof): string;
}

/** A browser in the middle of signing up. */
export interface Visit {
  readonly ctx: Context;
  readonly parts: EnrolmentParts;
  /** What this browser is known by; nothing of a person is in it. */
  readonly token: string;
  readonly locale: 'vi' | 'en';
}

/** Who visits; a browser that is new gets a token of its own. */
export function visitOf(ctx: Context, parts: EnrolmentParts): Visit {
  const { secure, cookieSigner } = parts;
  const name = `${secure ? '__Host-' : ''}senid-sign-up`;
  const [sent = '', signature = ''] = (ctx.cookies.get(name, { signed: false }) ?? '').split('.');
  const known = /^[A-Za-z0-9_-]{43}$/.test(sent) && cookieSigner.verify(`${name}=${sent}`, signature);
  const token = known ? sent : newToken();
  // Written by hand, as the others: the cookie library refuses `Secure` behind a proxy that nobody has named.
  if (!known) {
    const value = `${token}.${cookieSigner.sign(`${name}=${token}`)}`;
    ctx.append('Set-Cookie', `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`);
  }
  return { ctx, parts, token, locale: notesOf(ctx.req).locale };
}

/** Who asks for a code to a telephone. */
export const askingOf = ({ ctx, locale }: Pick<Visit, 'ctx' | 'locale'>) => ({ locale, from: ctx.ip });

/** The token of a form that posts to this path. */
export const tokenOf = ({ parts, token }: Visit, path: string): string => parts.csrf.token(token, path);

/** Somewhere else by GET, whatever was sent here. */
export function goTo({ ctx }: Pick<Visit, 'ctx'>, address: string): void {
  ctx.redirect(address);
  ctx.status = 303;
}
