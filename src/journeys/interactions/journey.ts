import type { Context } from 'koa';
import {
  type AuthenticatorKind,
  evaluate,
  type Floors,
  type Outcome,
  type Proof,
} from '../../domain/assurance/index.ts';
import type { AssurancePolicies } from '../../domain/assurance-policies/index.ts';
import type { Authenticator, Authenticators } from '../../domain/authenticators/index.ts';
import type { FaceVerifier } from '../../domain/biometrics/index.ts';
import type { Consents } from '../../domain/consents/index.ts';
import type { Organisations } from '../../domain/organisations/index.ts';
import type { Client } from '../../domain/relying-parties/index.ts';
import type { Subscriber, Subscribers } from '../../domain/subscribers/index.ts';
import { type Clock, epochSeconds } from '../../platform/clock.ts';
import type { Csrf } from '../../platform/csrf.ts';
import type { EidError } from '../../platform/errors.ts';
import type { LoginOutcome, Metrics } from '../../platform/metrics.ts';
import { notesOf } from '../../platform/request.ts';
import type { UnitsOfWork } from '../../platform/unit-of-work.ts';
import type { Views } from '../../platform/views.ts';
import type { CardDesk } from '../card-reading.ts';
import type { AuthorizationDesk, PausedRequest } from './desk.ts';
import type { Form, InteractionForm, RelyingPartyCard } from './models.ts';

/** What the journey works with. */
export interface JourneyParts {
  readonly desk: AuthorizationDesk;
  readonly subscribers: Pick<Subscribers, 'find' | 'locate' | 'identityNumber'>;
  readonly authenticators: Pick<Authenticators, 'of' | 'begin' | 'answer'>;
  readonly consents: Pick<Consents, 'find' | 'give'>;
  /** Who acts for organisations, where somebody says so. */
  readonly organisations?: Pick<Organisations, 'choices' | 'actsFor'> | undefined;
  /** Whether a face may be asked for. */
  readonly faces: Pick<FaceVerifier, 'able'>;
  /** How a card is read. */
  readonly cards: CardDesk;
  readonly units: UnitsOfWork;
  readonly views: Views;
  readonly csrf: Csrf;
  /** Counts how sign-ins end. */
  readonly metrics: Pick<Metrics, 'login'>;
  readonly clock: Clock;
  readonly policies: Pick<AssurancePolicies, 'inForce'>;
  /** Where somebody without an account makes one; `null` where nobody can online. */
  readonly signUpUrl: string | null;
  /** The error for a visit that leads nowhere. */
  lost(): EidError;
}

/** One request of one claimant on the way to a relying party. */
export interface Visit {
  readonly ctx: Context & { params: Record<string, string> };
  readonly parts: JourneyParts;
  readonly paused: PausedRequest;
  readonly client: Client;
}

/** What stands on top of the page; nothing when the person came to their own account pages. */
export function relyingPartyCard({ ctx, parts, client }: Visit): RelyingPartyCard | null {
  if (parts.desk.isOwn(client.clientId)) return null;
  const { locale } = notesOf(ctx.req);
  const { relyingParty, purpose } = client;
  return {
    name: relyingParty.name[locale],
    purpose: purpose[locale],
    mark: relyingParty.mark,
    colour: relyingParty.colour,
  };
}

/** A form of this interaction. */
export function form(
  visit: Visit,
  name: string,
  errors: Form['errors'] = {},
  notice: InteractionForm['notice'] = null,
) {
  return {
    action: `/interaction/${visit.paused.uid}/${name}`,
    csrf: visit.parts.csrf.token(visit.paused.uid, 'interaction'),
    errors,
    notice,
    relyingParty: relyingPartyCard(visit),
  };
}

/** Why a sign-in must begin with a person saying who they are, even where the browser has a session. */
const BEGINS_ANEW = new Set(['no_session', 'login_prompt', 'id_token_hint', 'claims_id_token_sub_value', 'account']);

/** The account in question: who has proven something here, else the session's, unless the request wants a sign-in anew. */
export function knownAccount({ paused }: Visit): string | undefined {
  if (paused.journey.subscriberId) return paused.journey.subscriberId;
  return paused.prompt.reasons.some((reason) => BEGINS_ANEW.has(reason)) ? undefined : paused.session?.accountId;
}

/** Where somebody stands in a request. */
export interface Standing {
  readonly subscriber: Subscriber;
  readonly bound: readonly Authenticator[];
  readonly outcome: Outcome;
}

/**
 * Weighs everything that counts for this account: what this session has proven, and what was proven in this interaction.
 * A password that is only good beside a second factor never stands alone (NIST SP 800-63B-4 §3.1.1.2).
 */
export async function standing(visit: Visit, subscriber: Subscriber, fresh: readonly Proof[]): Promise<Standing> {
  const { parts, paused, client } = visit;
  const session = paused.session?.accountId === subscriber.id ? paused.session.proofs : [];
  const policy = await parts.policies.inForce();
  const weigh = (usable: readonly AuthenticatorKind[], more: readonly Floors[] = []): Outcome =>
    evaluate({
      demand: parts.desk.demand(client, paused, more),
      accountLevel: subscriber.accountLevel,
      usable,
      proofs: [...session, ...fresh],
      now: epochSeconds(parts.clock.now()),
      policy,
    });
  const passwordAlone = fresh.length > 0 && fresh.every((proof) => proof.kind === 'password');
  // What else is bound matters only when this is not the end: reading it is a statement.
  const decided = passwordAlone ? undefined : weigh([]);
  if (decided?.met && decided.preferred) return { subscriber, bound: [], outcome: decided };

  const bound = (await parts.authenticators.of(subscriber.id)).filter((one) => one.status === 'active');
  const needsSecond = passwordAlone && bound.some((one) => one.password?.alone === false);
  const usable = [...new Set(bound.map((one) => one.kind))].filter((kind) => kind !== 'face' || parts.faces.able);
  return { subscriber, bound, outcome: weigh(usable, needsSecond ? [{ authenticationLevel: 2 }] : []) };
}

/** The kinds of authenticator that would bring somebody on, the ones we have a page for, the easiest first. */
const OFFERED: readonly AuthenticatorKind[] = ['passkey', 'chip-card', 'totp', 'message-otp', 'face', 'password'];
export const offered = (kinds: readonly AuthenticatorKind[]): AuthenticatorKind[] =>
  OFFERED.filter((kind) => kinds.includes(kind));

/** Answers with a redirect that a browser follows with GET (FAPI 2.0 §5.3.2: 303, never 307). */
export function go(ctx: Context, url: string): void {
  ctx.status = 303;
  ctx.redirect(url);
  ctx.status = 303;
}

const COUNTED: Record<string, LoginOutcome> = {
  wrong: 'wrong',
  throttled: 'throttled',
  busy: 'throttled',
  expired: 'expired',
};

/** Counts an answer that was not accepted, by its kind and a bounded reason. */
export function countRefusal({ parts }: Visit, kind: AuthenticatorKind, reason: string): void {
  parts.metrics.login({ kind, level: 0, outcome: COUNTED[reason] ?? 'other' });
}
