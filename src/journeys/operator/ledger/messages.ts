import { may } from '../../../domain/operators/index.ts';
import { choices, one, pagesOf } from '../page-parts.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { messagesPage } from './models.ts';

const SIZE = 50;
const STATES = ['queued', 'delivered', 'failed', 'held'] as const;
const NOTICES = ['retried', 'not-retried'];

/** What was written to people and what became of it, the newest first: nothing of whom. Each person reads of their own. */
export async function listMessages(visit: Visit): Promise<void> {
  const { ctx, parts, acting, frame } = visit;
  const state = choices(STATES, one(ctx.query.state), (value) => (value ? `message.state.${value}` : 'console.any'));
  const before = readKey(one(ctx.query.from));
  const found = await parts.notices.sent({
    ...(state.chosen ? { state: state.chosen } : {}),
    ...(before ? { before } : {}),
    limit: SIZE + 1,
  });
  const rows = found.slice(0, SIZE);
  const last = found.length > SIZE ? rows.at(-1) : undefined;
  const retries = may(acting.roles, 'messages.retry');
  const notice = one(ctx.query.notice);
  parts.views.show(ctx, messagesPage, {
    ...frame,
    state: state.options,
    notice: notice && NOTICES.includes(notice) ? `console.messages.notice.${notice}` : null,
    rows: rows.map(({ id, kind, medium, queuedAt, state: became, attempts, settledAt, reason }) => ({
      ...{ id, kind, medium, queuedAt, attempts },
      ...{ state: became, settledAt: settledAt ?? null, reason: reason ?? null },
      // A code whose time is over would only confuse.
      retry:
        retries && became === 'failed' && reason !== 'expired'
          ? formOf(visit, '/operator/notices/:id/retry', id)
          : null,
    })),
    ...pagesOf('/operator/notices', ctx.query, last && `${last.queuedAt.getTime()}.${last.id}`),
  });
}

function readKey(key: string | undefined): { queuedAt: Date; id: string } | undefined {
  const [, time, id] = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(key ?? '') ?? [];
  return time && id ? { queuedAt: new Date(Number(time)), id } : undefined;
}

/** One that failed, once more. */
export async function retryMessage(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const id = ctx.params.id ?? '';
  const known = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
  const retried = known && (await parts.notices.retry(id, { kind: 'operator', id: acting.operatorId }));
  return goTo(visit, `/operator/notices?notice=${retried ? 'retried' : 'not-retried'}`);
}
