import { Agent, type Dispatcher, request } from 'undici';
import { type CookieJar, createCookieJar } from './cookie-jar.ts';
import { type Form, formsOf, textOf } from './markup.ts';

/** One answer, as it came. */
export interface Reply {
  readonly status: number;
  readonly url: string;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  /** Where a redirect leads, absolute. */
  readonly location: string | undefined;
  json<T = Record<string, unknown>>(): T;
}

/** What one request needs beyond its address. */
export interface Sending {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** Sends one request and follows nothing. */
export type Send = (url: string, sending?: Sending) => Promise<Reply>;

/**
 * A plain sender. `via` tells which process answers for an origin (two processes of one issuer): the connection goes
 * there, the Host header stays the issuer's.
 */
export function createSend(options: { via?: Record<string, string>; dispatcher?: Dispatcher } = {}): Send {
  return async (url, { method = 'GET', headers = {}, body } = {}) => {
    const target = new URL(url);
    const actual = new URL(target.pathname + target.search, options.via?.[target.origin] ?? target.origin);
    const answer = await request(actual, {
      method: method as Dispatcher.HttpMethod,
      headers: { host: target.host, ...headers },
      dispatcher: options.dispatcher ?? shared,
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.body.text();
    const location = answer.headers.location;
    return {
      status: answer.statusCode,
      url,
      headers: answer.headers,
      text,
      location: typeof location === 'string' ? new URL(location, url).href : undefined,
      json: <T>() => JSON.parse(text) as T,
    };
  };
}
// The server hangs up after five idle seconds; on a busy machine a socket is best left alone well before that.
const shared = new Agent({ connections: 64, keepAliveTimeoutThreshold: 3_000 });

/** What a person with a browser without script can see and do. */
export interface Page extends Reply {
  /** The words on the page, without markup. */
  readonly words: string;
  readonly forms: readonly Form[];
  /** The form with this id or action, else the first that is sent by POST, else the first. Throws with the page when there is none. */
  form(idOrAction?: string): Form;
  has(field: string): boolean;
  /** Fills the form that has all these fields (or the one named), presses its button (`button` names one by name or `name=value`) and follows the redirects. */
  submit(fields?: Record<string, string>, options?: { form?: string; button?: string }): Promise<Page>;
  /** Opens another address in the browser that shows this page. */
  open(url: string, sending?: Sending): Promise<Page>;
  /** Follows the link whose words or address contain this. */
  follow(link: string): Promise<Page>;
}

export interface Browser {
  open(url: string, sending?: Sending): Promise<Page>;
  /** A request that follows nothing, with the cookies of this browser. */
  send: Send;
  /** A redirect to an address that begins so is not followed: it becomes `page.location`. */
  stopAt(urlPrefix: string): void;
  readonly cookies: CookieJar;
  /** Requests sent so far. */
  readonly requests: number;
}

/** How a browser differs from the usual one. */
export interface BrowserOptions {
  readonly stopAt?: readonly string[];
  readonly headers?: Record<string, string>;
  readonly via?: Record<string, string>;
  readonly send?: Send;
}

/** The relying parties of the tests live here; nobody listens. */
export const CALLBACK = 'http://localhost:9999/callback';

/** A browser with an empty cookie jar. Redirects to http://localhost:9999/ are captured, not followed. */
export function createBrowser(options: BrowserOptions = {}): Browser {
  const plain = options.send ?? createSend(options.via ? { via: options.via } : {});
  const cookies = createCookieJar();
  const stops = [...(options.stopAt ?? ['http://localhost:9999/'])];
  let requests = 0;

  const send: Send = async (url, sending = {}) => {
    requests += 1;
    const cookie = cookies.header(url);
    const headers = {
      accept: 'text/html,application/xhtml+xml',
      'accept-language': 'vi',
      ...options.headers,
      ...(cookie ? { cookie } : {}),
      ...sending.headers,
    };
    const reply = await plain(url, { ...sending, headers });
    cookies.take(url, reply.headers['set-cookie']);
    return reply;
  };

  const open = async (url: string, sending: Sending = {}): Promise<Page> => {
    let reply = await send(url, sending);
    let from = sending.method === 'POST' ? { referer: reply.url } : {};
    for (let hops = 0; reply.location && reply.status >= 300 && reply.status < 400; hops += 1) {
      const next = reply.location;
      if (stops.some((stop) => next.startsWith(stop))) break;
      if (hops === 20) throw new Error(`too many redirects, the last to ${next}`);
      // 307 and 308 repeat the request (RFC 9110 §15.4.8); the others become GET, as browsers do.
      const again = reply.status === 307 || reply.status === 308 ? sending : {};
      reply = await send(next, { ...again, headers: { ...from, ...again.headers } });
      from = {};
    }
    return pageOf(reply, open);
  };

  return {
    open,
    send,
    stopAt: (prefix) => void stops.push(prefix),
    cookies,
    get requests() {
      return requests;
    },
  };
}

function pageOf(reply: Reply, open: Browser['open']): Page {
  const forms = formsOf(reply.text);
  const form = (idOrAction?: string): Form => {
    const found = idOrAction
      ? forms.find((one) => one.id === idOrAction || new URL(one.action, reply.url).href.includes(idOrAction))
      : (forms.find((one) => one.method === 'POST') ?? forms[0]);
    if (!found)
      throw new Error(
        `no form ${idOrAction ?? ''} on ${reply.status} ${reply.url}: ${textOf(reply.text).slice(0, 400)}`,
      );
    return found;
  };
  const submit: Page['submit'] = (fields = {}, options = {}) => {
    const holds = (one: Form): boolean => Object.keys(fields).every((name) => one.names.has(name));
    const chosen = options.form
      ? form(options.form)
      : (forms.find((one) => holds(one) && one.method === 'POST') ?? form());
    const button = options.button
      ? chosen.buttons.find(({ name, value }) => options.button === name || options.button === `${name}=${value}`)
      : chosen.buttons[0];
    if (options.button && !button) throw new Error(`no button ${options.button} on ${reply.url}`);
    const values = new Map(chosen.values);
    if (button?.name) values.set(button.name, button.value);
    for (const [name, value] of Object.entries(fields)) values.set(name, value);
    const encoded = new URLSearchParams([...values]).toString();
    const action = new URL(button?.action ?? chosen.action, reply.url);
    if (chosen.method === 'GET') {
      action.search = encoded;
      return open(action.href);
    }
    return open(action.href, {
      method: 'POST',
      body: encoded,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: new URL(reply.url).origin,
        referer: reply.url,
        'sec-fetch-site': action.origin === new URL(reply.url).origin ? 'same-origin' : 'same-site',
        'sec-fetch-mode': 'navigate',
      },
    });
  };
  return {
    ...reply,
    words: textOf(reply.text),
    forms,
    form,
    open,
    has: (field) => forms.some((one) => one.names.has(field)),
    submit,
    follow(link) {
      for (const [, attributes = '', inner = ''] of reply.text.matchAll(/<a\b([^>]*)>(.*?)<\/a>/gis)) {
        const href = /\bhref="([^"]*)"/i.exec(attributes)?.[1];
        if (href !== undefined && (textOf(inner).includes(link) || href.includes(link))) {
          return open(new URL(textOf(href), reply.url).href);
        }
      }
      throw new Error(`no link ${link} on ${reply.url}`);
    },
  };
}
