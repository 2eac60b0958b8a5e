import {
  CHANGE_KINDS,
  CHANGE_STATES,
  type ChangeKind,
  type ChangeRequest,
  handsOf,
} from '../../../domain/approvals/index.ts';
import { may } from '../../../domain/operators/index.ts';
import { choices, one, pagesOf } from '../page-parts.ts';
import { namesOf, type Visit } from '../visit.ts';
import { type ChangeRow, changesPage } from './models.ts';

const SIZE = 30;

/** The kinds that somebody may see at all. */
export const visibleKinds = ({ parts, acting }: Visit): ChangeKind[] =>
  CHANGE_KINDS.filter(
    (kind) => parts.changeKinds.includes(kind) && may(acting.roles, parts.approvals.subjectOf(kind).view),
  );

/** Change requests, the newest first. */
export async function listChanges(visit: Visit): Promise<void> {
  const { ctx, parts } = visit;
  const visible = visibleKinds(visit);
  const state = choices(CHANGE_STATES, one(ctx.query.state), (value) =>
    value ? `change.state.${value}` : 'console.any',
  );
  const kind = choices(visible, one(ctx.query.kind), (value) => (value ? `change.kind.${value}` : 'console.any'));
  const before = Number(one(ctx.query.from));
  const found = await parts.approvals.list({
    kinds: kind.chosen ? [kind.chosen] : visible,
    ...(state.chosen ? { states: [state.chosen] } : {}),
    ...(Number.isSafeInteger(before) && before > 0 ? { before } : {}),
    limit: SIZE + 1,
  });
  const shown = found.slice(0, SIZE);
  parts.views.show(ctx, changesPage, {
    ...visit.frame,
    filters: { state: state.options, kind: kind.options },
    rows: await rowsOf(visit, shown),
    ...pagesOf('/operator/changes', ctx.query, found.length > SIZE ? String(shown.at(-1)?.number) : undefined),
  });
}

/** Change requests as lines, with the names of those who stand behind them. */
export async function rowsOf(visit: Visit, requests: readonly ChangeRequest[]): Promise<ChangeRow[]> {
  const { parts, acting } = visit;
  const names = await namesOf(visit, requests.map(standsBehind));
  return requests.map((request) => ({
    number: request.number,
    url: changeUrl(request),
    kind: request.kind,
    subject: request.subject,
    state: request.state,
    reason: request.reason,
    at: request.proposedAt ?? request.draftedAt,
    by: names.get(standsBehind(request)) ?? standsBehind(request),
    risks: request.risks.length,
    yours:
      request.state === 'proposed' &&
      !handsOf(request).includes(acting.operatorId) &&
      may(acting.roles, parts.approvals.subjectOf(request.kind).approve),
  }));
}

const standsBehind = ({ proposedBy, draftedBy }: ChangeRequest): string => proposedBy ?? draftedBy;

/** Where a change request is looked at. */
export const changeUrl = ({ id }: Pick<ChangeRequest, 'id'>): string => `/operator/changes/${id}`;
