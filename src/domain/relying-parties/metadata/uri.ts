import { isIP } from 'node:net';
import { isPublic } from '../../../platform/egress.ts';

/** What a URI of a client is judged by. */
export interface UriContext {
  readonly environment: 'sandbox' | 'production';
  readonly native?: boolean;
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);
// Parameters of our own answers: a registered one would make two of them (RFC 6749 §3.1).
const answers = [
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'response',
  'id_token',
  'access_token',
];

/** True for `http://localhost:9999/…` and the like. */
export const isLoopbackHttp = (url: URL): boolean => url.protocol === 'http:' && loopback.has(url.hostname);

/** What every URI of a client must keep, whatever it is for. Undefined when it cannot be read at all. */
function commonFaults(uri: string): { url: URL | undefined; faults: string[] } {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (!url) return { url, faults: ['This is no absolute URI.'] };
  const faults: string[] = [];
  if (uri.length > 2_000) faults.push('It is longer than 2,000 characters.');
  // Comparison is by exact string (RFC 9700 §2.1): a spelling that a browser would change on the way never matches.
  if (url.href !== uri) faults.push(`Write it exactly as a browser sends it: ${url.href}`);
  if (url.username || url.password) faults.push('It holds a name or a password.');
  if (/[*]/.test(url.hostname)) faults.push('A host has no wildcard.');
  if (url.hostname.endsWith('.')) faults.push('A host does not end with a dot.');
  return { url, faults };
}

/** The faults of a redirect URI, for answers or after logout (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1). */
export function redirectUriFaults(uri: string, { environment, native }: UriContext): string[] {
  const { url, faults } = commonFaults(uri);
  if (!url) return faults;
  if (uri.includes('#')) faults.push('It holds a fragment.');
  for (const name of answers) {
    if (url.searchParams.has(name)) faults.push(`Its query holds "${name}", which is a parameter of our answer.`);
  }
  if (url.protocol === 'https:') return faults;
  if (isLoopbackHttp(url)) {
    // RFC 8252 §7.3 and §8.3: a native app listens on a loopback address, by number.
    const allowed = environment === 'sandbox' || (native && url.hostname !== 'localhost');
    if (!allowed) faults.push('http is for the loopback address of a native app, or of a sandbox.');
    return faults;
  }
  // RFC 8252 §7.1: a private-use scheme is a reversed domain name, so it has a dot; javascript:, data: and file: have none.
  if (native && /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:$/.test(url.protocol)) return faults;
  faults.push('It must begin with https://');
  return faults;
}

/**
 * The faults of every other URI: https only, or loopback http in a sandbox. This is the allow-list of schemes that keeps
 * `javascript:` out of links on our pages (abuse case 29). In production an address inside is refused before anybody looks
 * for it (abuse case 17).
 */
export function webUriFaults(uri: string, { environment }: UriContext): string[] {
  const { url, faults } = commonFaults(uri);
  if (!url) return faults;
  if (url.protocol !== 'https:' && !(environment === 'sandbox' && isLoopbackHttp(url))) {
    faults.push('It must begin with https://');
  }
  if (environment === 'production' && !isOutside(url.hostname)) faults.push('This is no public address.');
  return faults;
}

/** Whether a host may be outside: a name may, until somebody asks for its address (the guard does, each time). */
function isOutside(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) ? isPublic(host) : !/(^|\.)localhost$/.test(host);
}
