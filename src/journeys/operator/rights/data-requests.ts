import { z } from 'zod';
import { DATA_REQUEST_OUTCOMES, type DataRequest, overdueOf, type Step } from '../../../domain/data-requests/index.ts';
import { may } from '../../../domain/operators/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm } from '../../../platform/forms.ts';
import { provisionalYear } from '../../../platform/plain-values/working-days.ts';
import { one, pagesOf } from '../page-parts.ts';
import { personSeen } from '../people/person-seen.ts';
import { formOf, goTo, namesOf, type Visit } from '../visit.ts';
import { type DataRequestRow, dataRequestPage, dataRequestsPage } from './models.ts';
import { BY_HAND, unconfirmedRow } from './withdrawals.ts';

const SIZE = 50;
const NOTICES = new Set(['acknowledged', 'extended', 'decided']);

const words = (missing: string) => z.string(missing).trim().min(10, missing).max(2_000, 'console.data-request.long');
const extension = z.object({ extension: words('console.data-request.extension.missing') });
const decision = z.object({
  outcome: z.enum(DATA_REQUEST_OUTCOMES, 'console.data-request.outcome.missing'),
  reason: words('console.data-request.reason.missing'),
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Open requests, the one whose end is nearest first; late ones are marked. And withdrawals that wait for a confirmation, a page at a
 * time of their own: what an officer has to tell comes first.
 */
export async function listDataRequests(visit: Visit): Promise<void> {
  const { ctx, parts, frame } = visit;
  const after = one(ctx.query.from);
  const behind = UUID.test(one(ctx.query.waiting) ?? '') ? one(ctx.query.waiting) : undefined;
  const [page, counts, found, waits] = await Promise.all([
    parts.dataRequests.open({ limit: SIZE, ...(after ? { after } : {}) }),
    parts.dataRequests.counts(),
    parts.consents.unconfirmed({ limit: SIZE + 1, after: behind }),
    parts.consents.withdrawalCounts(),
  ]);
  const waiting = found.slice(0, SIZE);
  const last = waiting.at(-1);
  const now = parts.clock.now();
  const notice = one(ctx.query.notice);
  parts.views.show(ctx, dataRequestsPage, {
    ...frame,
    ...{ open: counts.open, late: counts.overdue },
    rows: page.requests.map((request) => rowOf(request, now)),
    unconfirmed: waiting.map((withdrawal) => unconfirmedRow(visit, withdrawal, now)),
    waits,
    moreUrl: found.length > SIZE && last ? `/operator/data-requests?waiting=${last.consentId}` : null,
    firstUrl: behind === undefined ? null : '/operator/data-requests',
    provisionalYear: provisionalYear([
      ...page.requests.flatMap(({ acknowledgeBy, decideBy }) => [acknowledgeBy, decideBy]),
      ...waiting.map(({ confirmBy }) => confirmBy),
    ]),
    notice: notice && BY_HAND.has(notice) ? `console.unconfirmed.notice.${notice}` : null,
    ...pagesOf('/operator/data-requests', ctx.query, page.next),
  });
}

const urlOf = (id: string): string => `/operator/data-requests/${id}`;

const rowOf = (request: DataRequest, now: Date): DataRequestRow => ({
  ...{ number: request.number, url: urlOf(request.id), kind: request.kind, subject: request.subject ?? null },
  ...{ receivedAt: request.receivedAt, acknowledgeBy: request.acknowledgeBy, decideBy: request.decideBy },
  acknowledgedAt: request.acknowledgedAt ?? null,
  overdue: overdueOf(request, now) ?? null,
});

interface Again {
  readonly errors?: object;
  readonly entered?: Record<string, string>;
  readonly refused?: string;
}

async function requestOf({ ctx, parts }: Visit): Promise<DataRequest> {
  const found = await parts.dataRequests.find(ctx.params.id ?? '');
  if (!found) throw new EidError('http.not_found');
  return found;
}

/** One request with its steps, and whose it is: the look is journalled. */
export async function showDataRequest(visit: Visit, again: Again = {}): Promise<void> {
  const { ctx, parts, acting } = visit;
  const request = await requestOf(visit);
  const { id, subscriberId, decision: made } = request;
  const person = await personSeen(visit, { subscriberId, reason: 'data_request', page: 'data_request' });
  const names = await namesOf(visit, [made?.by]);
  const open = made === undefined && may(acting.roles, 'data_requests.decide');
  const step = (name: string) => formOf(visit, `/operator/data-requests/:id/${name}`, id);
  const notice = one(ctx.query.notice);
  parts.views.show(
    ctx,
    dataRequestPage,
    {
      ...visit.frame,
      ...rowOf(request, parts.clock.now()),
      ...person,
      statement: request.statement,
      registerCase: request.handedOver?.caseNumber ?? null,
      extensionReason: request.extension?.reason ?? null,
      acknowledge: open && !request.acknowledgedAt ? step('acknowledge') : null,
      extend: open && !request.extension ? step('extend') : null,
      decide: open ? step('decide') : null,
      errors: { ...again.errors },
      outcomes: DATA_REQUEST_OUTCOMES.map((value) => ({
        ...{ value, label: `data.outcome.${value}`, chosen: again.entered?.outcome === value },
      })),
      entered: { reason: again.entered?.reason ?? '', extension: again.entered?.extension ?? '' },
      decision: made
        ? {
            ...{ outcome: made.outcome, at: made.at, by: made.by ? (names.get(made.by) ?? made.by) : null },
            reason: made.by === undefined ? made.reason : { text: made.reason },
          }
        : null,
      notice: notice && NOTICES.has(notice) ? `console.data-request.notice.${notice}` : null,
      refused: again.refused ? `console.data-request.refused.${again.refused}` : null,
    },
    { status: again.refused ? 409 : again.errors ? 422 : 200, path: urlOf(id) },
  );
}

const officer = ({ acting }: Visit) => ({ kind: 'operator', id: acting.operatorId }) as const;

const answer = async (visit: Visit, { id }: DataRequest, step: Step, notice: string): Promise<void> =>
  step.done ? goTo(visit, `${urlOf(id)}?notice=${notice}`) : showDataRequest(visit, { refused: step.reason });

export async function acknowledgeRequest(visit: Visit): Promise<void> {
  const request = await requestOf(visit);
  const step = await visit.parts.dataRequests.acknowledge(request.id, officer(visit));
  return answer(visit, request, step, 'acknowledged');
}

/** Once, with a reason that the person reads. */
export async function extendRequest(visit: Visit): Promise<void> {
  const request = await requestOf(visit);
  const parsed = parseForm(visit.ctx, extension);
  if (!parsed.ok) return showDataRequest(visit, { errors: parsed.errors, entered: parsed.entered });
  const step = await visit.parts.dataRequests.extend(request.id, {
    ...{ reason: parsed.values.extension, by: officer(visit) },
  });
  return answer(visit, request, step, 'extended');
}

/** The answer, in writing; the person is told that there is one, and reads it behind a sign-in. */
export async function decideRequest(visit: Visit): Promise<void> {
  const request = await requestOf(visit);
  const parsed = parseForm(visit.ctx, decision);
  if (!parsed.ok) return showDataRequest(visit, { errors: parsed.errors, entered: parsed.entered });
  const step = await visit.parts.dataRequests.decide(request.id, { ...parsed.values, by: officer(visit) });
  return answer(visit, request, step, 'decided');
}
