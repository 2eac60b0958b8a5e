import { z } from 'zod';
import { CASE_OUTCOMES, type SecurityCase } from '../../../domain/cases/index.ts';
import { may } from '../../../domain/operators/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { parseForm } from '../../../platform/forms.ts';
import { choices, one, pagesOf } from '../page-parts.ts';
import { personSeen } from '../people/person-seen.ts';
import { formOf, goTo, namesOf, type Visit } from '../visit.ts';
import { type CaseRow, casePage, casesPage } from './models.ts';

const SIZE = 50;
const STATES = ['open'] as const;

const end = z.object({
  outcome: z.enum(CASE_OUTCOMES, 'console.case.outcome.missing'),
  reason: z.string().trim().min(10, 'console.case.reason.missing').max(1_000, 'console.case.reason.long'),
});

/** What people reported about their accounts; open ones, unless all are asked for. */
export async function listCases({ ctx, parts, frame }: Visit): Promise<void> {
  const asked = one(ctx.query.state);
  const state = choices(STATES, asked ?? 'open', (value) => (value ? 'console.case.state.open' : 'console.any'));
  // Nothing chosen means open; `all` means all.
  const open = asked !== 'all';
  const before = Number(one(ctx.query.from));
  const [page, count] = await Promise.all([
    parts.cases.list({ open, limit: SIZE, ...(Number.isSafeInteger(before) && before > 0 ? { before } : {}) }),
    parts.cases.countOpen(),
  ]);
  parts.views.show(ctx, casesPage, {
    ...frame,
    open: count,
    state: state.options.map((option) => ({
      ...option,
      value: option.value || 'all',
      chosen: option.value === 'open' ? open : !open,
    })),
    rows: page.cases.map(rowOf),
    ...pagesOf('/operator/cases', ctx.query, page.next === undefined ? undefined : String(page.next)),
  });
}

const urlOf = (id: string): string => `/operator/cases/${id}`;

const rowOf = (one: SecurityCase): CaseRow => ({
  ...{ number: one.number, url: urlOf(one.id), openedAt: one.openedAt, signedInAt: one.signedInAt },
  frozen: one.frozen.length,
  outcome: one.closed?.outcome ?? null,
});

/** One case, and whose it is: the look is journalled. */
export async function showCase(
  visit: Visit,
  again: { errors?: object; entered?: Record<string, string> } = {},
): Promise<void> {
  const { ctx, parts, acting } = visit;
  const found = await parts.cases.find(ctx.params.id ?? '');
  if (!found) throw new EidError('http.not_found');
  const { subscriberId, frozen, closed, id } = found;
  const person = await personSeen(visit, { subscriberId, reason: 'incident', page: 'case' });
  const bound = await parts.authenticators.of(subscriberId);
  const names = await namesOf(visit, [closed?.by]);
  parts.views.show(
    ctx,
    casePage,
    {
      ...visit.frame,
      ...rowOf(found),
      ...person,
      kinds: bound.filter((each) => frozen.includes(each.id)).map(({ kind }) => kind),
      close: !closed && may(acting.roles, 'cases.close') ? formOf(visit, '/operator/cases/:id/close', id) : null,
      errors: { ...again.errors },
      outcomes: CASE_OUTCOMES.map((value) => ({
        ...{ value, label: `console.case.outcome.${value}` },
        chosen: again.entered?.outcome === value,
      })),
      reason: again.entered?.reason ?? '',
      closed: closed ? { by: names.get(closed.by) ?? closed.by, at: closed.at, reason: closed.reason } : null,
      notice: one(ctx.query.notice) === 'closed' ? 'console.case.notice.closed' : null,
    },
    { status: again.errors ? 422 : 200, path: urlOf(id) },
  );
}

/** Closes it, with a reason; what was frozen is given back where the sign-in was the holder's own after all. */
export async function closeCase(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const found = await parts.cases.find(ctx.params.id ?? '');
  if (!found) throw new EidError('http.not_found');
  const parsed = parseForm(ctx, end);
  if (!parsed.ok) return showCase(visit, { errors: parsed.errors, entered: parsed.entered });
  const by = { kind: 'operator', id: acting.operatorId } as const;
  const { outcome, reason } = parsed.values;
  const back =
    outcome === 'own_after_all' ? await parts.authenticators.reinstate(found.subscriberId, found.frozen, by) : [];
  await parts.cases.close(found.id, { outcome, reason, by }, back);
  return goTo(visit, `${urlOf(found.id)}?notice=closed`);
}
