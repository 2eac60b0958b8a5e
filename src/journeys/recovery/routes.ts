import Router from '@koa/router';
import { readForm } from '../../platform/forms.ts';
import { cancelByCode, cancelOwn, lockByCode, showCancel, showContinue, takeContinue } from './cancel.ts';
import { completeByPasskey, completeByPassword, showDone } from './complete.ts';
import { chooseMethod, identify, takeCode, takePasskey } from './prove.ts';
import { showRecover } from './standing.ts';
import { type RecoveryJourneyParts, type Visit, visitOf } from './visit.ts';

/** "I lost my phone": the way back into an account. */
export function recoveryRoutes(parts: RecoveryJourneyParts): Router {
  const router = new Router();
  const page = (path: string, show: (visit: Visit) => Promise<void> | void) =>
    router.get(path, (ctx) => show(visitOf(ctx, parts)));
  /** The token of the page that was shown in this very browser, before anything is read (abuse case 25). */
  const act = (path: string, take: (visit: Visit) => Promise<void> | void) =>
    router.post(path, readForm({ limit: '32kb' }), (ctx) => {
      const visit = visitOf(ctx, parts);
      parts.csrf.check(ctx, visit.token, path);
      return take(visit);
    });

  page('/recover', showRecover);
  page('/recover/continue', (visit) => showContinue(visit));
  page('/recover/done', showDone);
  page('/recover/cancel/:code', showCancel);
  act('/recover/identify', identify);
  act('/recover/method', chooseMethod);
  act('/recover/code', takeCode);
  act('/recover/passkey', takePasskey);
  act('/recover/complete', completeByPasskey);
  act('/recover/complete-password', completeByPassword);
  act('/recover/continue', takeContinue);
  act('/recover/cancel', cancelOwn);
  act('/recover/cancel/:code', cancelByCode);
  act('/recover/cancel/:code/lock', lockByCode);
  return router;
}
