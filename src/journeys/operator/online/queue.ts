import { z } from 'zod';
import { MOST_COUNTED, WAITING } from '../../../domain/applications/index.ts';
import { may } from '../../../domain/operators/index.ts';
import { type FieldErrors, parseForm } from '../../../platform/forms.ts';
import { one, pagesOf } from '../page-parts.ts';
import { reasonsToLook, whyLooked, writeDownSearch } from '../people/person-seen.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { onlineQueuePage } from './models.ts';
import { ONLINE, onlineOf } from './visit.ts';

/** What is late, what waits at all, or what was not activated in time; the longest overdue first. */
export async function showOnlineQueue(visit: Visit, errors: FieldErrors = {}, why?: string): Promise<void> {
  const { ctx, parts, acting } = visit;
  const online = await onlineOf(visit);
  const which = WAITING.find((value) => value === one(ctx.query.which)) ?? 'overdue';
  const [counts, page] = await Promise.all([online.waitingCounts(), online.waiting(which, one(ctx.query.from))]);
  const bounded = (count: number): number | null => (count > MOST_COUNTED ? null : count);
  const now = parts.clock.now();
  parts.views.show(
    ctx,
    onlineQueuePage,
    {
      ...visit.frame,
      counts: { open: bounded(counts.open), overdue: bounded(counts.overdue), lapsed: bounded(counts.lapsed) },
      which: WAITING.map((value) => ({ value, label: `console.online.which.${value}`, chosen: value === which })),
      lapsed: which === 'lapsed',
      rows: page.rows.map(({ id, reference, form, submittedAt, by, waitingFor }) => ({
        ...{ reference, form, submittedAt, by, url: ONLINE.one.replace(':id', id) },
        ...{ late: which !== 'lapsed' && by < now, silent: waitingFor ?? null },
      })),
      ...pagesOf(ONLINE.queue, ctx.query, page.next),
      find: may(acting.roles, 'counter.serve') ? formOf(visit, ONLINE.find) : null,
      reasons: reasonsToLook(why),
      errors,
    },
    { path: ONLINE.queue, status: Object.keys(errors).length > 0 ? 422 : 200 },
  );
}

const search = z.object({
  sought: z.string('console.level-2.find.missing').trim().min(1, 'console.level-2.find.missing').max(40),
  reason: whyLooked,
});

/** By a reference or a number, of which the search itself is written down, whatever it finds: it covers the whole country. */
export async function findOnline(visit: Visit): Promise<void> {
  const online = await onlineOf(visit);
  const parsed = parseForm(visit.ctx, search);
  if (!parsed.ok) return showOnlineQueue(visit, parsed.errors, parsed.entered.reason);
  const { sought, reason } = parsed.values;
  const found = await online.soughtOnline(sought);
  await writeDownSearch(visit, { sought, reason, found: found !== undefined });
  if (!found) return showOnlineQueue(visit, { sought: 'console.online.find.nothing' }, reason);
  return goTo(visit, `${ONLINE.one.replace(':id', found.id)}?reason=${reason}`);
}
