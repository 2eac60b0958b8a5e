import Router from '@koa/router';
import type { Views } from '../../platform/views.ts';
import { asyncapi } from './asyncapi.ts';
import { readerLinkPage } from './models.ts';

/** The description of the reader protocol, and what a browser finds at a reader's link; the protocol itself is no request (socket.ts). */
export function readerRoutes({ issuer, views }: { readonly issuer: string; readonly views: Views }): Router {
  const router = new Router();
  const document = JSON.stringify(asyncapi({ issuer }), undefined, 2);
  router.get('/chip/v1/asyncapi.json', (ctx) => {
    ctx.set('Access-Control-Allow-Origin', '*');
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.type = 'application/json';
    ctx.body = document;
  });
  // A phone without a reader app shows the link in its browser. The token stands in the fragment and never comes here.
  router.get('/chip/v1/session/:sid', (ctx) => views.show(ctx, readerLinkPage, {}, { path: null }));
  return router;
}
