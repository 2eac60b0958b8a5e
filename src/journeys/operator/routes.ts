import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { readForm } from '../../platform/forms.ts';
import { readFileForm } from '../../platform/uploads/file-form.ts';
import { COUNTER_ROUTES } from './counter/routes.ts';
import { showHome } from './home.ts';
import { acceptInvitation, openInvitation, showInvitation } from './invitation.ts';
import { ONLINE_ROUTES } from './online/routes.ts';
import { PAGE_ROUTES } from './page-routes.ts';
import { addPasskey, removePasskey, showNewPasskey, showPasskeys } from './passkeys.ts';
import { API_CLIENT_ROUTES, type ApiClientParts } from './programs/api-clients.ts';
import { type ConsoleParts, type ConsoleRoute, goTo, guarded, signedIn } from './session.ts';
import { showSignIn, signIn, signOut } from './sign-in.ts';
import type { PageParts } from './visit.ts';

/** What the pages of the console work with. */
export type OperatorParts = ConsoleParts & ApiClientParts & PageParts;

/** A route that stands before the session: the ways in. */
export interface OpenRoute {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly handle: (ctx: Context, parts: OperatorParts) => Promise<void> | void;
}

/** The ways in. Nobody has a session there; each post checks the token of the browser that the page was shown to. */
export const OPEN_ROUTES: readonly OpenRoute[] = [
  { method: 'get', path: '/operator/sign-in', handle: showSignIn },
  { method: 'post', path: '/operator/sign-in', handle: signIn },
  { method: 'get', path: '/operator/invitation', handle: showInvitation },
  { method: 'post', path: '/operator/invitation', handle: openInvitation },
  { method: 'post', path: '/operator/invitation/passkey', handle: acceptInvitation },
];

/** Every page of the console and every act, with what it takes: a test walks this table with every role (abuse case 52). */
export const ROUTES: readonly ConsoleRoute<OperatorParts>[] = [
  { method: 'get', path: '/operator', permission: 'operator', handle: showHome },
  { method: 'post', path: '/operator/sign-out', permission: 'operator', handle: signOut },
  { method: 'get', path: '/operator/passkeys', permission: 'operator', handle: showPasskeys },
  { method: 'get', path: '/operator/passkeys/new', permission: 'operator', handle: showNewPasskey },
  { method: 'post', path: '/operator/passkeys', permission: 'operator', handle: addPasskey },
  { method: 'post', path: '/operator/passkeys/:id/remove', permission: 'operator', handle: removePasskey },
  ...PAGE_ROUTES,
  ...COUNTER_ROUTES,
  ...ONLINE_ROUTES,
  ...API_CLIENT_ROUTES,
];

/** The console. */
export function operatorRoutes(parts: OperatorParts): Router {
  const router = new Router();
  for (const { method, path, handle } of OPEN_ROUTES)
    router[method](path, ...bodyOf(parts, { method }), (ctx) => handle(ctx, parts));
  for (const route of ROUTES) router[route.method](route.path, ...bodyOf(parts, route), guarded(parts, route));
  return router;
}

/** A file is read of whoever is signed in alone: it is megabytes. */
function bodyOf(parts: OperatorParts, { method, file }: Pick<ConsoleRoute, 'method' | 'file'>): Middleware[] {
  if (method === 'get') return [];
  if (file === undefined) return [readForm({ limit: '96kb' })];
  return [
    async (ctx, next) => ((await signedIn(ctx, parts)) ? next() : goTo(ctx, '/operator/sign-in')),
    readFileForm({ limit: file }),
  ];
}
