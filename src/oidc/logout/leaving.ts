import type { Context, Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { checkSameOrigin } from '../../platform/csrf.ts';
import { allowFormAction } from '../../platform/headers.ts';
import type { ProtocolPages } from '../pages/protocol-pages.ts';

interface Leaving {
  readonly status: number;
  readonly oidc?: {
    readonly route?: string;
    readonly result?: unknown;
    readonly session?: {
      readonly accountId?: string;
      readonly state?: { readonly secret?: string; readonly postLogoutRedirectUri?: string };
    };
    readonly entities: { readonly Interaction?: { readonly params: { readonly redirect_uri?: string } } };
    urlFor(name: string): string;
  };
}

/**
 * Twice the library ends a session that is not this person's by a page that posts itself: somebody signs in where another
 * account is signed in (abuse case 24), and somebody signs out who has no session any more. Its page needs an inline script,
 * which our policy forbids, and would be a dead end: ours takes its place.
 */
export function leavesByOurPage(pages: ProtocolPages, issuer: string, confirmPath: string): Middleware {
  const own = new URL(issuer).origin;
  return async (ctx, next) => {
    // The library asks for its token alone; a browser also says that a post comes from another site (abuse case 25).
    if (ctx.method === 'POST' && ctx.path === confirmPath) checkSameOrigin(ctx.req, own);
    await next();
    const { oidc, status } = ctx as unknown as Leaving;
    const secret = oidc?.session?.state?.secret;
    const changes = oidc?.route === 'resume' && oidc.result === undefined;
    const isNobody = oidc?.route === 'end_session' && !oidc.session?.accountId;
    if (!secret || status !== 200 || !(changes || isNobody)) return;
    pages.formPost(ctx as unknown as KoaContextWithOIDC, oidc.urlFor('end_session_confirm'), {
      xsrf: secret,
      logout: 'yes',
    });
    // The policy holds for the whole chain of redirects behind the post, up to the relying party.
    const end = changes ? oidc.entities.Interaction?.params.redirect_uri : oidc.session?.state?.postLogoutRedirectUri;
    if (end) allowFormAction(ctx as Context, end);
  };
}
