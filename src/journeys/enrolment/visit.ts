import type { Context } from 'koa';
import type { Applications } from '../../domain/applications/index.ts';
import type { Proof } from '../../domain/assurance/index.ts';
import type { Authenticators } from '../../domain/authenticators/index.ts';
import type { Guardianships, WardLocks } from '../../domain/guardianships/index.ts';
import type { Subscribers } from '../../domain/subscribers/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Csrf } from '../../platform/csrf.ts';
import { notesOf } from '../../platform/request.ts';
import type { Views } from '../../platform/views.ts';
import { type BrowserTokenParts, browserToken, sentToken } from '../browser-token.ts';
import type { WantedProof } from '../wanted-proof.ts';

/** What signing up works with. */
export interface EnrolmentParts extends BrowserTokenParts {
  readonly applications: Applications;
  readonly authenticators: Pick<Authenticators, 'begin' | 'bind' | 'of' | 'stepUp' | 'beginChange' | 'finishing'>;
  readonly subscribers: Pick<Subscribers, 'find'>;
  /** What a guardian still has of a ward's account. */
  readonly guardianships: Pick<Guardianships, 'ofPerson'>;
  /** What a guardian locks and unlocks in the ward's place. */
  readonly wardLocks: WardLocks;
  readonly views: Views;
  readonly csrf: Csrf;
  readonly clock: Clock;
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

/** What a browser in the middle of signing up is known by. A guardian comes back from signing in with it. */
export const SIGN_UP_COOKIE = 'senid-sign-up';

/** Who visits; a browser that is new gets a token of its own. */
export function visitOf(ctx: Context, parts: EnrolmentParts): Visit {
  const isNew = sentToken(ctx, SIGN_UP_COOKIE, parts) === undefined;
  const token = browserToken(ctx, SIGN_UP_COOKIE, parts, 'Lax');
  // On a shared machine it ends with the visit.
  if (isNew) notesOf(ctx.req).kioskHolds = [{ signUp: parts.applications.referenceOf(token) }];
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
