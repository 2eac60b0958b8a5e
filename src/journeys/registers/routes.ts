import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { RegisterEvents, TokenError } from '../../domain/register-events/index.ts';
import { readText } from '../../platform/forms.ts';
import { notesOf } from '../../platform/request.ts';

/** What a register is told of a token that was not taken (RFC 8935 §2.3). Nothing about anybody. */
const DESCRIPTIONS: Readonly<Record<TokenError, string>> = {
  invalid_request:
    'The body is no security event token with one event about one person, or its name was used for another.',
  invalid_key: 'No key of ours fits: register the new one before signing with it.',
  invalid_issuer: 'Nobody of this name reports to this server.',
  invalid_audience: 'The token is for somebody else.',
  authentication_failed: 'The signature is not that of the key that is named.',
};

/** Where the population register pushes its events (RFC 8935). Whoever posts is known by the signature and by nothing else. */
export function registerRoutes(parts: { readonly registerEvents: Pick<RegisterEvents, 'take'> }): Router {
  const router = new Router();
  router.post(
    '/register/events',
    forPrograms,
    readText({ type: 'application/secevent+jwt', limit: '16kb' }),
    async (ctx) => {
      const taken = await parts.registerEvents.take(String(ctx.request.body));
      ctx.set('Cache-Control', 'no-store');
      if (taken.taken) {
        ctx.status = 202;
        return;
      }
      ctx.status = 400;
      ctx.set('Content-Language', 'en');
      ctx.body = { err: taken.err, description: DESCRIPTIONS[taken.err] };
    },
  );
  return router;
}

const forPrograms: Middleware = (ctx, next) => {
  notesOf(ctx.req).program = true;
  return next();
};
