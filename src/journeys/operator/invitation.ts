import type { Context } from 'koa';
import { z } from 'zod';
import { EidError } from '../../platform/errors.ts';
import { type FieldErrors, fields, parseForm } from '../../platform/forms.ts';
import { enrolPage, invitationPage } from './models.ts';
import { type ConsoleParts, goTo, visitKey } from './session.ts';

const INVITATION = '/operator/invitation';
const PASSKEY = '/operator/invitation/passkey';

/** As it was handed over, with what copying adds; what cannot be a code is not looked for. */
const code = z
  .string('operator.invitation.code.missing')
  .transform((text) => text.replace(/[\s\p{Cf}]/gu, '').replace(/^.*#/, ''))
  .pipe(z.string().min(1, 'operator.invitation.code.missing').max(100, 'operator.invitation.closed'));
const claim = z.object({
  code,
  identityNumber: z
    .string('operator.invitation.number.missing')
    .trim()
    .min(1, 'operator.invitation.number.missing')
    .max(64, 'operator.invitation.number.form'),
});
const answer = z.object({
  code,
  challenge: z.string().max(4096),
  response: fields.response,
  name: z.string().trim().max(60, 'fields.name.long').optional(),
});

/** An invitation is a code and the number of whom it is for. */
export function showInvitation(ctx: Context, parts: ConsoleParts): void {
  show(ctx, parts, {});
}

function show(
  ctx: Context,
  { views, csrf, secure }: ConsoleParts,
  { errors = {}, typed = '', status = 200 }: { errors?: FieldErrors; typed?: string; status?: number },
): void {
  const key = visitKey(ctx, secure);
  const model = { action: INVITATION, csrf: csrf.token(key, INVITATION), errors, code: typed };
  views.show(ctx, invitationPage, model, { status, path: INVITATION });
}

/** The invitation that fits leads to the passkey; whatever does not fit looks alike, and says what to do. */
export async function openInvitation(ctx: Context, parts: ConsoleParts): Promise<void> {
  const { operators, csrf, secure, views } = parts;
  const key = visitKey(ctx, secure);
  csrf.check(ctx, key, INVITATION);
  const parsed = parseForm(ctx, claim);
  if (!parsed.ok) return show(ctx, parts, { errors: parsed.errors, typed: parsed.entered.code ?? '', status: 400 });
  const opened = await operators.openInvitation({ ...parsed.values, sessionKey: key });
  if (!opened.opened)
    return show(ctx, parts, {
      errors: { code: 'operator.invitation.closed' },
      typed: parsed.values.code,
      status: 403,
    });
  const { name: person, challengeId, request: options } = opened;
  views.show(
    ctx,
    enrolPage,
    {
      ...{ person, challengeId, options, action: PASSKEY, errors: {} },
      ...{ csrf: csrf.token(key, PASSKEY), code: parsed.values.code },
    },
    { path: null },
  );
}

/** The passkey of whoever typed the number; then they sign in with it, as every time. */
export async function acceptInvitation(ctx: Context, parts: ConsoleParts): Promise<void> {
  const { operators, csrf, secure } = parts;
  const key = visitKey(ctx, secure);
  csrf.check(ctx, key, PASSKEY);
  const parsed = parseForm(ctx, answer);
  if (!parsed.ok)
    return show(ctx, parts, {
      errors: { code: 'rejected.passkey.malformed' },
      typed: parsed.entered.code ?? '',
      status: 400,
    });
  const { challenge: challengeId, response, name } = parsed.values;
  const outcome = await operators.acceptInvitation({
    ...{ code: parsed.values.code, sessionKey: key, challengeId, response, address: ctx.ip },
    ...(name ? { passkeyName: name } : {}),
  });
  if (outcome.accepted) return goTo(ctx, '/operator/sign-in?notice=activated');
  if (outcome.reason === 'throttled')
    throw new EidError('http.busy', { status: 429, facts: { retryAfter: outcome.retryAfter ?? 60 } });
  show(ctx, parts, { errors: { code: REFUSED[outcome.reason] }, typed: parsed.values.code, status: 403 });
}

const REFUSED = {
  closed: 'operator.invitation.closed',
  wrong: 'operator.invitation.wrong',
  already_bound: 'add-passkey.already-bound',
} as const;
