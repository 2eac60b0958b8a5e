import Router from '@koa/router';
import { readForm } from '../../platform/forms.ts';
import { BIND, byPasskey, byPassword, showCode, showDone, showWays, takeCode } from './bind.ts';
import { type CounterBindingParts, goTo, type Visit, visitOf } from './visit.ts';

/** What takes a post, for the test that walks them (abuse case 25). */
export const COUNTER_BINDING_POSTS: readonly string[] = [BIND.code, BIND.passkey, BIND.password];

/** Binding afresh, with the code that an officer has put into the person's hands. */
export function counterBindingRoutes(parts: CounterBindingParts): Router {
  const router = new Router();
  const act = (path: string, take: (visit: Visit) => Promise<void>) =>
    router.post(path, readForm({ limit: '32kb' }), (ctx) => {
      const visit = visitOf(ctx, parts);
      parts.csrf.check(ctx, visit.token, path);
      return take(visit);
    });
  router.get(BIND.code, (ctx) => showCode(visitOf(ctx, parts)));
  router.get(BIND.ways, (ctx) => showWays(visitOf(ctx, parts)));
  router.get(BIND.done, (ctx) => showDone(visitOf(ctx, parts)));
  act(BIND.code, takeCode);
  act(BIND.passkey, byPasskey);
  act(BIND.password, byPassword);
  // What takes posts alone is opened again by its address, after a reload: back to where it is asked.
  for (const path of [BIND.passkey, BIND.password]) router.get(path, (ctx) => goTo({ ctx }, BIND.ways));
  return router;
}
