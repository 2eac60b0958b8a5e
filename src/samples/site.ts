import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { bodyParser } from '@koa/bodyparser';
import Router, { type RouterContext } from '@koa/router';
import Koa from 'koa';
import { type Html, html, type Look, page } from './page.ts';
import { explain } from './refusal.ts';

/** One request, as the handlers of a sample see it. */
export interface Visit<Session> {
  /** What we remember of this browser; whatever is put in is kept. */
  session: Partial<Session>;
  locale: 'vi' | 'en';
  say(vi: string, en: string): string;
  show(title: string, body: Html, idToken?: string): void;
  /** Same data under a new cookie: who planted the old one before a sign-in knows nothing after it. */
  renew(): void;
}

export type Context<Session> = RouterContext<Visit<Session>>;

/** A small web site: sessions in memory by cookie, two languages, errors as a sentence. */
export interface Site<Session> {
  readonly routes: Router<Visit<Session>>;
  /** `left`: what is still remembered of the browser afterwards. */
  endSessions(
    which: (session: Partial<Session>) => boolean,
    left?: (session: Partial<Session>) => Partial<Session>,
  ): void;
  /** Serves on loopback, says so in one line, stops on SIGTERM. */
  listen(): void;
}

const MOST_SESSIONS = 5_000;

/** Builds the site of a sample; its forms may lead to `issuer` (a sign-out does) and nowhere else. */
export async function createSite<Session>(about: {
  name: { vi: string; en: string };
  mark: string;
  look: Look;
  issuer: string;
  port: number;
}): Promise<Site<Session>> {
  const style = await readFile(new URL('style.css', import.meta.url));
  const policy = `default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self' ${new URL(about.issuer).origin}`;
  const cookie = `${about.look}_session`; // cookies know no ports: samples on localhost need a name each
  const sessions = new Map<string, Partial<Session>>();
  const app = new Koa<Visit<Session>>();
  const routes = new Router<Visit<Session>>();

  app.use(async (ctx, next) => {
    // Not `no-referrer`: browsers then send `Origin: null` with our own forms, and the check below refuses them.
    ctx.set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-store', 'Referrer-Policy': 'same-origin' });
    const visit = ctx.state;
    const id = ctx.cookies.get(cookie) ?? '';
    visit.session = sessions.get(id) ?? {};
    let kept = sessions.has(id);
    visit.locale = ctx.cookies.get('sample_language') === 'en' ? 'en' : 'vi';
    visit.say = (vi, en) => (visit.locale === 'vi' ? vi : en);
    visit.show = (title, body, idToken) => {
      ctx.type = 'html';
      const { locale } = visit;
      ctx.body = page({ ...about, name: about.name[locale], locale, title, body, idToken });
    };
    visit.renew = () => {
      kept = true;
      sessions.delete(id);
      const fresh = randomBytes(32).toString('base64url');
      sessions.set(fresh, visit.session);
      ctx.cookies.set(cookie, fresh, { httpOnly: true, sameSite: 'lax', overwrite: true });
      const oldest = sessions.keys().next().value;
      if (sessions.size > MOST_SESSIONS && oldest) sessions.delete(oldest);
    };
    try {
      // A form on somebody else's page must not act in the name of whoever is signed in here.
      const from = ctx.get('origin');
      if (ctx.method === 'POST' && from && from !== `http://localhost:${about.port}`) ctx.throw(403);
      await next();
      if (ctx.status === 404 && !ctx.body) ctx.throw(404);
    } catch (error) {
      const { status, vi, en } = explain(error);
      if (status === 500) console.error(error);
      ctx.status = status;
      visit.show(
        visit.say('Chưa thực hiện được', 'That did not work'),
        html`<p role="alert">${visit.say(vi, en)}</p><p><a class="button quiet" href="/">${visit.say('Về trang đầu', 'Back to the start')}</a></p>`,
      );
    }
    if (!kept && Object.keys(visit.session).length > 0) visit.renew();
  });
  app.use(
    bodyParser({
      ...{ enableTypes: ['form', 'text'], formLimit: '64kb', textLimit: '64kb' },
      extendTypes: { text: ['application/secevent+jwt'] },
    }),
  );
  routes.get('/style.css', (ctx) => {
    ctx.set('Cache-Control', 'max-age=600');
    ctx.type = 'css';
    ctx.body = style;
  });
  routes.get('/language/:locale', (ctx) => {
    ctx.cookies.set('sample_language', ctx.params.locale === 'en' ? 'en' : 'vi', { sameSite: 'lax' });
    ctx.redirect('/');
  });
  app.use(routes.routes());

  return {
    routes,
    endSessions(which, left) {
      for (const [id, session] of sessions)
        if (which(session) && left) sessions.set(id, left(session));
        else if (which(session)) sessions.delete(id);
    },
    listen() {
      const server = app.listen(about.port, '127.0.0.1', () => console.log(`listening http://localhost:${about.port}`));
      const stop = (): void => {
        server.close(() => process.exit(0));
        // A browser may hold a connection open without asking anything.
        setTimeout(() => server.closeAllConnections(), 1_000).unref();
      };
      for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, stop);
    },
  };
}
