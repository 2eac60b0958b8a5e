import type { Context } from 'koa';
import { z } from 'zod';
import { EidError } from '../../platform/errors.ts';
import { fields, parseForm } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { signInPage } from './models.ts';
import { type ConsoleParts, goTo, keepSession, sentSession, type Visit, visitKey } from './session.ts';

const SIGN_IN = '/operator/sign-in';
const passkeyForm = z.object({ challenge: z.string().max(4096), response: fields.response });

/** Where a sign-in may lead; what the address says is looked up, never followed (abuse case 30). */
const TARGETS = new Map([
  ['passkeys', '/operator/passkeys'],
  ['api-clients', '/operator/api-clients'],
]);
/** What has just happened, as `?notice=` names it; anything else is ignored. */
const NOTICES = new Map([
  ['activated', 'operator.sign-in.notice.activated'],
  ['signed-out', 'operator.sign-in.notice.signed-out'],
]);
const ONE = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The way in: a passkey and nothing else, whoever it is. */
export function showSignIn(ctx: Context, parts: ConsoleParts): Promise<void> {
  return show(ctx, parts, {});
}

async function show(
  ctx: Context,
  { operators, views, csrf, secure }: ConsoleParts,
  { error, status = 200 }: { readonly error?: Message; readonly status?: number },
): Promise<void> {
  const key = visitKey(ctx, secure);
  const { challengeId, request } = await operators.beginSignIn(key);
  const then = ONE(ctx.query.then);
  const action = TARGETS.has(then) ? `${SIGN_IN}?then=${then}` : SIGN_IN;
  const model = {
    errors: error ? { passkey: error } : {},
    notice: NOTICES.get(ONE(ctx.query.notice)) ?? null,
    passkey: { action, csrf: csrf.token(key, SIGN_IN), challengeId, options: request },
  };
  views.show(ctx, signInPage, model, { status, path: SIGN_IN });
}

/** A passkey that was used and unlocked opens a session; anything else is said and nothing more. */
export async function signIn(ctx: Context, parts: ConsoleParts): Promise<void> {
  const { operators, csrf, secure } = parts;
  const key = visitKey(ctx, secure);
  csrf.check(ctx, key, SIGN_IN);
  const parsed = parseForm(ctx, passkeyForm);
  if (!parsed.ok) return show(ctx, parts, { error: 'rejected.passkey.malformed', status: 400 });
  const replaces = sentSession(ctx, secure);
  const { challenge: challengeId, response } = parsed.values;
  const outcome = await operators.signIn({
    ...{ sessionKey: key, challengeId, response, address: ctx.ip },
    ...(replaces ? { replaces } : {}),
  });
  if (!outcome.signedIn) {
    if (outcome.reason === 'throttled')
      throw new EidError('http.busy', { status: 429, facts: { retryAfter: outcome.retryAfter ?? 60 } });
    return show(ctx, parts, { error: REJECTED[outcome.reason], status: 403 });
  }
  keepSession(ctx, outcome.token, secure);
  goTo(ctx, TARGETS.get(ONE(ctx.query.then)) ?? '/operator');
}

const REJECTED = {
  wrong: 'operator.sign-in.wrong',
  unverified: 'operator.sign-in.unverified',
  expired: 'rejected.passkey.expired',
} as const;

/** Ends this session here and in the database. */
export async function signOut({ ctx, parts, sessionKey }: Visit): Promise<void> {
  await parts.operators.signOut(sessionKey);
  keepSession(ctx, undefined, parts.secure);
  goTo(ctx, `${SIGN_IN}?notice=signed-out`);
}

/** Signs in once more and comes back: what changes a way in takes somebody who is there now. */
export const signInAgain = ({ ctx }: Pick<Visit, 'ctx'>, then = 'passkeys'): void =>
  goTo(ctx, `${SIGN_IN}?then=${then}`);
