import type { Context, Middleware } from 'koa';
import type { Journal } from '../../domain/audit/index.ts';
import { type ConsoleActing, may, type Operators, type Permission } from '../../domain/operators/index.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Csrf } from '../../platform/csrf.ts';
import { newToken } from '../../platform/ids.ts';
import { notesOf } from '../../platform/request.ts';
import type { Views } from '../../platform/views.ts';
import { type Frame, frameOf } from './frame.ts';
import { refusedPage } from './models.ts';

/** What every page of the console works with. */
export interface ConsoleParts {
  readonly operators: Operators;
  readonly journal: Pick<Journal, 'append'>;
  /** Runs the writes of a journal event that belongs to no change. */
  write(writes: readonly ReturnType<Journal['append']>[]): Promise<void>;
  readonly views: Views;
  readonly csrf: Csrf;
  readonly clock: Clock;
  /** Whether the issuer is https. */
  readonly secure: boolean;
}

/** Somebody who is signed in to the console, and their request. */
export interface Visit<Parts extends ConsoleParts = ConsoleParts> {
  readonly ctx: Context & { params: Record<string, string> };
  readonly parts: Parts;
  readonly acting: ConsoleActing;
  /** What challenges and tokens of this session are bound to: the bearer value itself. Never shown. */
  readonly sessionKey: string;
  /** The token of a form that posts to the route of this path (the pattern: `/operator/passkeys/:id/remove`). */
  token(path: string): string;
  /** What the layout shows around the page: spread it into the model. */
  readonly frame: Frame;
}

/**
 * Who may come to a route: somebody with a permission, or `operator`, any who is signed in. What takes another permission for
 * each thing that it shows asks `may` itself, and says so by `refuse`.
 */
export type Access = Permission | 'operator';

/** One route of the console. */
export interface ConsoleRoute<Parts extends ConsoleParts = ConsoleParts> {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly permission: Access;
  /** Takes a form with a file, of at most so many octets. */
  readonly file?: number;
  readonly handle: (visit: Visit<Parts>) => Promise<void> | void;
}

/** Who is signed in here, read from the database for this request. */
export async function signedIn(
  ctx: Context,
  parts: Pick<ConsoleParts, 'operators' | 'secure'>,
): Promise<{ readonly acting: ConsoleActing; readonly token: string } | undefined> {
  const token = readCookie(ctx, sessionCookie(parts.secure));
  const acting = token && (await parts.operators.acting(token));
  return acting ? { acting, token } : undefined;
}

/** The route with its doors, in this order: a session, the token of the form, the permission. */
export function guarded<Parts extends ConsoleParts>(parts: Parts, route: ConsoleRoute<Parts>): Middleware {
  return async (given) => {
    const ctx = given as Visit['ctx'];
    const session = await signedIn(ctx, parts);
    if (!session) return goTo(ctx, '/operator/sign-in');
    const { acting, token: sessionKey } = session;
    if (route.method === 'post') parts.csrf.check(ctx, sessionKey, route.path);
    const token = (path: string): string => parts.csrf.token(sessionKey, path);
    const frame = frameOf(acting, {
      path: route.path,
      locale: notesOf(ctx.req).locale,
      signOut: { action: '/operator/sign-out', csrf: token('/operator/sign-out') },
    });
    const visit: Visit<Parts> = { ctx, parts, acting, sessionKey, token, frame };
    const { permission } = route;
    if (permission !== 'operator' && !may(acting.roles, permission)) return refuse(visit, permission, route.path);
    return route.handle(visit);
  };
}

/** No, in plain words, and for the journal. `route` is the pattern, never the address. */
export async function refuse(visit: Visit, permission: Permission, route: string): Promise<void> {
  const { ctx, parts, acting } = visit;
  await parts.write([
    parts.journal.append({
      type: 'operator.refused',
      actor: { kind: 'operator', id: acting.operatorId },
      detail: { why: 'permission', permission, route, method: ctx.method, operator: acting.operatorId },
    }),
  ]);
  parts.views.show(ctx, refusedPage, { ...visit.frame, permission }, { status: 403, path: null });
}

/** Somewhere else by GET, whatever was sent here. */
export function goTo(ctx: Context, address: string): void {
  ctx.redirect(address);
  ctx.status = 303;
}

/** Puts the session of somebody who has just signed in into the browser; nothing takes it away. */
export function keepSession(ctx: Context, token: string | undefined, secure: boolean): void {
  writeCookie(ctx, { name: sessionCookie(secure), value: token ?? '', age: token ? 12 * 3600 : 0, secure });
}

/** The session's bearer value, if the browser sent one: what a sign-in replaces. */
export const sentSession = (ctx: Context, secure: boolean): string | undefined =>
  readCookie(ctx, sessionCookie(secure));

/** What this browser is known by before anybody has signed in: challenges and forms are bound to it (abuse cases 26 and 48). */
export function visitKey(ctx: Context, secure: boolean): string {
  const name = `${prefix(secure)}senid-operator-visit`;
  const sent = readCookie(ctx, name);
  if (sent) return sent;
  const value = newToken();
  writeCookie(ctx, { name, value, secure });
  return value;
}

// The prefix binds a cookie to this host over https (RFC 6265bis §4.1.3). On plain http, in a sandbox, there is none.
const prefix = (secure: boolean): string => (secure ? '__Host-' : '');
const sessionCookie = (secure: boolean): string => `${prefix(secure)}senid-operator`;

/** A value that could be one of ours; anything else is nobody's. */
function readCookie(ctx: Context, name: string): string | undefined {
  const sent = ctx.cookies.get(name, { signed: false });
  return sent && /^[A-Za-z0-9_-]{43}$/.test(sent) ? sent : undefined;
}

/** By hand, as the language's: the cookie library refuses `Secure` behind a proxy that nobody has named. */
function writeCookie(
  ctx: Context,
  { name, value, age, secure }: { name: string; value: string; age?: number; secure: boolean },
): void {
  const lasting = age === undefined ? '' : `; Max-Age=${age}`;
  ctx.append('Set-Cookie', `${name}=${value}; Path=/; HttpOnly; SameSite=Strict${lasting}${secure ? '; Secure' : ''}`);
}
