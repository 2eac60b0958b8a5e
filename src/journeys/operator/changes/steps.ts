import { z } from 'zod';
import type { ChangeRequest, Drafted, Step } from '../../../domain/approvals/index.ts';
import { may } from '../../../domain/operators/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm, pressed } from '../../../platform/forms.ts';
import { goTo, refuseAct, type Visit } from '../visit.ts';
import { requestOf, showChange } from './change.ts';
import { changeUrl } from './list.ts';

/** What was looked at; without it nothing is decided. */
const seen = z.object({
  revision: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
});
const decision = seen.extend({ note: z.string().max(500).optional(), identityNumber: z.string().max(64).optional() });
const reasoned = z.object({ reason: z.string().max(500).default('') });
/** `2026-12-24T09:30` as a browser's field writes it, Vietnamese time. */
const proposal = seen.extend({
  activateAt: z
    .string()
    .regex(/^$|^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/)
    .optional(),
});

/** The fields of a step; a form that lacks what ours has is no form of ours. */
function read<Schema extends z.ZodType>({ ctx }: Visit, schema: Schema): z.infer<Schema> {
  const parsed = parseForm(ctx, schema);
  if (!parsed.ok) throw new EidError('http.malformed_body');
  return parsed.values;
}

/** What a step is about, for whom has the permission of its kind; anybody else has been refused. */
export async function permitted(visit: Visit, as: 'propose' | 'approve'): Promise<ChangeRequest | undefined> {
  const request = await requestOf(visit);
  const subject = visit.parts.approvals.subjectOf(request.kind);
  if (may(visit.acting.roles, subject[as])) return request;
  await refuseAct(visit, subject[as]);
  return undefined;
}

/** Back to the page, which says what has happened or why it has not. */
function answer(visit: Visit, step: Step, notice: string): Promise<void> | void {
  if (step.done) return goTo(visit, `${changeUrl(step.request)}?notice=${notice}`);
  if (step.reason === 'unknown') throw new EidError('http.not_found');
  return showChange(visit, { refused: step.reason, ...(step.findings ? { findings: step.findings } : {}) });
}

export async function proposeChange(visit: Visit): Promise<void> {
  const request = await permitted(visit, 'propose');
  if (!request) return;
  const { revision, activateAt } = read(visit, proposal);
  const step = await visit.parts.approvals.propose(request.id, {
    ...{ revision, by: visit.acting },
    ...(activateAt ? { activateAt: new Date(`${activateAt}+07:00`) } : {}),
  });
  return answer(visit, step, 'proposed');
}

/** One note and two buttons: whoever decides has read the same page either way. */
export async function decideChange(visit: Visit): Promise<void> {
  const request = await permitted(visit, 'approve');
  if (!request) return;
  const { revision, note, identityNumber } = read(visit, decision);
  const step = { revision, by: visit.acting, ...(note ? { note } : {}) };
  if (pressed(visit.ctx, 'refuse'))
    return answer(visit, await visit.parts.approvals.refuse(request.id, step), 'refused');
  if (!pressed(visit.ctx, 'approve')) throw new EidError('http.malformed_body');
  const approved = await visit.parts.approvals.approve(request.id, {
    ...step,
    ...(identityNumber === undefined ? {} : { identityNumber }),
  });
  return answer(visit, approved, approved.done && approved.request.state === 'scheduled' ? 'scheduled' : 'approved');
}

export async function withdrawChange(visit: Visit): Promise<void> {
  const request = await permitted(visit, 'propose');
  if (!request) return;
  const { revision } = read(visit, seen);
  return answer(visit, await visit.parts.approvals.withdraw(request.id, { revision, by: visit.acting }), 'withdrawn');
}

/** The way back is a change request of its own, proposed at once; another person approves it. */
export async function rollBackChange(visit: Visit): Promise<void> {
  const request = await permitted(visit, 'propose');
  if (!request) return;
  const { reason } = read(visit, reasoned);
  return answerWish(visit, await visit.parts.approvals.rollBack(request.id, visit.acting, reason), (refused) =>
    showChange(visit, { refused }),
  );
}

/** What a wish that drafts and proposes in one step came to: its page, or why not. */
export function answerWish(
  visit: Visit,
  wish: Drafted | Step,
  refused: (reason: Exclude<Step, { done: true }>['reason']) => Promise<void>,
): Promise<void> | void {
  if ('done' in wish) {
    if (wish.done) return goTo(visit, `${changeUrl(wish.request)}?notice=proposed`);
    return refused(wish.reason);
  }
  if (wish.drafted) return goTo(visit, `${changeUrl(wish.request)}?notice=drafted`);
  return refused(wish.reason === 'same' ? 'not_open' : wish.reason);
}
