import { z } from 'zod';
import { fields, parseForm } from '../../../platform/forms.ts';
import { one } from '../page-parts.ts';
import { formOf, goTo, type Visit } from '../visit.ts';
import { findPersonPage } from './models.ts';
import { reasonsToLook, whyLooked } from './person-seen.ts';
import { sealReference } from './reference.ts';

const search = z.object({
  identifier: fields.identifier,
  reason: whyLooked,
  note: z.string().trim().max(200, 'console.people.note.long').default(''),
});

/** One person by their whole number or telephone: there is no list of people, and no part of a number finds anybody. */
export function showFindPerson(visit: Visit, again: { errors?: object; reason?: string; note?: string } = {}): void {
  const { ctx, parts } = visit;
  parts.views.show(
    ctx,
    findPersonPage,
    {
      ...visit.frame,
      form: formOf(visit, '/operator/people'),
      errors: { ...again.errors },
      reasons: reasonsToLook(again.reason),
      note: again.note ?? '',
      notice: one(ctx.query.notice) === 'over' ? 'console.people.over' : null,
    },
    { path: '/operator/people', status: again.errors ? 422 : 200 },
  );
}

/** Finds them, writes down who looked and why, and only then leads to their page (law: every view has a reason). */
export async function findPerson(visit: Visit): Promise<void> {
  const { ctx, parts, acting } = visit;
  const parsed = parseForm(ctx, search);
  const actor = { kind: 'operator', id: acting.operatorId } as const;
  const office = acting.office;
  if (!parsed.ok) {
    if (parsed.errors.reason)
      await parts.write([
        parts.journal.append({ type: 'subscriber.view_refused', actor, detail: { why: 'no_reason', office } }),
      ]);
    const { reason, note } = parsed.entered;
    return showFindPerson(visit, { errors: parsed.errors, ...(reason ? { reason } : {}), ...(note ? { note } : {}) });
  }
  const { identifier, reason, note } = parsed.values;
  // It leads to their page, which is a look of its own: who was found is known already.
  const viewing = { by: actor, way: 'console', office, reason, note: note !== '', page: 'person' } as const;
  const subscriber = await parts.subscribers.view(identifier, viewing);
  if (!subscriber) return showFindPerson(visit, { errors: { identifier: 'console.people.nobody' }, reason, note });
  return goTo(visit, `/operator/people/${sealReference(visit, { subscriberId: subscriber.id, reason })}`);
}
