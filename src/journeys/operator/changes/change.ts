import {
  type ChangeKind,
  type ChangeRequest,
  type Finding,
  handsOf,
  type StepRefusal,
} from '../../../domain/approvals/index.ts';
import { may } from '../../../domain/operators/index.ts';
import { EidError } from '../../../platform/errors.ts';
import type { Message } from '../../../platform/messages.ts';
import { one, type PostForm } from '../page-parts.ts';
import { formOf, namesOf, type Visit } from '../visit.ts';
import { changeUrl, visibleKinds } from './list.ts';
import { type Change, changePage } from './models.ts';
import { spoken } from './spoken.ts';
import { diffLines } from './words.ts';

/** What has just happened, as `?notice=` names it; anything else is ignored. */
const NOTICES = new Set(['drafted', 'amended', 'proposed', 'approved', 'scheduled', 'refused', 'withdrawn']);

/** What stands above the page beside the request itself. */
interface Above {
  readonly refused?: StepRefusal;
  /** What a test of just now found, in place of what is kept. */
  readonly findings?: readonly Finding[];
}

/** The change request that an address names; one of a kind that somebody may not see does not exist for them. */
export async function requestOf(visit: Visit): Promise<ChangeRequest> {
  const { ctx, parts } = visit;
  const request = await parts.approvals.find(ctx.params.id ?? '');
  if (!request || !visibleKinds(visit).includes(request.kind)) throw new EidError('http.not_found');
  return request;
}

/** One change request: what differs, why it deserves a look, and the steps that are open to whoever looks. */
export async function showChange(visit: Visit, above: Above = {}): Promise<void> {
  const request = await requestOf(visit);
  const notice = one(visit.ctx.query.notice);
  visit.parts.views.show(
    visit.ctx,
    changePage,
    {
      ...visit.frame,
      ...(await content(visit, request)),
      ...forms(visit, request),
      findings: spoken(above.findings ?? request.findings, visit.parts.views.messages),
      notice: notice && NOTICES.has(notice) ? `console.change.notice.${notice}` : null,
      refused: above.refused ? `step.refused.${above.refused}` : null,
    },
    { status: above.refused ? 409 : 200, path: changeUrl(request), title: titleOf(request) },
  );
}

const titleOf = ({ number }: ChangeRequest): Message => ({ key: 'console.change.title.numbered', values: { number } });

type Content = Omit<Change, keyof ReturnType<typeof forms> | 'findings' | 'notice' | 'refused'>;

async function content(visit: Visit, request: ChangeRequest): Promise<Content> {
  const { parts, acting } = visit;
  const people = [request.draftedBy, request.proposedBy, request.decidedBy].filter((id) => id !== undefined);
  const names = await namesOf(visit, people);
  const named = (id: string): string => names.get(id) ?? id;
  const { proposedBy, proposedAt, decidedBy, decidedAt, appliedAt, note } = request;
  return {
    number: request.number,
    kind: request.kind,
    subject: request.subject,
    subjectUrl: request.before === undefined ? null : (SUBJECTS[request.kind]?.(request.subject) ?? null),
    state: request.state,
    outcome: request.outcome ?? null,
    reason: request.reason,
    steps: [
      { step: 'drafted', by: named(request.draftedBy), at: request.draftedAt, note: null },
      ...(proposedBy && proposedAt ? [{ step: 'proposed', by: named(proposedBy), at: proposedAt, note: null }] : []),
      ...(decidedBy && decidedAt
        ? [
            {
              step: request.state === 'refused' ? 'refused' : 'approved',
              by: named(decidedBy),
              at: decidedAt,
              note: note ?? null,
            },
          ]
        : []),
      ...(appliedAt ? [{ step: 'applied', by: '', at: appliedAt, note: null }] : []),
    ],
    activateAt: request.activateAt ?? null,
    restores: request.restores && request.restores !== 'none' ? request.restores : null,
    risks: request.risks,
    diff: diffLines(request.diff, parts.views.messages),
    isNew: request.before === undefined,
    revision: request.revision,
    asksWho: parts.approvals.asksWho(request),
    waitsForAnother: request.state === 'proposed' && handsOf(request).includes(acting.operatorId),
  };
}

/** Where the thing itself is looked at, for the kinds that have a page for each. */
const SUBJECTS: Partial<Record<ChangeKind, (subject: string) => string>> = {
  client: (id) => `/operator/clients/${encodeURIComponent(id)}`,
  'resource-server': (resource) => `/operator/resource-servers?${new URLSearchParams({ resource })}`,
};

/** The steps that are open to somebody now. The rule itself is `approvals`, which refuses what a page should not have offered. */
function forms(visit: Visit, request: ChangeRequest) {
  const { id, kind, state } = request;
  const { parts, acting } = visit;
  const subject = parts.approvals.subjectOf(kind);
  const proposes = may(acting.roles, subject.propose);
  const decides = may(acting.roles, subject.approve) && !handsOf(request).includes(acting.operatorId);
  const form = (open: boolean, act: string): PostForm | null =>
    open ? formOf(visit, `/operator/changes/:id/${act}`, id) : null;
  return {
    propose: form(proposes && state === 'draft', 'propose'),
    decide: form(decides && state === 'proposed', 'decide'),
    withdraw: form(proposes && ['draft', 'proposed', 'scheduled'].includes(state), 'withdraw'),
    rollBack: form(proposes && state === 'applied' && subject.reversible, 'roll-back'),
    forwardOnly: proposes && state === 'applied' && !subject.reversible ? `console.change.forward-only.${kind}` : null,
    amendUrl: proposes && ['draft', 'proposed'].includes(state) ? `/operator/changes/${id}/amend` : null,
  };
}
