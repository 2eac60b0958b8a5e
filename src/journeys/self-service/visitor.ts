import type { Context } from 'koa';
import { attainable, type Proof } from '../../domain/assurance/index.ts';
import type { AssurancePolicies } from '../../domain/assurance-policies/index.ts';
import type { Actor, Journal } from '../../domain/audit/index.ts';
import { type Authenticators, type Ending, STEP_UP_SECONDS } from '../../domain/authenticators/index.ts';
import type { Consent, Consents } from '../../domain/consents/index.ts';
import type { Deliveries } from '../../domain/deliveries/index.ts';
import type { Offices } from '../../domain/operators/index.ts';
import type { Client } from '../../domain/relying-parties/index.ts';
import type { Subscriber, Subscribers } from '../../domain/subscribers/index.ts';
import { type Clock, epochSeconds } from '../../platform/clock.ts';
import type { Csrf } from '../../platform/csrf.ts';
import type { Views } from '../../platform/views.ts';
import type { CardDesk } from '../card-reading.ts';

/** The browser's session as these pages see it. */
export interface SignedIn {
  readonly accountId: string;
  readonly uid: string;
  readonly proofs: readonly Proof[];
}

/** What "My account" works with. */
export interface SelfServiceParts {
  readonly subscribers: Pick<Subscribers, 'find' | 'identityNumber'>;
  readonly authenticators: Pick<Authenticators, 'of' | 'begin' | 'bind' | 'unbind' | 'rename'>;
  readonly consents: Pick<Consents, 'history'>;
  /** Who has looked at this account, and from which office. */
  readonly journal: Pick<Journal, 'query'>;
  readonly operators: Pick<Offices, 'offices'>;
  readonly deliveries: Pick<Deliveries, 'ofSubscriber'>;
  /** How a card is read. */
  readonly cards: CardDesk;
  client(clientId: string): Promise<Client | undefined>;
  /** Names of the claims that scopes and single claims open, the ones worth reading. */
  claimsOf(asked: { readonly scopes: readonly string[]; readonly claims: readonly string[] }): string[];
  /** Records the withdrawal and ends every token that rests on the consent, in one statement. */
  withdraw(consent: Consent, by: Actor): Promise<void>;
  readonly views: Views;
  readonly csrf: Csrf;
  readonly clock: Clock;
  readonly policies: Pick<AssurancePolicies, 'inForce'>;
  /** The session of this browser, if it has one. */
  session(ctx: Context): Promise<SignedIn | undefined>;
  /** Where to sign in and come back to a page of ours; `acr` and `maxAge` when a fresh proof of some level is wanted. */
  signInUrl(target: string, wanted?: { readonly authenticationLevel: number; readonly maxAge: number }): string;
  /** What ends every other session and token of a person, written with the change of a factor (abuse case 35). */
  endingOthers(subscriberId: string, exceptUid: string): ReturnType<Ending>;
}

/** Somebody who is signed in and looks at their own account. */
export interface Visitor {
  readonly ctx: Context & { params: Record<string, string> };
  readonly parts: SelfServiceParts;
  readonly subscriber: Subscriber;
  readonly sessionUid: string;
  readonly proofs: readonly Proof[];
}

/** Who visits; nobody when there is no session or its account cannot be used. */
export async function visitorOf(ctx: Context, parts: SelfServiceParts): Promise<Visitor | undefined> {
  const session = await parts.session(ctx);
  const subscriber = session && (await parts.subscribers.find(session.accountId));
  if (!session || subscriber?.state !== 'active') return undefined;
  return { ctx: ctx as Visitor['ctx'], parts, subscriber, sessionUid: session.uid, proofs: session.proofs };
}

/** Away to the sign-in pages, and back to `target`. */
export function sendToSignIn(ctx: Context, parts: SelfServiceParts, target: string): void {
  ctx.status = 303;
  ctx.redirect(parts.signInUrl(target));
  ctx.status = 303;
}

/** A fresh proof at the highest level that this account reaches (NIST SP 800-63B-4 §4.1), then back to `target`. */
export async function sendToStepUp(visitor: Visitor, target: string): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const bound = await parts.authenticators.of(subscriber.id);
  const usable = [...new Set(bound.filter((one) => one.status === 'active').map((one) => one.kind))];
  const now = epochSeconds(parts.clock.now());
  const policy = await parts.policies.inForce();
  const { authenticationLevel } = attainable({ accountLevel: subscriber.accountLevel, usable, now, policy });
  const url = parts.signInUrl(target, {
    authenticationLevel: Math.max(1, authenticationLevel),
    maxAge: STEP_UP_SECONDS,
  });
  ctx.status = 303;
  ctx.redirect(url);
  ctx.status = 303;
}
