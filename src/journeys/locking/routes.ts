import Router from '@koa/router';
import { readForm } from '../../platform/forms.ts';
import { askForCode, showLock, showLocked, takeCode } from './lock.ts';
import { cardState, showUnlock, takeCard, takePasskey, takePassword } from './unlock.ts';
import { type LockingParts, type Visit, visitOf } from './visit.ts';

/** Locking at once without signing in, and unlocking by a strong proof: everything below `/lock` and `/unlock`. */
export function lockingRoutes(parts: LockingParts): Router {
  const router = new Router();
  const page = (path: string, show: (visit: Visit) => Promise<void> | void) =>
    router.get(path, (ctx) => show(visitOf(ctx, parts)));
  /** Each act has a token of its own, of the browser that its page was shown to (abuse case 25). */
  const act = (path: string, take: (visit: Visit) => Promise<void>) =>
    router.post(path, readForm({ limit: '32kb' }), async (ctx) => {
      const visit = visitOf(ctx, parts);
      parts.csrf.check(ctx, visit.token, path);
      return take(visit);
    });

  page('/lock', showLock);
  page('/lock/done', showLocked);
  act('/lock', askForCode);
  act('/lock/code', takeCode);
  page('/unlock', (visit) => showUnlock(visit));
  page('/unlock/card/:session/state', cardState);
  act('/unlock/passkey', takePasskey);
  act('/unlock/card', takeCard);
  act('/unlock/password', takePassword);
  return router;
}
