import { z } from 'zod';
import { DECISIONS, type LockRequest, overdueOf } from '../../../domain/lock-requests/index.ts';
import { may } from '../../../domain/operators/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm } from '../../../platform/forms.ts';
import { provisionalYear } from '../../../platform/plain-values/working-days.ts';
import { one, pagesOf } from '../page-parts.ts';
import { personSeen } from '../people/person-seen.ts';
import { formOf, goTo, namesOf, type Visit } from '../visit.ts';
import { type LockRequestPage, type LockRequestRow, lockRequestPage, lockRequestsPage } from './models.ts';

const SIZE = 50;
const NOTICES = new Set(['received', 'forwarded', 'approved', 'refused']);
const decisionForm = z.object({
  decision: z.enum(DECISIONS, 'console.lock-request.decision.missing'),
  reason: z
    .string('console.lock-request.reason.missing')
    .trim()
    .min(10, 'console.lock-request.reason.missing')
    .max(2_000, 'console.lock-request.long'),
});

/** Open requests by their terms, late ones marked; or all of them, the newest first. */
export async function listLockRequests({ ctx, parts, frame }: Visit): Promise<void> {
  const open = one(ctx.query.state) !== 'all';
  const [page, counts] = await Promise.all([
    parts.lockRequests.list({ open, from: one(ctx.query.from), limit: SIZE }),
    parts.lockRequests.counts(),
  ]);
  const now = parts.clock.now();
  const rows = page.requests.map((request) => rowOf(request, now));
  parts.views.show(ctx, lockRequestsPage, {
    ...frame,
    ...counts,
    state: (['open', 'all'] as const).map((value) => ({
      ...{ value, label: `console.lock-requests.${value}`, chosen: (value === 'open') === open },
    })),
    rows,
    provisionalYear: provisionalOf(rows),
    ...pagesOf('/operator/lock-requests', ctx.query, page.next),
  });
}

const provisionalOf = (rows: readonly LockRequestRow[]): number | null =>
  provisionalYear(rows.flatMap(({ dueAt }) => (dueAt ? [dueAt] : [])));

const urlOf = (id: string): string => `/operator/lock-requests/${id}`;

const rowOf = (request: LockRequest, now: Date): LockRequestRow => ({
  ...{ number: request.number, url: urlOf(request.id), what: request.what, state: request.state },
  receivedAt: request.receivedAt,
  dueAt: request.decision ? null : (request.forwarded?.decideBy ?? request.forwardBy),
  overdue: overdueOf(request, now) ?? null,
});

interface Again {
  readonly errors?: object;
  readonly entered?: Record<string, string>;
  readonly refused?: string;
}

async function requestOf({ ctx, parts }: Visit): Promise<LockRequest> {
  const found = await parts.lockRequests.find(ctx.params.id ?? '');
  if (!found) throw new EidError('http.not_found');
  return found;
}

/** Whose lock a request would lift, and how many stay then, of whatever ground. */
async function liftsOf(
  { parts }: Visit,
  { what, lockId, subscriberId, decision }: LockRequest,
): Promise<LockRequestPage['lifts']> {
  if (what === 'lock' || decision) return null;
  const [asked, locks] = await Promise.all([
    parts.lockRequests.askedLocks(subscriberId),
    parts.subscribers.locks(subscriberId),
  ]);
  const lock = asked.find(({ id }) => id === lockId);
  if (!lock) return null;
  const staying = locks.filter(({ id, liftedAt }) => !liftedAt && id !== lock.id).length;
  return { lock: { ...lock, authority: lock.authority ?? null }, staying };
}

/** Of before requests to lift named their lock: it can only be refused. */
const isUnnamed = ({ what, lockId, decision }: LockRequest): boolean =>
  what === 'unlock' && lockId === undefined && decision === undefined;

/** One request with its next step, and whose account it is about: the look is journalled. */
export async function showLockRequest(visit: Visit, again: Again = {}): Promise<void> {
  const { ctx, parts, acting } = visit;
  const request = await requestOf(visit);
  const { id, subscriberId, forwarded, decision, state } = request;
  const person = await personSeen(visit, { subscriberId, reason: 'lock_request', page: 'lock_request' });
  const names = await namesOf(visit, [request.receivedBy, forwarded?.by, decision?.by]);
  const named = (operatorId: string): string => names.get(operatorId) ?? operatorId;
  const mayDecide = state === 'forwarded' && may(acting.roles, 'lock_requests.decide');
  const hadIt = [request.receivedBy, forwarded?.by].includes(acting.operatorId);
  const notice = one(ctx.query.notice);
  const row = rowOf(request, parts.clock.now());
  parts.views.show(
    ctx,
    lockRequestPage,
    {
      ...visit.frame,
      ...row,
      provisionalYear: provisionalOf([row]),
      ...person,
      ...{ authority: request.authority, document: request.document, statement: request.statement },
      lifts: await liftsOf(visit, request),
      receivedBy: named(request.receivedBy),
      forwarded: forwarded ? { by: named(forwarded.by), at: forwarded.at } : null,
      forward:
        state === 'received' && may(acting.roles, 'lock_requests.receive')
          ? formOf(visit, '/operator/lock-requests/:id/forward', id)
          : null,
      decide: mayDecide && !hadIt ? formOf(visit, '/operator/lock-requests/:id/decide', id) : null,
      waitsForAnother: state === 'forwarded' && (hadIt || !mayDecide),
      errors: { ...again.errors },
      unnamed: isUnnamed(request),
      decisions: DECISIONS.filter((value) => value === 'refused' || !isUnnamed(request)).map((value) => ({
        ...{ value, label: `console.lock-request.decision.${value}`, chosen: again.entered?.decision === value },
      })),
      reason: again.entered?.reason ?? '',
      decision: decision ? { by: named(decision.by), at: decision.at, reason: decision.reason } : null,
      notice: notice && NOTICES.has(notice) ? `console.lock-request.notice.${notice}` : null,
      refused: again.refused ? `console.lock-request.refused.${again.refused}` : null,
    },
    { status: again.refused ? 409 : again.errors ? 422 : 200, path: urlOf(id) },
  );
}

const officer = ({ acting }: Visit) => ({ kind: 'operator', id: acting.operatorId }) as const;

/** It is in order: the second term begins, for somebody else. */
export async function forwardLockRequest(visit: Visit): Promise<void> {
  const { id } = await requestOf(visit);
  const step = await visit.parts.lockRequests.forward(id, officer(visit));
  return step.done ? goTo(visit, `${urlOf(id)}?notice=forwarded`) : showLockRequest(visit, { refused: step.reason });
}

/** Another officer's word, with its reasons in writing; an approval is carried out in the same act. */
export async function decideLockRequest(visit: Visit): Promise<void> {
  const { id } = await requestOf(visit);
  const parsed = parseForm(visit.ctx, decisionForm);
  if (!parsed.ok) return showLockRequest(visit, { errors: parsed.errors, entered: parsed.entered });
  const { decision, reason } = parsed.values;
  const step = await visit.parts.lockRequests.decide(id, { decision, reason, by: officer(visit) });
  if (step.done) return goTo(visit, `${urlOf(id)}?notice=${decision}`);
  return showLockRequest(visit, { refused: step.reason, entered: { decision, reason } });
}
