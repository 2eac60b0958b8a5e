import type { ErrorOut, errors, KoaContextWithOIDC } from 'oidc-provider';
import type { RelyingParties } from '../../domain/relying-parties/index.ts';
import { declareErrors } from '../../platform/errors.ts';
import { allowFormAction } from '../../platform/headers.ts';
import { type ErrorPage, errorPage } from '../../platform/http.ts';
import { notesOf } from '../../platform/request.ts';
import type { Views } from '../../platform/views.ts';
import type { Told } from '../logout/told.ts';
import { formPostPage, logoutConfirmPage, logoutDonePage } from './models.ts';

// One page each for what a relying party's request can do wrong in front of a person (OpenID Connect Core §3.1.2.6).
declareErrors('oidc', {
  invalid_request: { status: 400, when: 'An authorization, logout or other browser request is malformed.' },
  invalid_client: { status: 400, when: 'The client is not registered, is disabled, or could not prove itself.' },
  invalid_redirect_uri: { status: 400, when: 'The redirect URI is not one that the client registered.' },
  expired: { status: 400, when: 'The paused authorization request has expired or belongs to another browser.' },
  refused: { status: 400, when: 'The request was refused for another reason that the protocol names.' },
});

/** The pages that the provider itself shows. */
export interface ProtocolPages {
  error(ctx: KoaContextWithOIDC, out: ErrorOut, error: errors.OIDCProviderError | Error): void;
  confirmLogout(ctx: KoaContextWithOIDC): void;
  loggedOut(ctx: KoaContextWithOIDC): void;
  formPost(ctx: KoaContextWithOIDC, action: string, fields: Record<string, string>): void;
}

const CODES: Record<string, string> = {
  invalid_client: 'oidc.invalid_client',
  invalid_redirect_uri: 'oidc.invalid_redirect_uri',
  invalid_request: 'oidc.invalid_request',
  invalid_request_uri: 'oidc.expired',
};

/** Protocol pages in our look and in the person's language. */
export function createProtocolPages(parts: {
  readonly views: Views;
  readonly relyingParties: Pick<RelyingParties, 'find'>;
  readonly told: Pick<Told, 'show'>;
}): ProtocolPages {
  const { views } = parts;

  /** The name of whoever sent the person here; its record is in memory. */
  const nameOf = async (ctx: KoaContextWithOIDC): Promise<string | null> => {
    const clientId = ctx.oidc.client?.clientId;
    const client = clientId ? await parts.relyingParties.find(clientId) : undefined;
    return client ? client.relyingParty.name[notesOf(ctx.req).locale] : null;
  };

  return {
    error(ctx, out, error) {
      const notes = notesOf(ctx.req);
      const lost = error.name === 'SessionNotFound';
      notes.errorCode = lost ? 'oidc.expired' : (CODES[out.error] ?? 'oidc.refused');
      const model: ErrorPage = { status: ctx.status, code: notes.errorCode, facts: {}, back: null };
      views.show(ctx, errorPage, model, { status: ctx.status, path: null });
    },
    async confirmLogout(ctx) {
      const secret = (ctx.oidc.session as { state?: { secret?: string } } | undefined)?.state?.secret ?? '';
      const back = (ctx.oidc.params as { post_logout_redirect_uri?: string } | undefined)?.post_logout_redirect_uri;
      if (back) allowFormAction(ctx, back);
      views.show(
        ctx,
        logoutConfirmPage,
        { action: ctx.oidc.urlFor('end_session_confirm'), hidden: { xsrf: secret }, relyingParty: await nameOf(ctx) },
        { path: null },
      );
    },
    async loggedOut(ctx) {
      const { told, waits } = await parts.told.show(ctx);
      views.show(
        ctx,
        logoutDonePage,
        {
          ...{ relyingParty: await nameOf(ctx), returnUrl: null, told, waits },
          againUrl: waits ? `${ctx.path}${ctx.search}` : null,
        },
        { path: null },
      );
    },
    formPost(ctx, action, fields) {
      allowFormAction(ctx, action);
      const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
      views.show(
        ctx,
        formPostPage,
        { action, fields: Object.fromEntries(given.map(([name, value]) => [name, String(value)])) },
        { status: 'error' in fields ? 400 : 200, path: null },
      );
    },
  };
}
