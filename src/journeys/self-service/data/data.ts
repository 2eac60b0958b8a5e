import { type DataRequest, overdueOf } from '../../../domain/data-requests/index.ts';
import type { Message } from '../../../platform/messages.ts';
import { provisionalYear } from '../../../platform/plain-values/working-days.ts';
import { formOf, noticeOf, numberIn } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { dataPage, type RequestCard } from './models.ts';

const SIZE = 10;

/** My data: a copy of it, and what I have asked about it. One statement. */
export async function showData(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const before = numberIn(ctx.query, 'before');
  const found = await parts.dataRequests.of(subscriber.id, {
    ...(before === undefined ? {} : { before }),
    limit: SIZE + 1,
  });
  const shown = found.slice(0, SIZE);
  const now = parts.clock.now();
  parts.views.show(ctx, dataPage, {
    download: formOf(visitor, '/account/data/download', 'download'),
    printUrl: '/account/data/print',
    askUrl: '/account/data/requests/new',
    eraseUrl: '/account/data/erase',
    viewedUrl: '/account/data/viewed',
    sentUrl: '/account/data/notices',
    requests: shown.map((request) => requestCard(request, now)),
    provisionalYear: provisionalYear(
      shown.flatMap(({ decision, decideBy, acknowledgeBy }) => (decision ? [] : [acknowledgeBy, decideBy])),
    ),
    olderUrl: found.length > SIZE ? `/account/data?before=${shown.at(-1)?.number}` : null,
    notice: noticeOf(visitor, ['asked', 'erased']),
  });
}

/** What a rule decided is a key of ours; what an officer wrote is shown as it was written. */
const BY_RULE = /^data\.rule\.[a-z-]+$/;

/** A request as its owner reads it. */
export const requestCard = (request: DataRequest, now: Date): RequestCard => ({
  ...{ number: request.number, kind: request.kind, subject: request.subject ?? null, statement: request.statement },
  ...{ receivedAt: request.receivedAt, acknowledgeBy: request.acknowledgeBy, decideBy: request.decideBy },
  acknowledgedAt: request.acknowledgedAt ?? null,
  extensionReason: request.extension?.reason ?? null,
  overdue: overdueOf(request, now) !== undefined,
  decidedAt: request.decision?.at ?? null,
  outcome: request.decision?.outcome ?? null,
  reason: request.decision ? reasonOf({ ...request.decision, byRule: request.decision.by === undefined }) : null,
  registerCase: request.handedOver?.caseNumber ?? null,
});

/** The words of a decision; `byRule` where nobody but the rules decided. */
export const reasonOf = ({ reason, byRule }: { reason: string; byRule: boolean }): Message | { text: string } =>
  byRule && BY_RULE.test(reason) ? reason : { text: reason };
