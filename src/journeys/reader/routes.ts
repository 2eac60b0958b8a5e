import Router from '@koa/router';
import { asyncapi } from './asyncapi.ts';

/** The description of the reader protocol; the protocol itself is no request (socket.ts). */
export function readerRoutes({ issuer }: { readonly issuer: string }): Router {
  const router = new Router();
  const document = JSON.stringify(asyncapi({ issuer }), undefined, 2);
  router.get('/chip/v1/asyncapi.json', (ctx) => {
    ctx.set('Access-Control-Allow-Origin', '*');
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.type = 'application/json';
    ctx.body = document;
  });
  return router;
}
