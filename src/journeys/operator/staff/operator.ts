import { may } from '../../../domain/operators/index.ts';
import { EidError } from '../../../platform/errors.ts';
import type { Message } from '../../../platform/messages.ts';
import { rowsOf } from '../changes/list.ts';
import { one } from '../page-parts.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { operatorUrl, rowOf } from './list.ts';
import { operatorPage } from './models.ts';

const NOTICES = new Set(['suspended', 'sent']);

/** The operator that an address names. */
export async function operatorOf({ ctx, parts }: Visit) {
  const operator = await parts.operators.find(ctx.params.id ?? '');
  if (!operator) throw new EidError('http.not_found');
  return operator;
}

/** One operator: who, where, what they may do, what is under way about them. */
export async function showOperator(visit: Visit, refused: Message | null = null): Promise<void> {
  const { ctx, parts, acting } = visit;
  const operator = await operatorOf(visit);
  const { id, state } = operator;
  const [offices, requests] = await Promise.all([
    parts.operators.offices(),
    parts.approvals.list({ kinds: ['operator'], subject: id, limit: 20 }),
  ]);
  const isSelf = id === acting.operatorId;
  const proposes = may(acting.roles, 'operators.propose');
  const suspends = may(acting.roles, 'operators.suspend') && !isSelf && (state === 'active' || state === 'invited');
  const notice = one(ctx.query.notice);
  parts.views.show(
    ctx,
    operatorPage,
    {
      ...visit.frame,
      ...rowOf(visit, operator, offices),
      ...{ createdAt: operator.createdAt, isSelf },
      changeUrl: proposes && state !== 'retired' ? `${operatorUrl(id)}/change` : null,
      suspend: suspends ? formOf(visit, '/operator/operators/:id/suspend', id) : null,
      sendInvitation: proposes && state === 'invited' ? formOf(visit, '/operator/operators/:id/invitation', id) : null,
      requests: await rowsOf(visit, requests),
      notice: notice && NOTICES.has(notice) ? `console.operator.notice.${notice}` : null,
      refused,
    },
    {
      path: operatorUrl(id),
      status: refused ? 409 : 200,
      title: { key: 'console.operator.title.named', values: { name: operator.name } },
    },
  );
}

/** Takes access away, at once and alone; giving it back takes two. */
export async function suspendOperator(visit: Visit): Promise<void> {
  const { id } = await operatorOf(visit);
  const outcome = await visit.parts.operators.suspend(id, visit.acting);
  if (outcome === 'suspended') return goTo(visit, `${operatorUrl(id)}?notice=suspended`);
  return showOperator(visit, `suspend.refused.${outcome}`);
}

/** A fresh code to the address that two people agreed on. */
export async function sendInvitation(visit: Visit): Promise<void> {
  const { id } = await operatorOf(visit);
  const outcome = await visit.parts.operators.sendInvitation(id, visit.acting);
  if (outcome === 'sent') return goTo(visit, `${operatorUrl(id)}?notice=sent`);
  return showOperator(visit, `invitation.refused.${outcome}`);
}
