import { z } from 'zod';
import { AUTHENTICATOR_KINDS, type AuthenticatorKind } from '../../domain/assurance/index.ts';
import { type FieldErrors, fields, parseForm, pressed } from '../../platform/forms.ts';
import { countRefusal, type Standing, type Visit } from './journey.ts';
import { knownStanding, proven } from './next.ts';
import { rejected, showChoice, showMessageCode, showOneWay, showSignIn, waysOf } from './pages.ts';
import { joined } from './sign-in.ts';
import { turnedAway } from './turned-away.ts';

const wayForm = z.object({ kind: z.enum(AUTHENTICATOR_KINDS as [AuthenticatorKind, ...AuthenticatorKind[]]) });
const codeForm = z.object({ code: fields.code });

/** One of the offered ways was chosen. */
export async function takeWay(visit: Visit): Promise<void> {
  const stand = await knownStanding(visit);
  if (!stand) return showSignIn(visit);
  const parsed = parseForm(visit.ctx, wayForm);
  const offered = parsed.ok && waysOf(stand).some((way) => way.kind === parsed.values.kind);
  return offered ? showOneWay(visit, stand, parsed.values.kind) : showChoice(visit, stand);
}

/** Six figures from an authenticator app. */
export const takeCode = (visit: Visit): Promise<void> =>
  takeFigures(visit, 'totp', (stand, errors) => showOneWay(visit, stand, 'totp', { errors }));

/** The code that came by message; or a new one is wanted. */
export async function takeMessageCode(visit: Visit): Promise<void> {
  if (pressed(visit.ctx, 'resend')) {
    const stand = await knownStanding(visit);
    return stand ? showOneWay(visit, stand, 'message-otp', { notice: 'message-code.sent-again' }) : showSignIn(visit);
  }
  return takeFigures(visit, 'message-otp', (stand, errors) => showMessageCode(visit, stand, { errors }, false));
}

async function takeFigures(
  visit: Visit,
  kind: 'totp' | 'message-otp',
  again: (stand: Standing, errors: FieldErrors) => Promise<void>,
): Promise<void> {
  const { ctx, parts, paused } = visit;
  const stand = await knownStanding(visit);
  if (!stand) return showSignIn(visit);
  if (pressed(ctx, 'other')) return showChoice(visit, stand);
  const parsed = parseForm(ctx, codeForm);
  if (!parsed.ok) return again(stand, parsed.errors);
  const challengeId = kind === 'message-otp' ? paused.journey.messageChallenge : undefined;
  const verdict = await parts.authenticators.answer({
    kind,
    sessionKey: paused.uid,
    subscriberId: stand.subscriber.id,
    ...(challengeId ? { challengeId } : {}),
    response: { code: parsed.values.code },
    address: ctx.ip,
    ...joined(visit),
  });
  if (verdict.verified) return proven(visit, stand.subscriber, verdict.proof);
  countRefusal(visit, kind, verdict.reason);
  await again(stand, { code: rejected('code', verdict.reason, verdict.retryAfter) });
  turnedAway(ctx, verdict);
}
