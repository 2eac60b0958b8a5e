import { z } from 'zod';
import { type OnlineApplication, REISSUE_REASONS } from '../../../domain/applications/index.ts';
import { may } from '../../../domain/operators/index.ts';
import { maskedNumber, type ViewReason } from '../../../domain/subscribers/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { type FieldErrors, parseForm } from '../../../platform/forms.ts';
import type { Message } from '../../../platform/messages.ts';
import { one, type PostForm } from '../page-parts.ts';
import { reasonsToLook, whyLooked, writeDownLook } from '../people/person-seen.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { onlineCasePage, onlineReasonPage } from './models.ts';
import { ONLINE, onlineOf } from './visit.ts';

interface Again {
  readonly errors?: FieldErrors;
  readonly refused?: Message;
}

async function applicationOf(visit: Visit): Promise<OnlineApplication> {
  const found = await (await onlineOf(visit)).findOnline(visit.ctx.params.id ?? '');
  if (!found) throw new EidError('http.not_found');
  return found;
}

/** One application: who looks at it, and why, is written down before it is shown. Whoever has not said why is asked, and sees nobody. */
export async function showOnlineCase(visit: Visit, { errors = {}, refused }: Again = {}): Promise<void> {
  const { ctx, parts, acting } = visit;
  const application = await applicationOf(visit);
  const why = whyOf(visit);
  if (!why) return askWhy(visit, application);
  await noteLook(visit, application, why);
  const { id, applicant, activation, submittedAt, state, waitingFor, reason, activateBefore } = application;
  const now = parts.clock.now();
  const dueAt = application.dueAt ?? now;
  const mayReissue = activation === 'lapsed' && applicant !== undefined && may(acting.roles, 'counter.serve');
  parts.views.show(
    ctx,
    onlineCasePage,
    {
      ...visit.frame,
      ...{ reference: application.reference, form: application.form, state, activation: activation ?? null },
      name: applicant?.fullName ?? null,
      identityNumber: applicant ? maskedNumber(applicant.identityNumber) : null,
      birthdate: applicant?.birthdate ?? null,
      phone: applicant?.phone ? `••• ${applicant.phone.slice(-3)}` : null,
      ...{ submittedAt: submittedAt ?? dueAt, dueAt, activateBefore: activateBefore ?? null },
      late: (state === 'SUBMITTED' || state === 'CHECKING') && dueAt < now,
      ...{ silent: waitingFor ?? null, reason: reason ?? null },
      reissue: mayReissue ? withReason(formOf(visit, ONLINE.reissue, id), why) : null,
      reasons: REISSUE_REASONS.map((value) => ({
        ...{ value, label: `console.online.reissue.reason.${value}`, chosen: false },
      })),
      errors,
      refused: refused ?? null,
      notice: one(ctx.query.notice) === 'reissued' ? 'console.online.notice.reissued' : null,
    },
    { path: ONLINE.queue, status: refused || Object.keys(errors).length > 0 ? 422 : 200 },
  );
}

/** In the person's own list where the number has an account, or had one made of this; in the journal in any case. */
async function noteLook(visit: Visit, application: OnlineApplication, reason: ViewReason): Promise<void> {
  const { parts, acting } = visit;
  const { applicant, accountId } = application;
  const account =
    (accountId === undefined ? undefined : await parts.subscribers.find(accountId)) ??
    (applicant && (await parts.subscribers.locate(applicant.identityNumber)));
  if (account) return writeDownLook(visit, { subscriberId: account.id, reason, page: 'application' });
  const by = { kind: 'operator', id: acting.operatorId } as const;
  await (await onlineOf(visit)).noteLook(application, { by, office: acting.office, reason });
}

const addressOf = ({ id }: OnlineApplication): string => ONLINE.one.replace(':id', id);

/** Why they look: chosen at the search, or when it was opened from the list; it stands in the address of every step here. */
const whyOf = ({ ctx }: Visit): ViewReason | undefined => whyLooked.safeParse(one(ctx.query.reason)).data;

const withReason = (form: PostForm, reason: ViewReason): PostForm => ({
  ...form,
  action: `${form.action}?reason=${reason}`,
});

function askWhy(visit: Visit, application: OnlineApplication): void {
  const page = { ...visit.frame, url: addressOf(application), reasons: reasonsToLook() };
  visit.parts.views.show(visit.ctx, onlineReasonPage, page, { path: ONLINE.queue, status: 200 });
}

const reissuing = z.object({ reason: z.enum(REISSUE_REASONS, 'console.level-2.choose') });

/** Another code goes to the telephone that was confirmed: the person is here with their card, or has called. */
export async function reissue(visit: Visit): Promise<void> {
  const { parts, acting } = visit;
  const application = await applicationOf(visit);
  const parsed = parseForm(visit.ctx, reissuing);
  if (!parsed.ok) return showOnlineCase(visit, { errors: parsed.errors });
  if (application.applicant && (await parts.isOwnCase(application.applicant, acting))) return refusedAsOwn(visit);
  try {
    const online = await onlineOf(visit);
    const by = { kind: 'operator', id: acting.operatorId } as const;
    const done = await online.reissue(application, { reason: parsed.values.reason, by });
    return done.reissued
      ? goTo(
          visit,
          `${addressOf(application)}?${new URLSearchParams({ notice: 'reissued', reason: whyOf(visit) ?? '' })}`,
        )
      : showOnlineCase(visit, { refused: `console.online.refused.${done.reason.replaceAll('_', '-')}` });
  } catch (error) {
    // Whoever is asked does not answer: nothing is done, and it is asked again.
    if (!(error instanceof EidError) || !error.code.endsWith('.unavailable')) throw error;
    return showOnlineCase(visit, { refused: `errors.${error.code}` });
  }
}

/** Nobody serves themself; the journal has who tried to. */
async function refusedAsOwn(visit: Visit): Promise<void> {
  const { parts, acting } = visit;
  const tried = { permission: 'counter.serve', route: ONLINE.reissue, method: 'POST', operator: acting.operatorId };
  const actor = { kind: 'operator', id: acting.operatorId } as const;
  await parts.write([parts.journal.append({ type: 'operator.refused', actor, detail: { why: 'self', ...tried } })]);
  return showOnlineCase(visit, { refused: 'console.online.refused.self' });
}
