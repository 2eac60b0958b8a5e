import { z } from 'zod';
import { parseIdentifier } from '../../domain/subscribers/index.ts';
import { type FieldErrors, fields, parseForm, pressed } from '../../platform/forms.ts';
import type { Message } from '../../platform/messages.ts';
import { markDone, wasDoneHere } from '../done-here.ts';
import { throttled } from '../throttled.ts';
import { lockCodePage, lockedNowPage, lockPage } from './models.ts';
import { formOf, goTo, tooMany, type Visit } from './visit.ts';

const phone = z.enum(['own', 'second']).default('own');
const askForm = z.object({ identifier: fields.identifier, phone });
const codeForm = z.object({ code: fields.code });
/** What travels with the page that asks for the code. */
const carried = z.object({ identifier: fields.identifier, phone, challenge: z.string().max(4_096) });

const DONE = '/lock/done';

interface Said {
  readonly errors?: FieldErrors;
  readonly notice?: Message;
  readonly identifier?: string;
  readonly phone?: 'own' | 'second';
}

/** Whose account, and which telephone. */
export function showLock(visit: Visit, said: Said = {}): void {
  const model = {
    ...formOf(visit, '/lock'),
    ...{ errors: said.errors ?? {}, notice: said.notice ?? null },
    ...{ identifier: said.identifier ?? '', phone: said.phone ?? 'own' },
  };
  visit.parts.views.show(visit.ctx, lockPage, model, { path: '/lock' });
}

/** A code to the confirmed telephone, if there is such an account; the page that follows is the same if there is none. */
export async function askForCode(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, askForm);
  if (!parsed.ok) {
    const { identifier = '', phone: which } = parsed.entered;
    return showLock(visit, { errors: parsed.errors, identifier, phone: which === 'second' ? 'second' : 'own' });
  }
  if (!parseIdentifier(parsed.values.identifier))
    return showLock(visit, { errors: { identifier: 'fields.identifier.form' }, ...parsed.values });
  return send(visit, parsed.values);
}

async function send(visit: Visit, asked: z.infer<typeof askForm>): Promise<void> {
  const { parts, ctx, token, locale } = visit;
  const sent = await parts.lockCodes.ask({ ...asked, sessionKey: token, from: ctx.ip, locale });
  if (sent.sent) return showCode(visit, { ...asked, challenge: sent.challenge });
  showLock(visit, { ...asked, notice: throttled(sent.retryAfter) });
  tooMany(visit, sent.retryAfter);
}

function showCode(visit: Visit, asked: z.infer<typeof carried>, errors: FieldErrors = {}): void {
  const model = { ...formOf(visit, '/lock/code'), errors, notice: null, ...asked };
  visit.parts.views.show(visit.ctx, lockCodePage, model, { path: '/lock' });
}

/** The right code locks at once. */
export async function takeCode(visit: Visit): Promise<void> {
  const { ctx, parts, token } = visit;
  const along = parseForm(ctx, carried);
  if (!along.ok) return showLock(visit);
  if (pressed(ctx, 'resend')) return send(visit, along.values);
  const parsed = parseForm(ctx, codeForm);
  if (!parsed.ok) return showCode(visit, along.values, parsed.errors);
  const verdict = await parts.lockCodes.lock({ ...along.values, code: parsed.values.code, sessionKey: token });
  if (verdict.locked) {
    markDone(visit, DONE);
    return goTo(visit, DONE);
  }
  return showCode(visit, along.values, { code: `rejected.code.${verdict.reason}` });
}

/** It is done, and said to the browser that did it: anybody else begins. */
export function showLocked(visit: Visit): void {
  if (wasDoneHere(visit, DONE)) visit.parts.views.show(visit.ctx, lockedNowPage, {});
  else goTo(visit, '/lock');
}
