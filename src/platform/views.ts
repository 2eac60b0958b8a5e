import type { IncomingMessage } from 'node:http';
import { Eta } from 'eta';
import type { Assets } from './assets.ts';
import { birthdate, date, dateTime, grouped, time } from './formats.ts';
import { chosenQuery } from './kiosk/chosen.ts';
import {
  escapeHtml,
  type Locale,
  type Message,
  type Messages,
  type MessageTags,
  type MessageValues,
} from './messages.ts';
import { readableOn } from './plain-values/contrast.ts';
import { type Kiosk, notesOf } from './request.ts';
import { TEXT_SIZE } from './text-size.ts';

/** One page: the file below `views/`, the key of its title, and the type of what it shows. Made by `defineView`. */
export interface View<Model extends object> {
  /** Path below `views/` without `.eta`. */
  readonly name: string;
  /** Key of the sentence in the browser's title. */
  readonly title: string;
  /** Modules of `views/assets` this page runs; the password path needs none. */
  readonly scripts: readonly string[];
  /** Only for the type checker: what the page must be given. */
  readonly model?: Model;
}

/** Declares a page beside its model's type. */
export const defineView = <Model extends object>(
  name: string,
  title: string,
  scripts: readonly string[] = [],
): View<Model> => ({ name, title, scripts });

/** What a page needs beside its model. */
export interface Page {
  readonly locale: Locale;
  readonly requestId: string;
  /** On a machine that is put up for everybody: how to leave nothing there. */
  readonly kiosk?: Kiosk | undefined;
  /** In large letters. */
  readonly largePrint?: boolean;
  /** Where this page can be fetched again with GET: the links to the other language and size lead there. `null` hides them. */
  readonly path: string | null;
  /** What the address carries beside it: filters, a search. Those links keep them. */
  readonly query?: string;
  /** In place of the view's own title. */
  readonly title?: Message;
}

/** Whose server this is. An operator may change all of it. */
export interface Brand {
  readonly name: string;
  /** Brand colour and the colour of text on it, light and dark; each pair is checked for 4.5:1 at the start. */
  readonly colours?: { readonly light: ColourPair; readonly dark: ColourPair };
}
export interface ColourPair {
  readonly brand: string;
  readonly onBrand: string;
}

/** As much of a koa context as showing a page takes: ours and the provider's both fit. */
export interface PageContext {
  readonly req: IncomingMessage;
  readonly path: string;
  status: number;
  type: string;
  body: unknown;
}

/** The templates, ready to be filled. */
export interface Views {
  readonly messages: Messages;
  readonly sandbox: boolean;
  render<Model extends object>(view: View<Model>, model: NoInfer<Model>, page: Page): string;
  /** Renders into the response of this request, in its language; status 200 unless said otherwise. */
  show<Model extends object>(ctx: PageContext, view: View<Model>, model: NoInfer<Model>, options?: ShowOptions): void;
}

/** What differs from a usual page. */
export interface ShowOptions {
  readonly status?: number;
  readonly title?: Message;
  readonly path?: string | null;
  /** `false`: on a shared machine, there is nothing left to clear. */
  readonly kiosk?: false;
}

/** What `createViews` is given. */
export interface ViewsOptions {
  readonly directory: string;
  readonly messages: Messages;
  readonly assets: Assets;
  readonly brand: Brand;
  readonly sandbox: boolean;
  /** In tests: reading a property that the model lacks throws, and so does a page that is given too little. */
  readonly strict?: boolean;
}

// Names a template may use without `it.`; declared once here so that a template reads like a page.
const HEADER =
  'const { model, page, t, rich, date, dateTime, time, birthdate, grouped, asset, brand, sandbox, errorsOf, readableOn, either, link } = it;';

/** Reads `*.eta` below `directory`; each is compiled at its first use and kept. Every interpolation is escaped. */
export function createViews(options: ViewsOptions): Views {
  const { messages, assets, brand, sandbox } = options;
  const eta = new Eta({
    views: options.directory,
    cache: true,
    autoEscape: true,
    escapeFunction: escapeHtml,
    functionHeader: HEADER,
    debug: options.strict ?? false,
  });

  const render: Views['render'] = (view, model, page) => {
    const t = (message: Message, values?: MessageValues) => messages.t(page.locale, message, values);
    const title = t(page.title ?? view.title);
    return eta.render(`/${view.name}`, {
      model: options.strict ? strict(model, view.name) : model,
      page: {
        ...page,
        ...{ title, largePrint: page.largePrint === true, kiosk: page.kiosk ?? null, view: view.name },
        scripts: page.kiosk ? [...view.scripts, 'kiosk.js'] : view.scripts,
        otherLanguage: otherLanguage(page),
        otherSize: again(page, TEXT_SIZE, page.largePrint ? 'usual' : 'large'),
      },
      brand,
      sandbox,
      t,
      rich: (key: string, values: MessageValues, tags: MessageTags) => messages.html(page.locale, key, values, tags),
      date,
      dateTime,
      time,
      birthdate,
      grouped,
      asset: assets.url,
      errorsOf,
      readableOn,
      either: messages.either,
      link,
    });
  };

  return {
    messages,
    sandbox,
    render,
    show(ctx, view, model, extra = {}) {
      const notes = notesOf(ctx.req);
      const page: Page = {
        locale: notes.locale,
        requestId: notes.requestId,
        ...(notes.largePrint ? { largePrint: true } : {}),
        kiosk: extra.kiosk === false || !notes.kiosk ? undefined : { ...notes.kiosk, chosen: chosenQuery(ctx.req) },
        path: extra.path === undefined ? ctx.path : extra.path,
        ...((extra.path === undefined || extra.path === ctx.path) && (extra.status ?? 200) < 400
          ? { query: queryKept(ctx) }
          : {}),
        ...(extra.title === undefined ? {} : { title: extra.title }),
      };
      const body = render(view, model, page);
      ctx.status = extra.status ?? 200;
      ctx.type = 'text/html; charset=utf-8';
      ctx.body = body;
    },
  };
}

/**
 * An address for `href` or `action`. Escaping does not stop `javascript:` (A4, fact 8), so the scheme is on a list: the web's,
 * `otpauth:` for authenticator apps, and private-use schemes, which carry a dot (RFC 8252 §7.1). Anything else is a mistake of ours.
 */
export function link(address: string): string {
  const relative = /^\/(?![/\\])/.test(address);
  const scheme = /^([a-z][\w+.-]*):/i.exec(address)?.[1]?.toLowerCase() ?? '';
  if (relative || ['http', 'https', 'otpauth'].includes(scheme) || scheme.includes('.')) return address;
  throw new Error('not an address that a page may lead to');
}

/** Where in a list somebody is, and in which. */
const PLACES = ['list', 'page', 'before'];

/**
 * What stands in an address and stays when the language changes: the console's filters, the place in a list of "My account", and how
 * the last page of a visit to a shared machine is read.
 * Anything else may be a secret that somebody put there (abuse case 54).
 */
function queryKept({ req, path }: { readonly req: IncomingMessage; readonly path: string }): string {
  const { method, url = '' } = req;
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  if (method !== 'GET' || query === '') return '';
  if (path.startsWith('/operator/')) return query;
  // These remember nothing in cookies.
  if (path.startsWith('/kiosk/')) return chosenQuery(req);
  if (!path.startsWith('/account/')) return '';
  return String(new URLSearchParams([...new URLSearchParams(query)].filter(([name]) => PLACES.includes(name))));
}

/** The same page once more in the other language. */
function otherLanguage(page: Page): { readonly locale: Locale; readonly url: string } | null {
  const other = page.locale === 'vi' ? 'en' : 'vi';
  const url = again(page, 'lang', other);
  return url === null ? null : { locale: other, url };
}

/** The same page once more with one thing changed, and with the filters that made it. */
function again({ path, query }: Page, name: string, value: string): string | null {
  if (path === null) return null;
  const search = new URLSearchParams(query);
  search.set(name, value);
  return `${path}?${search}`;
}

/** The field errors of a form as a list, in the order in which they were found. */
const errorsOf = (errors: Readonly<Record<string, Message>>): { field: string; message: Message }[] =>
  Object.entries(errors).map(([field, message]) => ({ field, message }));

/** A model that answers only for what it has: a typing mistake in a template fails its test instead of showing nothing. */
function strict<T extends object>(model: T, path: string): T {
  return new Proxy(model, {
    get(target, property, receiver) {
      const value = Reflect.get(target, property, receiver);
      // JSON.stringify asks every object for a toJSON.
      if (typeof property === 'symbol' || property === 'toJSON' || typeof value === 'function') return value;
      if (!(property in target)) throw new Error(`the model of ${path} has no property "${property}"`);
      const open = typeof value === 'object' && value !== null && !(value instanceof Date);
      return open ? strict(value, `${path}.${property}`) : value;
    },
  });
}
