import type { IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import { EidError } from '../errors.ts';
import { newToken, tokenHash } from '../ids.ts';
import { type Held, notesOf } from '../request.ts';
import type { Sealer } from '../sealed.ts';
import { type Write, writeTogether } from '../unit-of-work.ts';
import { deletes, rewritten, sentCookies } from './cookie-header.ts';
import { KIOSK_IDLE_SECONDS } from './kiosk.ts';
import * as store from './visit-store.ts';

/** The writes that end what a visit holds; they are made together with its own end, and by one server alone. */
export type Ending = (held: readonly Held[]) => Promise<readonly Write[]>;

/** What somebody does at a shared machine, from the first cookie that they are given until they leave it or are silent. */
export interface KioskVisits {
  /** Around everything that reads or writes a cookie. */
  readonly cookies: Middleware;
  /**
   * This ends with the visit that goes on there, too: a write that is made together with what begins it. It is lost where the visit
   * has ended meanwhile. Nothing on any other machine.
   */
  holding(req: IncomingMessage, held: Held, lost: () => Error): Write[];
  /**
   * Ends the visit whose cookies were sent, with all that it holds, whether it goes on or has been silent for too long. Nothing
   * that was given during it is believed any more, and the browser forgets all that it has sent, whatever the ending does: where
   * that fails it is told, and made up for with the visits that nobody has ended.
   */
  end(ctx: Context, ending: Ending): Promise<void>;
  /** How long it is until this visit has been silent for too long; 0 where none goes on. */
  secondsLeft(ctx: Context): number;
  /** Whether a page of this mark has nothing behind it: its visit is over. One without a mark was shown to nobody who has gone. */
  isOver(ctx: Context, mark: string | undefined): boolean;
  /**
   * Ends those that nobody has ended and nobody comes back to. What one of them fails at is told, and tried again next time; what it
   * holds and nobody can open is told once, and left out. Several servers may do so at once: each visit is ended once.
   */
  endSilent(ending: Ending): Promise<number>;
}

/** What they work with. */
export interface KioskVisitsParts {
  readonly database: Database;
  readonly clock: Clock;
  /** Made for the purpose `kiosk`. */
  readonly sealer: Sealer;
  /** Whether the issuer is https. */
  readonly secure: boolean;
  /** Where somebody begins again whose form belongs to a visit that is no more: the first that the form's address lies below. */
  readonly firstPages: readonly string[];
  /** Told of what an ending failed at: whoever leaves the machine is kept by none of it. */
  readonly failed: (error: unknown) => void;
}

/** The machine's page says that somebody is there, asks by itself whether they are, or finds by itself that they are not. */
export const STAY = '/kiosk/stay';
export const STILL_THERE = '/kiosk/still-there';
export const CLEARED = '/kiosk/cleared';

/** Visits that are looked at together. */
const BATCH = 100;

/**
 * Every cookie that a shared machine is given, whoever writes it, is sealed for the visit that it was given in. When two minutes
 * have passed without a sign of anybody, or somebody has cleared everything, that visit is no more: whoever comes next may still
 * have its cookies in the browser, or may have copied them, and they say nothing to us or to anybody.
 */
export function createKioskVisits(parts: KioskVisitsParts): KioskVisits {
  const { database, clock, sealer, secure, firstPages, failed } = parts;
  const own = `${secure ? '__Host-' : ''}senid-kiosk`;
  const flags = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  const since = (): Date => new Date(clock.now().getTime() - KIOSK_IDLE_SECONDS * 1000);
  const context = (token: string, name: string): string => `${token} ${name}`;

  const goingOn = async (ctx: Context, token: string) => {
    const seenAt = await store.seenAt(database, token, { now: clock.now(), since: since(), moves: isUse(ctx) });
    return seenAt && { token, seenAt };
  };
  /** It says which pages belong together, and opens nothing. */
  const mark = (token: string): string => sealer.keyedHash(`pages of ${token}`).subarray(0, 9).toString('base64url');
  const sealedFor = (hash: Buffer): string => `held by ${hash.toString('base64url')}`;
  const holds = (token: string, held: readonly Held[]): Buffer[] =>
    held.map((one) => sealer.seal(JSON.stringify(one), sealedFor(tokenHash(token))));

  /** What a visit holds. What cannot be opened could not be next time either, and keeps the rest from nothing. */
  function heldBy({ hash, holds }: store.KeptVisit): Held[] {
    const opened = holds.flatMap((one) => {
      try {
        return sealer.open(one, sealedFor(hash));
      } catch (error) {
        failed(error);
        return [];
      }
    });
    // What two tabs have begun at once is held twice.
    return [...new Set(opened)].map((one) => JSON.parse(one) as Held);
  }
  /** Whether it is ended by this; what it failed at is told. `until`: only if nobody has done anything since. */
  async function endOne(visit: store.KeptVisit, ending: Ending, until?: Date): Promise<boolean> {
    try {
      await writeTogether(database, [store.end(visit, until), ...(await ending(heldBy(visit)))]);
      return true;
    } catch (error) {
      if (!(error instanceof store.VisitMoved)) failed(error);
      return false;
    }
  }
  /** What of the visit's cookies is ours; another one's, or what was written by hand, is none. */
  const opened = (token: string, sent: readonly [string, string][]): string =>
    sent
      .flatMap(([name, value]) => {
        try {
          return `${name}=${sealer.openText(value, context(token, name))}`;
        } catch {
          return [];
        }
      })
      .join('; ');

  /** The browser forgets all that it has sent. */
  function takeCookies(ctx: Context): void {
    const notes = notesOf(ctx.req);
    for (const name of notes.kioskCookies ?? []) ctx.append('Set-Cookie', `${name}=; Max-Age=0; ${flags}`);
    notes.kioskCookies = [];
  }

  /** The visit begins with the first cookie: whoever only reads leaves nothing. */
  async function give(ctx: Context): Promise<void> {
    const cookies = [ctx.res.getHeader('Set-Cookie') ?? []].flat().map(String);
    if (cookies.every(deletes)) return;
    // None of them leaves as it was written, whatever happens below.
    ctx.remove('Set-Cookie');
    const going = notesOf(ctx.req).kioskVisit?.token;
    const token = going ?? newToken();
    const held = holds(token, notesOf(ctx.req).kioskHolds ?? []);
    if (!going) await database.execute(store.begin(token, held, clock.now()));
    // Somebody has ended it in another tab: what would end with it is not begun.
    else if (held.length > 0 && (await database.execute(store.hold(token, held))) === 0) return;
    const seal = (name: string, value: string): string => sealer.sealText(value, context(token, name));
    const given = cookies.map((cookie) => (deletes(cookie) ? cookie : rewritten(cookie, seal)));
    ctx.set('Set-Cookie', going ? given : [...given, `${own}=${token}; ${flags}`]);
  }

  return {
    async cookies(ctx, next) {
      const notes = notesOf(ctx.req);
      if (!notes.kiosk) return next();
      const sent = sentCookies(ctx.headers.cookie ?? '');
      const token = new Map(sent).get(own);
      const live = token === undefined ? undefined : await goingOn(ctx, token);
      notes.kioskVisit = live;
      notes.kioskToken = token;
      if (live) notes.kiosk = { ...notes.kiosk, visit: mark(live.token) };
      notes.kioskCookies = sent.map(([name]) => name);
      // Nobody comes back to it: whoever opens a page now is the next person.
      if (token !== undefined && !live && isOpened(ctx)) takeCookies(ctx);
      ctx.req.headers.cookie = live === undefined ? '' : opened(live.token, sent);
      try {
        await next();
      } catch (thrown) {
        const first = firstPages.find((page) => ctx.path === page || ctx.path.startsWith(`${page}/`));
        if (first === undefined || !isLostForm(ctx, thrown)) throw thrown;
        ctx.redirect(first);
        ctx.status = 303;
      } finally {
        // Of an answer that became an error page too.
        await give(ctx);
      }
    },

    holding(req, held, lost) {
      const { kioskVisit } = notesOf(req);
      return kioskVisit ? [{ statement: store.hold(kioskVisit.token, holds(kioskVisit.token, [held])), lost }] : [];
    },

    async end(ctx, ending) {
      const notes = notesOf(ctx.req);
      notes.kioskVisit = undefined;
      takeCookies(ctx);
      if (notes.kioskToken === undefined) return;
      // From here on nobody is signed in by it, and it comes to hold nothing more.
      const visit = await store.close(database, notes.kioskToken);
      if (visit) await endOne(visit, ending);
    },

    secondsLeft({ req }) {
      const { kioskVisit } = notesOf(req);
      return kioskVisit ? Math.ceil((kioskVisit.seenAt.getTime() - since().getTime()) / 1000) : 0;
    },

    isOver({ req }, page) {
      const { kioskVisit } = notesOf(req);
      return page !== undefined && (!kioskVisit || page !== mark(kioskVisit.token));
    },

    async endSilent(ending) {
      const until = since();
      let ended = 0;
      let visits: readonly store.KeptVisit[];
      let after: store.KeptVisit | undefined;
      do {
        visits = await store.silent(database, { since: until, after, most: BATCH });
        for (const visit of visits) if (await endOne(visit, ending, until)) ended += 1;
        after = visits.at(-1);
      } while (visits.length === BATCH);
      return ended;
    },
  };
}

/**
 * A form of ours whose token nobody knows any more: it was silent for too long, or of two tabs that began at once the browser has
 * kept the other one's visit. Nothing was done, and it is no mistake of whoever sent it. What another site sends stays refused.
 */
const isLostForm = ({ headers, host }: Context, thrown: unknown): boolean => {
  const site = headers['sec-fetch-site'];
  const own = site === undefined ? headers.origin?.endsWith(`://${host}`) === true : site === 'same-origin';
  return own && thrown instanceof EidError && thrown.code === 'http.forged_request';
};

/** Whether somebody did this: what a page's script fetches while it waits (Fetch Metadata §2.1), the question, and what follows it, are the machine's. */
const isUse = (ctx: Context): boolean => ctx.path === STAY || isOpened(ctx);

/** Whether somebody has opened a page. What the machine asks by itself leads to where a visit is ended, by the token that it was given. */
const isOpened = ({ path, headers }: Context): boolean =>
  ![STAY, STILL_THERE, CLEARED].includes(path) && [undefined, 'document'].includes(headers['sec-fetch-dest'] as string);
