import Bowser from 'bowser';
import ipaddr from 'ipaddr.js';

/** What a browser is, as far as somebody recognises their own by it: `Chrome` on `Android`. */
export interface BrowserFamily {
  readonly browser?: string;
  readonly system?: string;
}

const BROWSERS = new Set(Object.values(Bowser.BROWSER_MAP));
const SYSTEMS = new Set(Object.values(Bowser.OS_MAP));
/** Longer than any browser's; what comes behind says nothing that is asked for here. */
const LONGEST = 512;

/**
 * The families of a User-Agent header: words of closed lists, never a part of the header, which may hold anything (abuse cases 29
 * and 53). Nothing is decided by it: it says what it likes.
 */
export function browserFamily(userAgent: string | undefined): BrowserFamily {
  if (!userAgent) return {};
  const { browser, os } = Bowser.parse(userAgent.slice(0, LONGEST));
  return {
    ...(browser.name && BROWSERS.has(browser.name) ? { browser: browser.name } : {}),
    ...(os.name && SYSTEMS.has(os.name) ? { system: os.name } : {}),
  };
}

/** The network of an address, without the part that is one line's own: /24 of IPv4, /48 of IPv6. Nothing where it is no address. */
export function networkOf(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return `${parsed.toByteArray().slice(0, 3).join('.')}.0/24`;
  const kept = new ipaddr.IPv6([...(parsed as ipaddr.IPv6).parts.slice(0, 3), 0, 0, 0, 0, 0]);
  return `${kept.toString()}/48`;
}
