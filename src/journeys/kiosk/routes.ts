import Router from '@koa/router';
import type { Context } from 'koa';
import type { Csrf } from '../../platform/csrf.ts';
import { declareErrors, EidError } from '../../platform/errors.ts';
import { readForm } from '../../platform/forms.ts';
import { chosenQuery } from '../../platform/kiosk/chosen.ts';
import { KIOSK_WARNING_SECONDS } from '../../platform/kiosk/kiosk.ts';
import { CLEARED, type Ending, type KioskVisits, STAY, STILL_THERE } from '../../platform/kiosk/visits.ts';
import { asLocale } from '../../platform/messages.ts';
import { notesOf } from '../../platform/request.ts';
import { TEXT_SIZE } from '../../platform/text-size.ts';
import type { Views } from '../../platform/views.ts';
import type { EndedBy } from './ending.ts';
import { clearedPage, putAwayPage, stillTherePage } from './models.ts';

declareErrors('kiosk', {
  not_here: { status: 403, when: 'A file was asked for on a shared machine, where it would stay behind.' },
});

/** What a shared machine works with. */
export interface KioskParts {
  readonly views: Views;
  readonly csrf: Csrf;
  /** Asking for the session of this browser keeps it, if it has one. */
  session(ctx: Context): Promise<unknown>;
  readonly visits: Pick<KioskVisits, 'end' | 'secondsLeft' | 'isOver'>;
  /** What ends with a visit. */
  readonly ending: Readonly<Record<EndedBy, Ending>>;
}

/**
 * The token of the button says that the press comes from a page of ours on a shared machine. It is bound to nobody: half of
 * the pages have no session, and all that the act does is tidy up.
 */
export const kioskToken = (csrf: Csrf): string => csrf.token('kiosk', 'clear');

/** Whatever we have put into this browser, and its memory of our pages (Clear Site Data §3). */
const EVERYTHING = '"cache", "cookies", "storage"';

/** What would leave a file behind. */
const FILES = ['/account/recovery-codes/download', '/account/data/download'];

/** For machines that are put up for everybody; on any other these addresses do not exist. */
export function kioskRoutes(parts: KioskParts): Router {
  const router = new Router();
  const only = (take: (ctx: Context) => Promise<void> | void) => (ctx: Context) => {
    if (!notesOf(ctx.req).kiosk) throw new EidError('http.not_found');
    return take(ctx);
  };

  router.post(
    '/kiosk/clear',
    readForm(),
    only((ctx) => clear(ctx, parts)),
  );
  router.get(
    CLEARED,
    only((ctx) => showCleared(ctx, parts)),
  );
  router.get(
    STAY,
    only(async (ctx) => {
      const { visit } = ctx.query;
      const isOver = parts.visits.isOver(ctx, typeof visit === 'string' && visit !== '' ? visit : undefined);
      if (!isOver) await parts.session(ctx);
      // The page that asks shows what is over, and goes away.
      ctx.status = isOver ? 410 : 204;
    }),
  );
  router.get(
    STILL_THERE,
    only((ctx) => {
      forPageAlone(ctx);
      const clearedUrl = keeping(ctx, CLEARED);
      ctx.set('Refresh', `${KIOSK_WARNING_SECONDS}; url=${clearedUrl}`);
      const model = { seconds: KIOSK_WARNING_SECONDS, clearedUrl, backUrl: ownPath(ctx.query.back) };
      parts.views.show(ctx, stillTherePage, model);
    }),
  );
  router.post(FILES, async (ctx, next) => {
    if (notesOf(ctx.req).kiosk) throw new EidError('kiosk.not_here');
    await next();
  });
  return router;
}

/** What a browser says of a request that comes from elsewhere (Fetch Metadata §2.3). */
const FOREIGN = ['cross-site', 'same-site'];

/** Ends the session, and has the browser forget us. */
async function clear(ctx: Context, parts: KioskParts): Promise<void> {
  parts.csrf.check(ctx, 'kiosk', 'clear');
  // As the page was shown on which it was pressed: its visit may be over.
  const notes = notesOf(ctx.req);
  notes.locale = asLocale(String(ctx.query.lang ?? '')) ?? notes.locale;
  notes.largePrint ||= ctx.query[TEXT_SIZE] === 'large';
  // First: the browser forgets us even where the database does not answer.
  ctx.set('Clear-Site-Data', EVERYTHING);
  await parts.visits.end(ctx, parts.ending.somebody);
  ctx.redirect(keeping(ctx, CLEARED));
  ctx.status = 303;
}

/**
 * A page that nobody answered leads here by itself, and what is said here has to be true. But somebody may be using another tab,
 * or be the next person: what they do goes on, and this tab shows nothing of what stood in it. It asks again when they
 * could have gone; that is no use of theirs, or two forgotten tabs would keep each other going.
 */
async function showCleared(ctx: Context, parts: KioskParts): Promise<void> {
  // Another site leads here without the cookies, and has the browser forget nothing (abuse case 31).
  if (FOREIGN.includes(String(ctx.req.headers['sec-fetch-site']))) return ctx.redirect('/');
  forPageAlone(ctx);
  const left = parts.visits.secondsLeft(ctx);
  if (left > 0) {
    ctx.set('Refresh', `${left + 1}; url=${keeping(ctx, CLEARED)}`);
    return parts.views.show(ctx, putAwayPage, { startUrl: '/' });
  }
  // Not by its cookies, which say nothing any more, but by what the visit holds.
  ctx.set('Clear-Site-Data', EVERYTHING);
  await parts.visits.end(ctx, parts.ending.silence);
  parts.views.show(ctx, clearedPage, { startUrl: '/' }, { kiosk: false });
}

/** What the address says of language and size is for this page: whoever uses the machine by now has their own, or nobody does. */
const forPageAlone = (ctx: Context): void => ctx.remove('Set-Cookie');

/** The address, with the language and size that this is read in; nothing else of anybody stands in it. */
function keeping(ctx: Context, path: string): string {
  const chosen = chosenQuery(ctx.req);
  return chosen === '' ? path : `${path}?${chosen}`;
}

/** A path of ours and nobody else's address (abuse case 30). */
const ownPath = (back: unknown): string =>
  typeof back === 'string' && /^\/(?![/\\])[\w/.:-]*$/.test(back) ? back : '/';
