import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { notesOf } from './request.ts';

/**
 * Believes X-Forwarded-* from named proxies only, and then no further than the first hop that is not one of them. What is left
 * in the headers of the request afterwards may be believed.
 */
export function createForwarding(proxies: readonly string[]): (request: IncomingMessage) => void {
  const isTrusted = createAddresses(proxies);
  const last = (request: IncomingMessage, name: string): string =>
    String(request.headers[name] ?? '')
      .split(',')
      .at(-1)!
      .trim();

  return (request) => {
    const { headers } = request;
    if (!isTrusted(request.socket.remoteAddress ?? '')) {
      for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-request-id'])
        delete headers[name];
      return;
    }
    const hops = String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((hop) => hop.trim())
      .filter((hop) => isIP(hop) !== 0);
    // Everything left of the last untrusted hop was written by the client itself.
    const client = hops.findLast((hop) => !isTrusted(hop)) ?? hops[0];
    if (client === undefined) delete headers['x-forwarded-for'];
    else headers['x-forwarded-for'] = client;
    for (const name of ['x-forwarded-proto', 'x-forwarded-host'])
      if (headers[name] !== undefined) headers[name] = last(request, name);
    if (/^[\w-]{8,64}$/.test(String(headers['x-request-id'] ?? '')))
      notesOf(request).requestId = String(headers['x-request-id']);
  };
}

/** Whether an address is one of these, or in one of these ranges in CIDR notation. */
export function createAddresses(ranges: readonly string[]): (address: string) => boolean {
  const listed = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) listed.addAddress(address, family);
    else listed.addSubnet(address, Number(prefix), family);
  }
  return (address) => isIP(address) !== 0 && listed.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Who asks and by what name, once the headers may be believed: as koa answers it, for what koa does not serve. */
export const addressOf = ({ headers, socket }: IncomingMessage): string =>
  String(headers['x-forwarded-for'] ?? socket.remoteAddress ?? '');
export const hostOf = ({ headers }: IncomingMessage): string =>
  String(headers['x-forwarded-host'] ?? headers.host ?? '').toLowerCase();

/** Whether two Host values name one host; the ports that a scheme implies may be missing. */
export const isSameHost = (a: string, b: string): boolean =>
  a.toLowerCase().replace(/:(80|443)$/, '') === b.toLowerCase().replace(/:(80|443)$/, '');
