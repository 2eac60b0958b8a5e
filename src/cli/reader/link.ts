import { CommandFault } from '../command-fault.ts';

/** Where a session is read, and what lets this reader in once. */
export interface ReaderLink {
  /** `wss:`, or `ws:` on this machine; without the token, for addresses stand in logs. */
  readonly url: string;
  readonly token: string;
}

const LOCAL = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The link that the sign-in page shows: `{issuer}/chip/v1/session/{sid}#{token}`. Plain http leads to this machine only: a
 * token, and the keys of the chip's channel, go over the line. Throws `CommandFault` 64; what was typed is not repeated.
 */
export function linkFrom(text: string): ReaderLink {
  const url = URL.parse(text.trim());
  if (!url) throw new CommandFault(64, 'The link is no address: copy the one that the sign-in page shows.');
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && LOCAL.includes(url.hostname));
  if (!secure) throw new CommandFault(64, 'The link must begin with https:// (http:// leads to this machine only).');
  const token = url.hash.slice(1);
  const whole = /\/chip\/v1\/session\/[A-Za-z0-9_-]{22}$/.test(url.pathname) && /^[A-Za-z0-9_-]{43}$/.test(token);
  if (!whole || url.search || url.username || url.password) {
    throw new CommandFault(64, 'The link is not whole: copy all of it, with what stands behind the #.');
  }
  url.hash = '';
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return { url: url.href, token };
}
