import Router from '@koa/router';
import type { Context } from 'koa';
import { readForm } from '../../platform/forms.ts';
import { showAccount, signOut } from './account.ts';
import { addCard, addCardState, showAddCard } from './add-card.ts';
import { addPasskey, showAddPasskey } from './add-passkey.ts';
import { removeOne, renameOne, showRemove, showRename } from './change-authenticator.ts';
import { withdrawConsent } from './shared-with.ts';
import type { SelfServiceParts, Visitor } from './visitor.ts';
import { sendToSignIn, visitorOf } from './visitor.ts';

/** "My account": everything a person does with what is theirs. */
export function selfServiceRoutes(parts: SelfServiceParts): Router {
  const router = new Router();

  /** Only for somebody who is signed in; anybody else signs in first and comes back to this page. */
  const page = (path: string, target: string, show: (visitor: Visitor) => Promise<void> | void) =>
    router.get(path, async (ctx) => {
      const visitor = await visitorOf(ctx, parts);
      return visitor ? show(visitor) : sendToSignIn(ctx, parts, target);
    });

  /** A change: session, then the token of the page that was shown in this very session (abuse case 25). */
  const change = (path: string, action: string, take: (visitor: Visitor) => Promise<void> | void) =>
    router.post(path, readForm({ limit: '32kb' }), async (ctx) => {
      const visitor = await visitorOf(ctx, parts);
      if (!visitor) return sendToSignIn(ctx, parts, 'account');
      parts.csrf.check(ctx, visitor.sessionUid, action);
      return take(visitor);
    });

  page('/account', 'account', showAccount);
  page('/account/passkeys/new', 'add-passkey', showAddPasskey);
  page('/account/cards/new', 'add-card', (visitor) => showAddCard(visitor));
  page('/account/cards/:session/state', 'account', addCardState);
  page('/account/authenticators/:id/rename', 'account', showRename);
  page('/account/authenticators/:id/remove', 'account', showRemove);
  change('/account/passkeys', 'add-passkey', addPasskey);
  change('/account/cards', 'add-card', addCard);
  change('/account/authenticators/:id/rename', 'rename', renameOne);
  change('/account/authenticators/:id/remove', 'remove', removeOne);
  change('/account/consents/withdraw', 'withdraw', withdrawConsent);
  change('/account/sign-out', 'sign-out', signOut);

  // The provider comes back here with `state`; what it names is looked up, never followed (abuse case 30).
  router.get('/account/return', (ctx: Context) => {
    const target = RETURNS.get(String(ctx.query.state)) ?? '/account';
    ctx.redirect(ctx.query.error ? '/' : target);
  });
  return router;
}

// A map: an object has members that nobody put there.
const RETURNS = new Map([
  ['account', '/account'],
  ['add-passkey', '/account/passkeys/new'],
  ['add-card', '/account/cards/new'],
]);
