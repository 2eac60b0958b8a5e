import type { Context } from 'koa';
import type { CookieSigner } from '../platform/cookie-signer.ts';
import { newToken } from '../platform/ids.ts';

/** What cookies are signed with, and whether the issuer is https. */
export interface BrowserTokenParts {
  readonly cookieSigner: Pick<CookieSigner, 'sign' | 'verify'>;
  readonly secure: boolean;
}

// The prefix binds a cookie to this host over https (RFC 6265bis §4.1.3). On plain http, in a sandbox, there is none.
export const prefixed = (cookie: string, secure: boolean): string => `${secure ? '__Host-' : ''}${cookie}`;

/** What this browser is known by, if it was given something that it can be known by. */
export function sentToken(
  ctx: Context,
  cookie: string,
  { cookieSigner, secure }: BrowserTokenParts,
): string | undefined {
  const name = prefixed(cookie, secure);
  const [sent = '', signature = ''] = (ctx.cookies.get(name, { signed: false }) ?? '').split('.');
  const isOurs = /^[A-Za-z0-9_-]{43}$/.test(sent) && cookieSigner.verify(`${name}=${sent}`, signature);
  return isOurs ? sent : undefined;
}

/**
 * What a browser is known by while nobody is signed in, as long as it runs; one that is new gets a token of its own. Nothing of a
 * person is in it: challenges and forms are bound to it, and a journey keeps what it knows of the person under it.
 */
export function browserToken(
  ctx: Context,
  cookie: string,
  parts: BrowserTokenParts,
  sameSite: 'Lax' | 'Strict' = 'Strict',
): string {
  const sent = sentToken(ctx, cookie, parts);
  if (sent !== undefined) return sent;
  const { cookieSigner, secure } = parts;
  const name = prefixed(cookie, secure);
  const token = newToken();
  // Written by hand: the cookie library refuses `Secure` behind a proxy that nobody has named.
  const value = `${token}.${cookieSigner.sign(`${name}=${token}`)}`;
  ctx.append('Set-Cookie', `${name}=${value}; Path=/; HttpOnly; SameSite=${sameSite}${secure ? '; Secure' : ''}`);
  return token;
}
