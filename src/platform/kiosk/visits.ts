import type { Context, Middleware } from 'koa';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import { newToken } from '../ids.ts';
import { notesOf } from '../request.ts';
import type { Sealer } from '../sealed.ts';
import { deletes, rewritten, sentCookies } from './cookie-header.ts';
import { KIOSK_IDLE_SECONDS } from './kiosk.ts';
import * as store from './visit-store.ts';

/** What somebody does at a shared machine, from the first cookie that they are given until they leave it or are silent. */
export interface KioskVisits {
  /** Around everything that reads or writes a cookie. */
  readonly cookies: Middleware;
  /** Nothing that was given during the visit is believed any more, and the browser forgets all that it has sent. */
  end(ctx: Context): Promise<void>;
  /** Forgets visits that nobody has ended. */
  sweep(): Promise<number>;
}

/** What they work with. */
export interface KioskVisitsParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `kiosk`. */
  readonly sealer: Sealer;
  /** Whether the issuer is https. */
  readonly secure: boolean;
}

/** The machine's page says that somebody is there, or asks by itself whether they are. */
export const STAY = '/kiosk/stay';
export const STILL_THERE = '/kiosk/still-there';

/**
 * Every cookie that a shared machine is given, whoever writes it, is sealed for the visit that it was given in. When two minutes
 * have passed without a sign of anybody, or somebody has cleared everything, that visit is no more: whoever comes next may still
 * have its cookies in the browser, or may have copied them, and they say nothing to us or to anybody.
 */
export function createKioskVisits({ database, clock, sealer, secure }: KioskVisitsParts): KioskVisits {
  const own = `${secure ? '__Host-' : ''}senid-kiosk`;
  const flags = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  const since = (): Date => new Date(clock.now().getTime() - KIOSK_IDLE_SECONDS * 1000);
  const context = (token: string, name: string): string => `${token} ${name}`;

  const goesOn = (ctx: Context, token: string) =>
    store.goesOn(database, token, { now: clock.now(), since: since(), moves: isUse(ctx) });
  /** What of the visit's cookies is ours; another one's, or what was written by hand, is none. */
  const opened = (token: string, sent: readonly [string, string][]): string =>
    sent
      .flatMap(([name, value]) => {
        try {
          return `${name}=${sealer.open(Buffer.from(value, 'base64url'), context(token, name))}`;
        } catch {
          return [];
        }
      })
      .join('; ');

  /** The visit begins with the first cookie: whoever only reads leaves nothing. */
  async function give(ctx: Context): Promise<void> {
    const cookies = [ctx.res.getHeader('Set-Cookie') ?? []].flat().map(String);
    if (cookies.every(deletes)) return;
    // None of them leaves as it was written, whatever happens below.
    ctx.remove('Set-Cookie');
    const going = notesOf(ctx.req).kioskVisit;
    const token = going ?? newToken();
    if (!going) await database.execute(store.begin(token, clock.now()));
    const seal = (name: string, value: string): string =>
      sealer.seal(value, context(token, name)).toString('base64url');
    const given = cookies.map((cookie) => (deletes(cookie) ? cookie : rewritten(cookie, seal)));
    ctx.set('Set-Cookie', going ? given : [...given, `${own}=${token}; ${flags}`]);
  }

  return {
    async cookies(ctx, next) {
      const notes = notesOf(ctx.req);
      if (!notes.kiosk) return next();
      const sent = sentCookies(ctx.headers.cookie ?? '');
      const token = new Map(sent).get(own);
      const live = token !== undefined && (await goesOn(ctx, token)) ? token : undefined;
      notes.kioskVisit = live;
      notes.kioskCookies = sent.map(([name]) => name);
      ctx.req.headers.cookie = live === undefined ? '' : opened(live, sent);
      try {
        await next();
      } finally {
        // Of an answer that became an error page too.
        await give(ctx);
      }
    },

    async end(ctx) {
      const notes = notesOf(ctx.req);
      if (notes.kioskVisit !== undefined) await database.execute(store.end(notes.kioskVisit));
      notes.kioskVisit = undefined;
      for (const name of notes.kioskCookies ?? []) ctx.append('Set-Cookie', `${name}=; Max-Age=0; ${flags}`);
    },

    sweep: () => database.execute(store.sweep(since())),
  };
}

/** Whether somebody did this: what a page's script fetches while it waits (Fetch Metadata §2.1), and the question, are the machine's. */
const isUse = ({ path, headers }: Context): boolean =>
  path === STAY || (path !== STILL_THERE && [undefined, 'document'].includes(headers['sec-fetch-dest'] as string));
