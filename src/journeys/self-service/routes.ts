import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { readForm } from '../../platform/forms.ts';
import { readPictureForm } from '../face-form.ts';
import { showAccount, signOut } from './account.ts';
import { disown, showDisown } from './activity/disown.ts';
import { showHistory } from './activity/history.ts';
import { showSent } from './activity/sent.ts';
import { endEverywhere, endSession, showSessions } from './activity/sessions.ts';
import { addCard, addCardState, showAddCard } from './add-card.ts';
import { addPasskey, showAddPasskey } from './add-passkey.ts';
import { returnedTo } from './begun-change.ts';
import { removeOne, renameOne, showRemove, showRename } from './change-authenticator.ts';
import {
  changeMail,
  changePhone,
  confirmContact,
  removeContact,
  showConfirmContact,
  showContacts,
} from './contacts/contacts.ts';
import { ask, showAsk } from './data/ask.ts';
import { showData } from './data/data.ts';
import { download, showPrinted } from './data/download.ts';
import { erase, showErase } from './data/erase.ts';
import { showViewed } from './data/viewed-by.ts';
import { lockNow, showLock, showLocked } from './lock.ts';
import { showMethods } from './methods.ts';
import {
  addMail,
  addPhone,
  confirmAddress,
  removeAddress,
  showConfirmAddress,
  showRecovery,
} from './recovery/addresses.ts';
import { downloadRecoveryCodes, showRecoveryCodes, takeRecoveryCodes } from './recovery/recovery-codes.ts';
import { stopRecovery } from './recovery/stopping.ts';
import { remoteCardState, showRemoteCard, takeRemoteCard } from './remote/card.ts';
import { showRemoteFace, takeRemoteFace } from './remote/face.ts';
import { beginRemote, showRemote } from './remote/remote.ts';
import { showDisclosures } from './services/disclosures.ts';
import { showService } from './services/linked.ts';
import { showServices } from './services/services.ts';
import { unlinkService, withdrawConsent } from './services/withdraw.ts';
import type { SelfServiceParts, Visitor } from './visitor.ts';
import { sendToSignIn, visitorOf } from './visitor.ts';
import { addApp, showAddApp } from './ways/app.ts';
import { addFace, showAddFace } from './ways/face.ts';
import { setPassword, showPassword } from './ways/password.ts';

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
  const change = (
    path: string,
    action: string,
    take: (visitor: Visitor) => Promise<void> | void,
    read: Middleware[] = [readForm({ limit: '32kb' })],
  ) =>
    router.post(path, ...read, async (ctx) => {
      const visitor = await visitorOf(ctx, parts);
      if (!visitor) return sendToSignIn(ctx, parts, 'account');
      parts.csrf.check(ctx, visitor.sessionUid, action);
      return take(visitor);
    });

  page('/account', 'account', showAccount);
  page('/account/authenticators', 'methods', showMethods);
  page('/account/passkeys/new', 'add-passkey', showAddPasskey);
  page('/account/cards/new', 'add-card', (visitor) => showAddCard(visitor));
  page('/account/cards/:session/state', 'account', addCardState);
  page('/account/password', 'password', (visitor) => showPassword(visitor));
  page('/account/app/new', 'add-app', showAddApp);
  page('/account/face', 'add-face', (visitor) => showAddFace(visitor));
  if (parts.remoteOn) {
    page('/account/remote', 'remote', showRemote);
    page('/account/remote/card', 'remote', (visitor) => showRemoteCard(visitor));
    page('/account/remote/card/:session/state', 'account', remoteCardState);
    page('/account/remote/face', 'remote', (visitor) => showRemoteFace(visitor));
    change('/account/remote', 'remote', beginRemote);
    change('/account/remote/card', 'remote-card', takeRemoteCard);
    change('/account/remote/face', 'remote-face', takeRemoteFace, readPictureForm());
  }
  page('/account/contacts', 'contacts', (visitor) => showContacts(visitor));
  page('/account/contacts/confirm', 'contacts', showConfirmContact);
  page('/account/authenticators/:id/rename', 'methods', showRename);
  page('/account/authenticators/:id/remove', 'methods', showRemove);
  page('/account/recovery', 'recovery', (visitor) => showRecovery(visitor));
  page('/account/recovery/confirm', 'recovery', showConfirmAddress);
  page('/account/recovery-codes/new', 'recovery-codes', showRecoveryCodes);
  page('/account/sessions', 'sessions', showSessions);
  page('/account/history', 'history', showHistory);
  page('/account/history/:session/disown', 'history', showDisown);
  page('/account/services', 'services', showServices);
  page('/account/services/:client', 'services', showService);
  page('/account/disclosures', 'disclosures', showDisclosures);
  page('/account/data', 'data', showData);
  page('/account/data/print', 'print', showPrinted);
  page('/account/data/requests/new', 'ask', (visitor) => showAsk(visitor));
  page('/account/data/erase', 'erase', (visitor) => showErase(visitor));
  page('/account/data/viewed', 'viewed', showViewed);
  page('/account/data/notices', 'notices', showSent);
  page('/account/lock', 'lock', showLock);
  change('/account/passkeys', 'add-passkey', addPasskey);
  change('/account/cards', 'add-card', addCard);
  change('/account/password', 'password', setPassword);
  change('/account/app', 'add-app', addApp);
  change('/account/face', 'add-face', addFace, readPictureForm());
  change('/account/contacts/phone', 'contact-phone', changePhone);
  change('/account/contacts/e-mail', 'contact-mail', changeMail);
  change('/account/contacts/confirm', 'contact-confirm', confirmContact);
  change('/account/contacts/remove', 'contact-remove', removeContact);
  change('/account/recovery-codes', 'recovery-codes', takeRecoveryCodes);
  change('/account/recovery-codes/download', 'recovery-codes-download', downloadRecoveryCodes);
  change('/account/recovery/phone', 'recovery-phone', addPhone);
  change('/account/recovery/e-mail', 'recovery-mail', addMail);
  change('/account/recovery/confirm', 'recovery-confirm', confirmAddress);
  change('/account/recovery/remove', 'recovery-remove', removeAddress);
  change('/account/recovery/stop', 'recovery-stop', stopRecovery);
  change('/account/authenticators/:id/rename', 'rename', renameOne);
  change('/account/authenticators/:id/remove', 'remove', removeOne);
  change('/account/consents/withdraw', 'withdraw', withdrawConsent);
  change('/account/sign-out', 'sign-out', signOut);
  change('/account/sessions/end', 'end-session', endSession);
  change('/account/sessions/end-all', 'end-all', endEverywhere);
  change('/account/history/:session/disown', 'disown', disown);
  change('/account/services/unlink', 'unlink', unlinkService);
  change('/account/data/download', 'download', download);
  change('/account/data/requests', 'ask', ask);
  change('/account/data/erase', 'erase', erase);
  change('/account/lock', 'lock', lockNow);
  router.get('/account/locked', (ctx: Context) => showLocked(ctx, parts));

  // The provider comes back here with `state`; what it names is looked up, never followed (abuse case 30).
  router.get('/account/return', (ctx: Context) => {
    const { target, query } = returnedTo(String(ctx.query.state));
    const path = RETURNS.get(target);
    ctx.redirect(ctx.query.error ? '/' : path === undefined ? '/account' : `${path}${query}`);
  });
  return router;
}

// A map: an object has members that nobody put there.
const RETURNS = new Map([
  ['account', '/account'],
  ['add-passkey', '/account/passkeys/new'],
  ['add-card', '/account/cards/new'],
  ['password', '/account/password'],
  ['add-app', '/account/app/new'],
  ['add-face', '/account/face'],
  ['remote', '/account/remote'],
  ['contacts', '/account/contacts'],
  ['confirm-contact', '/account/contacts/confirm'],
  ['methods', '/account/authenticators'],
  ['recovery', '/account/recovery'],
  ['confirm-recovery', '/account/recovery/confirm'],
  ['recovery-codes', '/account/recovery-codes/new'],
  ['sessions', '/account/sessions'],
  ['history', '/account/history'],
  ['services', '/account/services'],
  ['disclosures', '/account/disclosures'],
  ['data', '/account/data'],
  ['print', '/account/data/print'],
  ['ask', '/account/data/requests/new'],
  ['erase', '/account/data/erase'],
  ['viewed', '/account/data/viewed'],
  ['notices', '/account/data/notices'],
  ['lock', '/account/lock'],
  ['organisations', '/account/organisations'],
  ['add-organisation', '/account/organisations/new'],
  ['wards', '/account/wards'],
  ['add-ward', '/account/wards/new'],
]);
