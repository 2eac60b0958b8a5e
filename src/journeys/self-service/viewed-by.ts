import { VIEW_REASONS } from '../../domain/subscribers/index.ts';
import { notesOf } from '../../platform/request.ts';
import type { ViewedBy } from './models.ts';
import type { Visitor } from './visitor.ts';

const SHOWN = 20;

/** Every look of an office at this person's data, the newest first: it was journalled with its reason before it was answered. */
export async function viewedBy({ ctx, parts, subscriber }: Visitor): Promise<ViewedBy[]> {
  const views = await parts.journal.query({ subscriberId: subscriber.id, types: ['subscriber.viewed'], limit: SHOWN });
  if (views.length === 0) return [];
  const { locale } = notesOf(ctx.req);
  const offices = new Map((await parts.operators.offices()).map(({ id, name }) => [id, name[locale]]));
  return views.map(({ at, detail = {} }) => {
    const known = VIEW_REASONS.find((reason) => reason === detail.reason);
    return {
      at,
      office: typeof detail.office === 'string' ? (offices.get(detail.office) ?? detail.office) : null,
      reason: `view-reason.${known ?? 'unknown'}`,
    };
  });
}
