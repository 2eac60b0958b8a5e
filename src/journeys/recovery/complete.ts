import { z } from 'zod';
import type { BindRejection } from '../../domain/authenticators/index.ts';
import { type FieldErrors, fields, parseForm } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { markDone, wasDoneHere } from '../done-here.ts';
import { staysHere } from '../shared-machine.ts';
import { donePage } from './models.ts';
import { showComplete } from './standing.ts';
import { goTo, keepHolder, type Visit } from './visit.ts';

const passkeyForm = z.object({
  challenge: z.string().max(4096),
  response: fields.response,
  name: z.string().trim().max(60, 'fields.name.long').optional(),
});
const passwordForm = z.object({ password: fields.password });

const DONE = '/recover/done';

/** The ids behind the boxes that are ticked. */
const lostIn = ({ ctx }: Visit): string[] =>
  Object.keys((ctx.request.body ?? {}) as Record<string, string>).flatMap((name) =>
    /^lost-[0-9a-f-]{36}$/.test(name) ? [name.slice(5)] : [],
  );

/** The new passkey: bound, and everything that was open before it ends with the same statement. */
export async function completeByPasskey(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, passkeyForm);
  if (!parsed.ok) return showComplete(visit, { passkey: 'rejected.passkey.malformed' }, lostIn(visit));
  const { challenge: challengeId, response, name } = parsed.values;
  if (staysHere(visit.ctx.req, response)) return showComplete(visit, { passkey: 'kiosk.passkey.stays' }, lostIn(visit));
  return complete(visit, { kind: 'passkey', challengeId, response, ...(name ? { name } : {}) });
}

/** A password beside the telephone that was proven here. */
export async function completeByPassword(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, passwordForm);
  if (!parsed.ok) return showComplete(visit, parsed.errors, lostIn(visit));
  return complete(visit, { kind: 'password', response: { password: parsed.values.password } });
}

async function complete(
  visit: Visit,
  bound: { kind: 'passkey' | 'password'; challengeId?: string; response: unknown; name?: string },
): Promise<void> {
  const { parts, holder = '', token } = visit;
  const done = await parts.recoveries.complete({ ...bound, holder, sessionKey: token, lost: lostIn(visit) });
  if (done.completed) {
    keepHolder(visit, undefined);
    markDone(visit, DONE);
    return goTo(visit, DONE);
  }
  if (done.reason === 'over' || done.reason === 'no_phone') return goTo(visit, '/recover?notice=over');
  const message: Message =
    bound.kind === 'password'
      ? (PASSWORD_REJECTED[done.reason] ?? 'sign-up.password.other')
      : (PASSKEY_REJECTED[done.reason] ?? 'rejected.passkey.malformed');
  return showComplete(visit, { [bound.kind]: message } as FieldErrors, lostIn(visit));
}

const PASSKEY_REJECTED: Partial<Record<BindRejection, Message>> = {
  expired: 'rejected.passkey.expired',
  replayed: 'rejected.passkey.replayed',
  already_bound: 'add-passkey.already-bound',
  too_many: 'recover.complete.too-many',
};
const PASSWORD_REJECTED: Partial<Record<BindRejection, Message>> = {
  too_short: 'recover.password.too-short',
  too_long: 'sign-up.password.too-long',
  too_common: 'recover.password.too-common',
  own_data: 'recover.password.own-data',
  busy: 'rejected.busy',
  too_many: 'recover.complete.too-many',
  // Somebody has bound, used or removed something of the account at this very moment.
  already_bound: 'recover.complete.meanwhile',
  replayed: 'recover.complete.meanwhile',
};

/** The account is back; what is left is to sign in. Said to the browser that did it: anybody else begins. */
export function showDone(visit: Visit): void {
  if (wasDoneHere(visit, DONE)) visit.parts.views.show(visit.ctx, donePage, { accountUrl: '/account' });
  else goTo(visit, '/recover');
}
