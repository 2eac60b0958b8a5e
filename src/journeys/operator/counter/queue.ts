import { z } from 'zod';
import { COUNTED, PHASES, TERMS } from '../../../domain/counter/index.ts';
import { may, type Office } from '../../../domain/operators/index.ts';
import { EidError } from '../../../platform/errors.ts';
import { type FieldErrors, parseForm } from '../../../platform/forms.ts';
import { notesOf } from '../../../platform/request.ts';
import { choices, one, pagesOf } from '../page-parts.ts';
import { reasonsToLook, whyLooked, writeDownSearch } from '../people/person-seen.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { counterQueuePage } from './models.ts';
import { COUNTER, counterOf, officerOf } from './visit.ts';

const DAY = 86_400_000;
const NOTICES = ['refused', 'withdrawn', 'gone'];

/** What waits in an officer's office and below it, the most urgent or the oldest first. */
export async function showQueue(visit: Visit, errors: FieldErrors = {}, why?: string): Promise<void> {
  const { ctx, parts, acting } = visit;
  const counter = counterOf(visit);
  const { locale } = notesOf(ctx.req);
  const [office] = await parts.operators.officeLine(acting.office);
  if (!office) throw new EidError('http.not_found');
  const below = await parts.operators.officesBelow(office.id);
  const phase = choices(PHASES, one(ctx.query.phase), (value) => `console.level-2.phase.${value || 'all'}`);
  const term = choices(TERMS, one(ctx.query.term), (value) => `console.level-2.term.${value || 'all'}`);
  // Only what lies below one's own office: another address of this page finds nothing either.
  const scope = choices(
    below.map(({ id }) => id),
    one(ctx.query.office),
    (value) => (value ? { text: nameOf(below, value, locale) } : 'console.level-2.office.all'),
  );
  const now = parts.clock.now();
  const [counts, page] = await Promise.all([
    counter.queue.counts(office),
    counter.queue.list(office, {
      ...{ phase: phase.chosen, term: term.chosen, office: scope.chosen, from: one(ctx.query.from) },
    }),
  ]);
  const bounded = (count: number): number | null => (count > COUNTED ? null : count);
  const names = new Map([office, ...below].map(({ id, name }) => [id, name[locale]]));
  const serves = may(acting.roles, 'counter.serve');
  const notice = one(ctx.query.notice);
  parts.views.show(
    ctx,
    counterQueuePage,
    {
      ...visit.frame,
      counts: { open: bounded(counts.open), overdue: bounded(counts.overdue), second: bounded(counts.second) },
      filters: { phase: phase.options, term: term.options, office: below.length > 0 ? scope.options : [] },
      rows: page.rows.map(({ id, reference, form, phase: at, office: where, receivedAt, dueAt }) => ({
        ...{ reference, form, phase: at, receivedAt, dueAt, url: `/operator/counter/${id}` },
        // The name of an office two steps below stands with its application.
        office: names.get(where) ?? where,
        days: Math.floor((now.getTime() - receivedAt.getTime()) / DAY),
        late: at !== 'binding' && dueAt < now,
      })),
      ...pagesOf(COUNTER.queue, ctx.query, page.next),
      training: office.training ?? false,
      notice: notice && NOTICES.includes(notice) ? `console.level-2.notice.${notice}` : null,
      find: serves ? formOf(visit, COUNTER.find) : null,
      reasons: reasonsToLook(why),
      newUrl: serves ? COUNTER.new : null,
      errors,
    },
    { path: COUNTER.queue, status: Object.keys(errors).length > 0 ? 422 : 200 },
  );
}

const nameOf = (offices: readonly Office[], id: string, locale: 'vi' | 'en'): string =>
  offices.find((office) => office.id === id)?.name[locale] ?? id;

const search = z.object({
  sought: z.string('console.level-2.find.missing').trim().min(1, 'console.level-2.find.missing').max(40),
  reason: whyLooked,
});

/** By a reference or a number, of which the search itself is written down, whatever it finds. */
export async function findApplication(visit: Visit): Promise<void> {
  const parsed = parseForm(visit.ctx, search);
  if (!parsed.ok) return showQueue(visit, parsed.errors, parsed.entered.reason);
  const { sought, reason } = parsed.values;
  const found = await counterOf(visit).search(sought, officerOf(visit));
  await writeDownSearch(visit, { sought, reason, found: found !== undefined });
  if (!found) return showQueue(visit, { sought: 'console.level-2.find.nothing' }, reason);
  return goTo(visit, `/operator/counter/${found.id}`);
}
