import { z } from 'zod';
import type { Standing } from '../../domain/applications/index.ts';
import { EidError } from '../../platform/errors.ts';
import { type FieldErrors, parseForm } from '../../platform/forms.ts';
import { allowCamera } from '../../platform/headers.ts';
import { provisionalYear } from '../../platform/plain-values/working-days.ts';
import { pictureIn } from '../face-form.ts';
import { codeForm, NOT_CONFIRMED, NOT_TAKEN } from './form.ts';
import { codePage, facePage, standingPage, statusFormPage, stopPage, stoppedPage } from './models.ts';
import { askingOf, goTo, tokenOf, type Visit } from './visit.ts';

/** What happens to an application after it was handed in. */
export const AFTER = {
  status: '/sign-up/status',
  statusCode: '/sign-up/status/code',
  application: '/sign-up/application',
  picture: '/sign-up/picture',
  withdraw: '/sign-up/withdraw',
  stop: '/sign-up/stop',
} as const;

const longForm = z.object({
  code: z
    .string('sign-up.long-code.missing')
    .trim()
    .min(1, 'sign-up.long-code.missing')
    .max(100, 'sign-up.long-code.form'),
});

export function showStatusForm(visit: Visit, errors: FieldErrors = {}, reference = ''): void {
  const model = { action: AFTER.status, csrf: tokenOf(visit, AFTER.status), errors, reference };
  visit.parts.views.show(visit.ctx, statusFormPage, model, { path: AFTER.status });
}

const statusForm = z.object({
  reference: z
    .string('sign-up.reference.missing')
    .trim()
    .min(1, 'sign-up.reference.missing')
    .max(64, 'sign-up.reference.missing'),
});

/** Whether anybody has this reference is not said: a code goes to the telephone of whoever has. */
export async function askStatus(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, statusForm);
  if (!parsed.ok) return showStatusForm(visit, parsed.errors, parsed.entered.reference ?? '');
  await visit.parts.applications.askStatus(visit.token, parsed.values.reference, askingOf(visit));
  goTo(visit, AFTER.statusCode);
}

export function showStatusCode(visit: Visit, errors: FieldErrors = {}): void {
  const { ctx, parts } = visit;
  const form = { action: AFTER.statusCode, csrf: tokenOf(visit, AFTER.statusCode), errors };
  const lede = 'sign-up.status.code.lede';
  parts.views.show(
    ctx,
    codePage,
    { ...form, step: null, lede, resend: false, notice: null },
    { path: AFTER.statusCode },
  );
}

export async function takeStatusCode(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, codeForm);
  if (!parsed.ok) return showStatusCode(visit, parsed.errors);
  const confirmed = await visit.parts.applications.confirmStatus(visit.token, parsed.values.code);
  if (confirmed !== 'confirmed') return showStatusCode(visit, { code: NOT_CONFIRMED[confirmed] });
  goTo(visit, AFTER.application);
}

/** What has just happened, as `?notice=` names it; anything else is ignored. */
const NOTICES = new Map([
  ['answered', 'sign-up.status.answered'],
  ['withdrawn', 'sign-up.status.withdrawn'],
]);

const nothing = {
  told: null,
  answerBefore: null,
  activation: null,
  activateBefore: null,
} satisfies { [Part in keyof Standing]?: null };

export async function showStanding(visit: Visit): Promise<void> {
  const { ctx, parts, token } = visit;
  const standing = await parts.applications.standing(token);
  if (!standing) return goTo(visit, AFTER.status);
  const open = ['CHECKING', 'NEEDS_INFO'].includes(standing.state);
  parts.views.show(ctx, standingPage, {
    standing: { ...nothing, ...standing },
    withdraw: open ? { action: AFTER.withdraw, csrf: tokenOf(visit, AFTER.withdraw) } : null,
    pictureUrl: standing.state === 'NEEDS_INFO' ? AFTER.picture : null,
    notice: NOTICES.get(String(ctx.query.notice)) ?? null,
    // Only the decision is due by working days.
    provisionalYear: standing.state === 'CHECKING' ? provisionalYear([standing.dueAt]) : null,
  });
}

export async function withdraw(visit: Visit): Promise<void> {
  await visit.parts.applications.withdraw(visit.token);
  // Whoever looked at it is forgotten with it.
  goTo(visit, AFTER.status);
}

export async function showPicture(visit: Visit, errors: FieldErrors = {}): Promise<void> {
  const { ctx, parts, token } = visit;
  const standing = await parts.applications.standing(token);
  if (standing?.state !== 'NEEDS_INFO') return goTo(visit, standing ? AFTER.application : AFTER.status);
  allowCamera(ctx);
  const form = { action: AFTER.picture, csrf: tokenOf(visit, AFTER.picture), errors };
  parts.views.show(ctx, facePage, { ...form, step: null, backUrl: AFTER.application }, { path: AFTER.picture });
}

export async function takePicture(visit: Visit): Promise<void> {
  const bytes = pictureIn(visit.ctx);
  if (!bytes) return showPicture(visit, { picture: 'face.missing' });
  const taken = await visit.parts.applications.answer(visit.token, bytes);
  if (taken.taken) return goTo(visit, `${AFTER.application}?notice=answered`);
  if (taken.reason === 'over') return goTo(visit, AFTER.application);
  if (taken.reason === 'busy') throw new EidError('http.busy', { facts: { retryAfter: 5 } });
  return showPicture(visit, { picture: NOT_TAKEN[taken.reason] });
}

export function showStop(visit: Visit, errors: FieldErrors = {}, code = ''): void {
  const model = { action: AFTER.stop, csrf: tokenOf(visit, AFTER.stop), errors, code };
  visit.parts.views.show(visit.ctx, stopPage, model, { path: AFTER.stop });
}

/** "That was not me." The code is long enough that nobody guesses one: what is wrong with it may be said. */
export async function stop(visit: Visit): Promise<void> {
  const { ctx, parts } = visit;
  const parsed = parseForm(ctx, longForm);
  if (!parsed.ok) return showStop(visit, parsed.errors, parsed.entered.code ?? '');
  const stopped = await parts.applications.stop(parsed.values.code);
  if (stopped === 'unknown') return showStop(visit, { code: 'sign-up.long-code.unknown' }, parsed.values.code);
  parts.views.show(ctx, stoppedPage, { locked: stopped === 'locked' }, { path: null });
}
export { longForm };
