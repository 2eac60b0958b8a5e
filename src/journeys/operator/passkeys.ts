import { z } from 'zod';
import { fields, parseForm } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { newPasskeyPage, passkeysPage } from './models.ts';
import { goTo, type Visit } from './session.ts';
import { signInAgain } from './sign-in.ts';

const PASSKEYS = '/operator/passkeys';
const REMOVE = '/operator/passkeys/:id/remove';
const passkeyForm = z.object({
  challenge: z.string().max(4096),
  response: fields.response,
  name: z.string().trim().max(60, 'fields.name.long').optional(),
});

/** What has just happened, as `?notice=` names it; anything else is ignored. */
const NOTICES = new Map([
  ['added', 'operator.passkeys.added'],
  ['removed', 'operator.passkeys.removed'],
  ['last', 'operator.passkeys.last'],
]);

/** One's own passkeys. */
export async function showPasskeys({ ctx, parts, acting, frame, token }: Visit): Promise<void> {
  const all = await parts.operators.passkeys(acting.operatorId);
  const notice = typeof ctx.query.notice === 'string' ? ctx.query.notice : '';
  parts.views.show(ctx, passkeysPage, {
    ...frame,
    notice: NOTICES.get(notice) ?? null,
    warning: notice === 'last',
    passkeys: all.map(({ id, name, synced, createdAt, lastUsedAt }) => ({
      ...{ id, name, synced, createdAt, lastUsedAt: lastUsedAt ?? null },
      remove: all.length > 1 ? { action: `${PASSKEYS}/${id}/remove`, csrf: token(REMOVE) } : null,
    })),
    addUrl: `${PASSKEYS}/new`,
  });
}

/** The browser's prompt for a further one. */
export const showNewPasskey = (visit: Visit): Promise<void> => show(visit);

async function show(visit: Visit, error?: Message): Promise<void> {
  const { ctx, parts, acting, sessionKey, frame, token } = visit;
  const asked = await parts.operators.beginPasskey(acting, sessionKey);
  if (asked === 'sign_in_again') return signInAgain(visit);
  parts.views.show(
    ctx,
    newPasskeyPage,
    {
      ...frame,
      ...{ action: PASSKEYS, csrf: token(PASSKEYS), errors: error ? { passkey: error } : {} },
      ...{ challengeId: asked.challengeId, options: asked.request, backUrl: PASSKEYS },
    },
    { path: `${PASSKEYS}/new`, status: error ? 400 : 200 },
  );
}

export async function addPasskey(visit: Visit): Promise<void> {
  const { ctx, parts, acting, sessionKey } = visit;
  const parsed = parseForm(ctx, passkeyForm);
  if (!parsed.ok) return show(visit, 'rejected.passkey.malformed');
  const { challenge: challengeId, response, name } = parsed.values;
  const answer = { sessionKey, challengeId, response, address: ctx.ip, ...(name ? { name } : {}) };
  const outcome = await parts.operators.bindPasskey(acting, answer);
  if (outcome === 'sign_in_again') return signInAgain(visit);
  if (outcome === 'bound') return goTo(ctx, `${PASSKEYS}?notice=added`);
  return show(visit, REFUSED[outcome]);
}

const REFUSED = {
  already_bound: 'add-passkey.already-bound',
  too_many: 'add-passkey.too-many',
  expired: 'rejected.passkey.expired',
  wrong: 'operator.invitation.wrong',
  throttled: 'operator.sign-in.throttled',
} as const;

export async function removePasskey(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const outcome = await parts.operators.removePasskey(acting, ctx.params.id ?? '');
  if (outcome === 'sign_in_again') return signInAgain(visit);
  if (outcome === 'unknown') return goTo(ctx, PASSKEYS);
  return goTo(ctx, `${PASSKEYS}?notice=${outcome === 'removed' ? 'removed' : 'last'}`);
}
