/** The cookies of one browser: by host (never by port, as in browsers), path, Secure and expiry. */
export interface CookieJar {
  take(url: string, setCookie: string | string[] | undefined): void;
  /** The Cookie header for a request there; empty when there is none. */
  header(url: string): string;
  get(name: string): string | undefined;
  set(url: string, name: string, value: string): void;
  delete(name: string): void;
  clear(): void;
  readonly names: string[];
}

interface Cookie {
  name: string;
  value: string;
  host: string;
  path: string;
  secure: boolean;
  expires: number;
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** RFC 6265 §5.1.4: a path matches itself and what lies below it. */
const within = (path: string, cookiePath: string): boolean =>
  path === cookiePath || (path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/'));

const defaultPath = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

/** An empty jar. */
export function createCookieJar(): CookieJar {
  const cookies = new Map<string, Cookie>();
  const keyOf = ({ host, path, name }: Cookie): string => `${host} ${path} ${name}`;
  // Browsers count loopback as secure enough for Secure cookies.
  const isSecure = (url: URL): boolean => url.protocol === 'https:' || loopback.has(url.hostname);

  const parse = (url: URL, header: string): Cookie | undefined => {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const given = new Map(
      attributes.map((part) => {
        const [name = '', ...value] = part.split('=');
        return [name.toLowerCase(), value.join('=')] as const;
      }),
    );
    const maxAge = given.get('max-age');
    const expires = given.get('expires');
    const cookie: Cookie = {
      name: pair.slice(0, at),
      value: pair.slice(at + 1),
      host: given.get('domain')?.replace(/^\./, '') || url.hostname,
      path: given.get('path') || defaultPath(url.pathname),
      secure: given.has('secure'),
      expires: maxAge ? Date.now() + Number(maxAge) * 1000 : expires ? Date.parse(expires) : Number.POSITIVE_INFINITY,
    };
    if (cookie.secure && !isSecure(url)) return undefined;
    // RFC 6265bis §4.1.3: a prefix is a promise the browser enforces.
    const prefixed = cookie.name.startsWith('__Host-') || cookie.name.startsWith('__Secure-');
    if (prefixed && !cookie.secure) return undefined;
    if (cookie.name.startsWith('__Host-') && (cookie.path !== '/' || given.has('domain'))) return undefined;
    return cookie;
  };

  return {
    take(url, setCookie) {
      for (const header of [setCookie ?? []].flat()) {
        const cookie = parse(new URL(url), header);
        if (!cookie) continue;
        if (cookie.expires <= Date.now()) cookies.delete(keyOf(cookie));
        else cookies.set(keyOf(cookie), cookie);
      }
    },
    header(url) {
      const target = new URL(url);
      const { hostname, pathname } = target;
      return [...cookies.values()]
        .filter((cookie) => cookie.expires > Date.now() && (!cookie.secure || isSecure(target)))
        .filter(({ host, path }) => (hostname === host || hostname.endsWith(`.${host}`)) && within(pathname, path))
        .sort((one, other) => other.path.length - one.path.length)
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ');
    },
    get: (name) => [...cookies.values()].find((cookie) => cookie.name === name)?.value,
    set(url, name, value) {
      const cookie = {
        name,
        value,
        host: new URL(url).hostname,
        path: '/',
        secure: false,
        expires: Number.POSITIVE_INFINITY,
      };
      cookies.set(keyOf(cookie), cookie);
    },
    delete(name) {
      for (const [key, cookie] of cookies) if (cookie.name === name) cookies.delete(key);
    },
    clear: () => cookies.clear(),
    get names() {
      return [...cookies.values()].map(({ name }) => name);
    },
  };
}
