import type { Context } from 'koa';
import type { Clock } from '../platform/clock.ts';
import type { CookieSigner } from '../platform/cookie-signer.ts';

/** A browser with a token of its own, and what its cookies are signed with. */
interface Visit {
  readonly ctx: Context;
  readonly token: string;
  readonly parts: {
    readonly clock: Clock;
    readonly cookieSigner: Pick<CookieSigner, 'sign' | 'verify'>;
    readonly secure: boolean;
  };
}

/** As long as somebody may read, reload, and come back to the page that says so. */
const SECONDS = 600;

const nameOf = ({ parts }: Visit): string => `${parts.secure ? '__Host-' : ''}senid-done`;
const signed = (visit: Visit, path: string, until: string): string =>
  `${nameOf(visit)}=${visit.token}.${path}.${until}`;

/** Remembers for some minutes that this very browser did what the page at `path` says. Nothing of a person is in it. */
export function markDone(visit: Visit, path: string): void {
  const { ctx, parts } = visit;
  const until = String(parts.clock.now().getTime() + SECONDS * 1_000);
  const value = `${until}.${parts.cookieSigner.sign(signed(visit, path, until))}`;
  // Written by hand, as the others: the cookie library refuses `Secure` behind a proxy that nobody has named.
  ctx.append(
    'Set-Cookie',
    `${nameOf(visit)}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SECONDS}${parts.secure ? '; Secure' : ''}`,
  );
}

/** Whether it did: an address alone tells nobody that something is done. */
export function wasDoneHere(visit: Visit, path: string): boolean {
  const { ctx, parts } = visit;
  const [until = '', signature = ''] = (ctx.cookies.get(nameOf(visit), { signed: false }) ?? '').split('.');
  return (
    Number(until) > parts.clock.now().getTime() && parts.cookieSigner.verify(signed(visit, path, until), signature)
  );
}
