import type { JournalEntry } from '../../../domain/audit/index.ts';
import { VIEW_PAGES, VIEW_REASONS } from '../../../domain/subscribers/index.ts';
import { notesOf } from '../../../platform/request.ts';
import { numberIn } from '../page-parts.ts';
import type { Visitor } from '../visitor.ts';
import { viewedPage } from './models.ts';

const SIZE = 20;
/** Milliseconds in which looks of one officer at the same page for the same reason are one line. */
const ONE_LINE = 300_000;

/** Every look of an office at this person's data, the newest first: it was journalled with its reason before it was answered. */
export async function showViewed(visitor: Visitor): Promise<void> {
  const { ctx, parts, subscriber } = visitor;
  const before = numberIn(ctx.query, 'before');
  const views = await parts.journal.query({
    subscriberId: subscriber.id,
    types: ['subscriber.viewed'],
    ...(before === undefined ? {} : { before }),
    limit: SIZE,
  });
  const { locale } = notesOf(ctx.req);
  const offices = new Map((await parts.operators.offices()).map(({ id, name }) => [id, name[locale]]));
  const last = views.at(-1)?.sequence;
  // What offices looked at before there was an account stands at the end.
  const early = views.length === SIZE ? [] : await beforeAnAccount(visitor);
  parts.views.show(ctx, viewedPage, {
    viewed: folded([...views, ...early]).map(({ at, detail = {} }) => {
      const known = VIEW_REASONS.find((reason) => reason === detail.reason);
      const page = VIEW_PAGES.find((one) => one === detail.page);
      return {
        at,
        office: typeof detail.office === 'string' ? (offices.get(detail.office) ?? detail.office) : null,
        reason: `view-reason.${known ?? 'unknown'}`,
        page: page ? `view-page.${page}` : null,
      };
    }),
    olderUrl: views.length === SIZE && last !== undefined ? `/account/data/viewed?before=${last}` : null,
  });
}

/** Looks at the application that this account came of, or at one of a counter, while its person had none: as looks at a person. */
async function beforeAnAccount({ parts, subscriber }: Visitor): Promise<JournalEntry[]> {
  const applications = await parts.kept.applicationIds(subscriber.id);
  if (applications.length === 0) return [];
  const looks = await parts.journal.query({ applications, limit: 200 });
  return looks.map(({ detail, ...look }) => ({
    ...look,
    detail:
      look.type === 'counter.viewed'
        ? { reason: 'counter_visit', ...detail, page: 'level_2' }
        : { ...detail, page: 'application' },
  }));
}

/** A page that an officer reads again after each act on it would fill the list. The journal, and the copy of it, have every look. */
function folded(views: readonly JournalEntry[]): JournalEntry[] {
  const begun = new Map<string, number>();
  const isFirst = ({ at, actor, detail }: JournalEntry): boolean => {
    const look = [actor.id, detail?.reason, detail?.page].join(' ');
    const since = begun.get(look);
    if (since !== undefined && at.getTime() - since < ONE_LINE) return false;
    begun.set(look, at.getTime());
    return true;
  };
  return views.toReversed().filter(isFirst).toReversed();
}
