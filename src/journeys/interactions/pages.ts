import { type AuthenticatorKind, shortfall } from '../../domain/assurance/index.ts';
import type { Authenticator, Rejection } from '../../domain/authenticators/index.ts';
import { declareErrors, EidError } from '../../platform/errors.ts';
import type { FieldErrors } from '../../platform/forms.ts';
import { allowCamera } from '../../platform/headers.ts';
import type { Message } from '../../platform/messages.ts';
import { notesOf } from '../../platform/request.ts';
import { throttled } from '../throttled.ts';
import { showCard } from './card-page.ts';
import { form, knownAccount, offered, type Standing, type Visit } from './journey.ts';
import {
  choosePage,
  facePage,
  messageCodePage,
  oneTimeCodePage,
  type PasskeyPrompt,
  passkeyPage,
  passwordPage,
  signInPage,
  stepUpPage,
  unmetPage,
  type Way,
} from './models.ts';

declareErrors('interaction', {
  account_locked: { status: 403, when: 'Somebody proved who they are, but the account is locked or closed.' },
});

/** What a page says beyond itself. */
export interface Said {
  readonly errors?: FieldErrors;
  readonly notice?: Message;
  readonly identifier?: string;
}

/** Pages shown in answer to a post are fetched again with GET at the interaction's own address. */
const here = ({ paused }: Visit) => ({ path: `/interaction/${paused.uid}` });

/** Who are you? One field, and the passkey that needs none. */
export async function showSignIn(visit: Visit, said: Said = {}): Promise<void> {
  const { parts, ctx, client } = visit;
  const demand = parts.desk.demand(client, visit.paused);
  const asked = demand.requests.filter((one) => one.necessary).flatMap((one) => one.contexts);
  const level = Math.max(demand.floor.accountLevel, ...asked.map((one) => one.requires.accountLevel));
  const own = parts.desk.isOwn(client.clientId);
  const why = {
    key: 'sign-in.why.level-2',
    values: { relyingParty: client.relyingParty.name[notesOf(ctx.req).locale] },
  };
  parts.views.show(
    ctx,
    signInPage,
    {
      ...form(visit, 'identifier', said.errors, said.notice ?? null),
      level: level === 2 ? 2 : null,
      why: level === 2 && !own ? why : null,
      identifier: said.identifier ?? '',
      passkey: await passkeyPrompt(visit),
      cancellable: true,
      signUpUrl: parts.signUpUrl,
    },
    here(visit),
  );
}

/** A passkey prompt for whoever holds one; or for this account, once it is known. */
async function passkeyPrompt(visit: Visit, stand?: Standing): Promise<PasskeyPrompt | null> {
  const { parts, paused, ctx } = visit;
  const begun = await parts.authenticators.begin({
    kind: 'passkey',
    purpose: 'sign-in',
    sessionKey: paused.uid,
    address: ctx.ip,
    locale: notesOf(ctx.req).locale,
    ...(stand ? { subscriberId: stand.subscriber.id, holderVerified: onlyVerified(stand) } : {}),
  });
  if (!begun.begun || !begun.challengeId) return null;
  return {
    action: `/interaction/${paused.uid}/passkey`,
    csrf: parts.csrf.token(paused.uid, 'interaction'),
    challengeId: begun.challengeId,
    options: begun.request as object,
  };
}

/** Whether a device that leaves out the check of its holder would only be asked again. */
const onlyVerified = ({ outcome }: Standing): boolean => !outcome.met && outcome.target.strong;

/** `identifier` travels with the form: nothing is stored for somebody who has proven nothing. */
export function showPassword(visit: Visit, identifier: string, errors: FieldErrors = {}): void {
  const model = { ...form(visit, 'password', errors), identifier, otherWays: knownAccount(visit) !== undefined };
  visit.parts.views.show(visit.ctx, passwordPage, model, here(visit));
}

/** The page of one kind of authenticator, for an account that is known here. */
export async function showOneWay(
  visit: Visit,
  stand: Standing,
  kind: AuthenticatorKind,
  said: Said = {},
): Promise<void> {
  const { parts, ctx } = visit;
  const otherWays = waysOf(stand).length > 1;
  // Nobody needs to be told their own number: the page says that it is them again.
  if (kind === 'password') return showPassword(visit, '', said.errors);
  if (kind === 'totp') {
    const model = { ...form(visit, 'code', said.errors, said.notice ?? null), otherWays };
    return parts.views.show(ctx, oneTimeCodePage, model, here(visit));
  }
  if (kind === 'message-otp') return showMessageCode(visit, stand, said, true);
  if (kind === 'face') return showFace(visit, stand, said);
  if (kind === 'chip-card') return showCard(visit, { otherWays, ...(said.notice ? { notice: said.notice } : {}) });
  const passkey = await passkeyPrompt(visit, stand);
  if (kind !== 'passkey' || !passkey) return showChoice(visit, stand, said);
  const model = { ...form(visit, 'passkey', said.errors, said.notice ?? null), passkey, otherWays };
  parts.views.show(ctx, passkeyPage, model, here(visit));
}

/** Where the code went; `send` asks for a new one, which the budgets may refuse. */
export async function showMessageCode(visit: Visit, stand: Standing, said: Said, send: boolean): Promise<void> {
  const { parts, ctx, paused } = visit;
  const begun = send
    ? await parts.authenticators.begin({
        kind: 'message-otp',
        purpose: 'sign-in',
        sessionKey: paused.uid,
        subscriberId: stand.subscriber.id,
        address: ctx.ip,
        locale: notesOf(ctx.req).locale,
      })
    : undefined;
  if (begun && !begun.begun) {
    const notice = rejected('code', begun.reason === 'throttled' ? 'throttled' : 'disabled', begun.retryAfter);
    return showChoice(visit, stand, { notice });
  }
  const challenge = begun?.challengeId ?? paused.journey.messageChallenge;
  if (begun?.challengeId) await paused.keep({ ...paused.journey, messageChallenge: begun.challengeId });
  if (!challenge) return showChoice(visit, stand, said);
  const model = {
    ...form(visit, 'message-code', said.errors, said.notice ?? null),
    ending: phoneOf(stand)?.message?.to.slice(-3) ?? '',
    minutes: 10,
    resendIn: begun ? 60 : 0,
    otherWays: waysOf(stand).length > 1,
  };
  parts.views.show(ctx, messageCodePage, model, here(visit));
}

/** Asks for a picture: each page has a challenge of its own, so that a picture is looked at once. */
export async function showFace(visit: Visit, stand: Standing, said: Said = {}): Promise<void> {
  const { parts, ctx, paused } = visit;
  const begun = await parts.authenticators.begin({
    ...{ kind: 'face', purpose: 'sign-in', sessionKey: paused.uid, subscriberId: stand.subscriber.id },
    ...{ address: ctx.ip, locale: notesOf(ctx.req).locale },
  });
  if (!begun.begun) return showChoice(visit, stand, said);
  allowCamera(ctx);
  const model = {
    ...form(visit, 'face', said.errors, said.notice ?? null),
    ...{ challenge: begun.challengeId ?? '', otherWays: waysOf(stand).length > 1 },
  };
  parts.views.show(ctx, facePage, model, here(visit));
}

const phoneOf = (stand: Standing): Authenticator | undefined => stand.bound.find((one) => one.kind === 'message-otp');

/** The ways that would help this account now. */
export function waysOf(stand: Standing): Way[] {
  if (stand.outcome.met || !stand.outcome.reachable) return [];
  const to = phoneOf(stand)?.message?.to;
  return offered(stand.outcome.next.kinds).map((kind) => ({
    kind: kind as Way['kind'],
    detail: kind === 'message-otp' && to ? { key: 'ways.ending', values: { ending: to.slice(-3) } } : null,
  }));
}

/** All the ways, to choose from. */
export function showChoice(visit: Visit, stand: Standing, said: Said = {}): void {
  const model = { ...form(visit, 'way', said.errors, said.notice ?? null), ways: waysOf(stand) };
  visit.parts.views.show(visit.ctx, choosePage, model, here(visit));
}

/** The sentence for what is missing. */
const WHY = {
  account_level: 'step-up.why.account',
  authentication_level: 'step-up.why.second-factor',
  strong: 'step-up.why.strong',
  phishing_resistant: 'step-up.why.phishing-resistant',
} as const;

/** Somebody who is signed in is told why that is not enough, before anything is asked of them. */
export function showStepUp(visit: Visit, stand: Standing): void {
  const { outcome } = stand;
  if (outcome.met || !outcome.reachable) return;
  const missing = shortfall(outcome.reached, outcome.target) ?? 'authentication_level';
  const model = {
    ...form(visit, 'way'),
    level: outcome.target.authenticationLevel,
    why: outcome.next.fresh ? 'step-up.why.fresh' : WHY[missing],
    ways: waysOf(stand),
  };
  visit.parts.views.show(visit.ctx, stepUpPage, model, here(visit));
}

/** The end of what this account can do, and what would help. */
export function showUnmet(visit: Visit, stand: Standing): void {
  const { outcome, subscriber } = stand;
  if (outcome.met) return;
  const named = outcome.reachable ? shortfall(outcome.reached, outcome.target) : outcome.reason;
  const reason = named === undefined || named === 'unknown_value' ? 'authentication_level' : named;
  const model = {
    ...form(visit, 'unmet'),
    reason,
    asked: { accountLevel: outcome.target.accountLevel, authenticationLevel: outcome.target.authenticationLevel },
    accountLevel: subscriber.accountLevel,
    reproofing: (reason === 'account_level' && subscriber.reproofingGround) || null,
    addFaceUrl: wantsFace(visit, stand, reason) ? '/account/face' : null,
    addPasskeyUrl: reason === 'strong' || reason === 'phishing_resistant' ? '/account/passkeys/new' : null,
  };
  visit.parts.views.show(visit.ctx, unmetPage, model, here(visit));
}

/** Levels 3 and 4 are those with a face (Decree 69 Art. 20): worth adding by whoever has none, where one can be looked at. */
const wantsFace = ({ parts }: Visit, { outcome, bound }: Standing, reason: string): boolean =>
  parts.faces.able &&
  !outcome.met &&
  reason === 'authentication_level' &&
  outcome.target.authenticationLevel >= 3 &&
  !bound.some(({ kind }) => kind === 'face');

/** Said only to somebody who has proven that the account is theirs: nobody else learns that it is locked. */
export const accountUnusable = (): EidError => new EidError('interaction.account_locked');

/** What to say about an answer that was not accepted, and when to try again. */
export function rejected(kind: 'password' | 'passkey' | 'code' | 'card', reason: Rejection, retryAfter = 0): Message {
  if (reason === 'throttled') return throttled(retryAfter);
  return reason === 'busy' ? 'rejected.busy' : `rejected.${kind}.${reason}`;
}
