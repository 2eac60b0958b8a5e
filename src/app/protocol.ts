import type { Context, Middleware } from 'koa';
import compose from 'koa-compose';
import type Provider from 'oidc-provider';
import type { AuthenticatorKind } from '../domain/assurance/index.ts';
import { stillAgreed } from '../domain/consents/index.ts';
import { stands } from '../domain/subscribers/index.ts';
import { installBackchannelLogout, signOutOf } from '../oidc/logout/backchannel-logout.ts';
import { endingJoined } from '../oidc/logout/endings.ts';
import { createTold } from '../oidc/logout/told.ts';
import { createProtocolPages } from '../oidc/pages/protocol-pages.ts';
import { createProvider } from '../oidc/provider.ts';
import { signingKeysOf } from '../oidc/signing.ts';
import { createSqlAdapter } from '../oidc/sql-adapter.ts';
import { createVerifiedClaims } from '../oidc/verified-claims/release.ts';
import { providerFetch } from '../platform/egress.ts';
import { notesOf } from '../platform/request.ts';
import { derivedKey } from '../platform/sealed.ts';
import type { Domain } from './domain.ts';
import type { Foundation } from './foundation.ts';

/** The relying parties' face. A rotation of keys makes a new provider and swaps it in: no restart. */
export function protocol(base: Foundation, parts: Domain) {
  const { settings, database, clock, units, contexts } = base;
  const adapter = createSqlAdapter({
    ...{ database, clock, units },
    sealer: base.sealer('oidc'),
    // Clients are found in memory before the library ever asks its storage (oidc/clients).
    findClient: async () => undefined,
    ...{ stands, stillAgreed },
    joined: (session) => endingJoined(parts.ending, session, signOutOf(units.current())),
  });
  const told = createTold({
    ...{ units, clock, issuer: settings.issuer },
    sealer: base.sealer('signed-out'),
    deliveries: parts.deliveries,
    relyingParties: parts.relyingParties,
  });
  const pages = createProtocolPages({ views: base.views, relyingParties: parts.relyingParties, told });
  const verified = createVerifiedClaims({
    ...{ clock, issuer: settings.issuer, sandbox: base.sandbox, subscribers: parts.subscribers },
    sealer: base.sealer('verified-claims'),
    fromHome: parts.remoteProofings.current,
    askedValues: parts.askedValues,
    policy: parts.policies.inForce,
  });
  const usableKinds = async (subscriberId: string): Promise<AuthenticatorKind[]> => {
    const bound = await parts.authenticators.of(subscriberId);
    return [...new Set(bound.filter((one) => one.status === 'active').map((one) => one.kind))];
  };
  const build = (): Provider => {
    const provider = createProvider({
      ...{ clock, units, contexts, pages, adapter, usableKinds, verified },
      issuer: settings.issuer,
      policy: parts.policies.inForce,
      jwks: signingKeysOf(parts.signingKeys.keys()),
      cookieSigner: base.cookieSigner,
      dpopNonceSecret: derivedKey(base.master, 'dpop nonce'),
      fetch: providerFetch(base.egress),
      subscribers: parts.subscribers,
      relyingParties: parts.relyingParties,
      apiClients: parts.apiClients,
      consents: parts.consents,
      organisations: parts.organisations,
    });
    provider.proxy = settings.trustedProxies.length > 0;
    provider.use(told.remembers as never);
    installBackchannelLogout(provider, {
      ...{ units, database },
      deliveries: parts.deliveries,
      subjectOf: parts.ending.subjectOf,
    });
    return provider;
  };
  let provider = build();
  let run = compose(provider.middleware as Middleware[]);
  parts.signingKeys.onChange(() => {
    provider = build();
    run = compose(provider.middleware as Middleware[]);
  });
  return {
    adapter,
    pages,
    verified,
    provider: () => provider,
    /** The provider as one middleware of our application, with its route and client in the request's notes. */
    routes: async (ctx: Context, next: () => Promise<unknown>): Promise<void> => {
      await run(ctx, next as never);
      const oidc = (ctx as { oidc?: { route?: string; client?: { clientId: string } } }).oidc;
      const notes = notesOf(ctx.req);
      if (oidc?.route) notes.route = oidc.route;
      if (oidc?.client) notes.clientId = oidc.client.clientId;
    },
  };
}
export type Protocol = ReturnType<typeof protocol>;
