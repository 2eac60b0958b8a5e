import { z } from 'zod';
import { parseIdentifier } from '../../domain/subscribers/index.ts';
import { fields, parseForm, pressed } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { showCard } from './card-page.ts';
import { countRefusal, knownAccount, type Visit } from './journey.ts';
import { knownStanding, proven } from './next.ts';
import { rejected, showChoice, showOneWay, showPassword, showSignIn } from './pages.ts';
import { turnedAway } from './turned-away.ts';

const identifierForm = z.object({ identifier: fields.identifier });
const passwordForm = z.object({ password: fields.password });
const passkeyForm = z.object({ challenge: z.string().max(4096), response: fields.response });

/** The number or telephone was typed. Known or not, the password page follows: the form tells nobody who has an account. */
export async function takeIdentifier(visit: Visit): Promise<void> {
  if (pressed(visit.ctx, 'card')) return showCard(visit, { otherWays: true });
  const parsed = parseForm(visit.ctx, identifierForm);
  if (!parsed.ok) return showSignIn(visit, { errors: parsed.errors, identifier: parsed.entered.identifier ?? '' });
  const { identifier } = parsed.values;
  if (!parseIdentifier(identifier)) {
    return showSignIn(visit, { errors: { identifier: 'fields.identifier.form' }, identifier });
  }
  showPassword(visit, identifier);
}

/** A password, for the typed identifier or for the account that is already known here. */
export async function takePassword(visit: Visit): Promise<void> {
  const { ctx, parts } = visit;
  const identifier = (ctx.request.body as Record<string, string>).identifier ?? '';
  if (pressed(ctx, 'back')) return showSignIn(visit, { identifier });
  if (pressed(ctx, 'other')) return otherWays(visit);
  const parsed = parseForm(ctx, passwordForm);
  if (!parsed.ok) return showPassword(visit, identifier, parsed.errors);
  const known = knownAccount(visit);
  const subscriber = known ? await parts.subscribers.find(known) : await parts.subscribers.locate(identifier);
  const verdict = await parts.authenticators.answer({
    kind: 'password',
    sessionKey: visit.paused.uid,
    // However it is spelt, a number that nobody has is counted as one, like a number that somebody has (abuse case 41).
    ...(subscriber
      ? { subscriberId: subscriber.id }
      : { identifier: parseIdentifier(identifier)?.value ?? identifier }),
    response: { password: parsed.values.password },
    address: ctx.ip,
    ...joined(visit),
  });
  if (verdict.verified) return proven(visit, subscriber, verdict.proof);
  countRefusal(visit, 'password', verdict.reason);
  showPassword(visit, identifier, { password: rejected('password', verdict.reason, verdict.retryAfter) });
  turnedAway(ctx, verdict);
}

/** A passkey's answer: it names its account itself. */
export async function takePasskey(visit: Visit): Promise<void> {
  const { ctx, parts, paused } = visit;
  if (pressed(ctx, 'other')) return otherWays(visit);
  const parsed = parseForm(ctx, passkeyForm);
  if (!parsed.ok) return passkeyAgain(visit, 'rejected.passkey.malformed');
  const known = knownAccount(visit);
  const verdict = await parts.authenticators.answer({
    kind: 'passkey',
    sessionKey: paused.uid,
    challengeId: parsed.values.challenge,
    ...(known ? { subscriberId: known } : {}),
    response: parsed.values.response,
    address: ctx.ip,
    ...joined(visit),
  });
  if (!verdict.verified) {
    countRefusal(visit, 'passkey', verdict.reason);
    await passkeyAgain(visit, rejected('passkey', verdict.reason, verdict.retryAfter));
    return turnedAway(ctx, verdict);
  }
  return proven(visit, await parts.subscribers.find(verdict.subscriberId), verdict.proof);
}

/** A verified answer's writes leave in the one statement of this request. */
export const joined = (visit: Visit) => {
  const unit = visit.parts.units.current();
  return unit ? { unit } : {};
};

/** Every way that would help this account. */
export async function otherWays(visit: Visit): Promise<void> {
  const stand = await knownStanding(visit);
  return stand ? showChoice(visit, stand) : showSignIn(visit);
}

/** The prompt's answer was refused: the page it came from, with a new prompt. */
async function passkeyAgain(visit: Visit, notice: Message): Promise<void> {
  const stand = await knownStanding(visit);
  return stand ? showOneWay(visit, stand, 'passkey', { notice }) : showSignIn(visit, { notice });
}
