import type { IncomingMessage, ServerResponse } from 'node:http';
import type Koa from 'koa';
import { POLICIES } from '../domain/applications/index.ts';
import { adminApiRoutes } from '../journeys/admin-api/routes.ts';
import type { CardDesk } from '../journeys/card-reading.ts';
import { counterBindingRoutes } from '../journeys/counter-binding/routes.ts';
import { developerRoutes } from '../journeys/developer/routes.ts';
import { enrolmentRoutes } from '../journeys/enrolment/routes.ts';
import { informationRoutes } from '../journeys/information/routes.ts';
import type { AuthorizationDesk, JourneyState } from '../journeys/interactions/desk.ts';
import { interactionRoutes } from '../journeys/interactions/routes.ts';
import { kioskRoutes } from '../journeys/kiosk/routes.ts';
import { lockingRoutes } from '../journeys/locking/routes.ts';
import { operatorRoutes } from '../journeys/operator/routes.ts';
import { readerRoutes } from '../journeys/reader/routes.ts';
import { recoveryRoutes } from '../journeys/recovery/routes.ts';
import { registerRoutes } from '../journeys/registers/routes.ts';
import { organisationRoutes } from '../journeys/self-service/organisations/routes.ts';
import { selfServiceRoutes } from '../journeys/self-service/routes.ts';
import { claimsAbout } from '../oidc/claims.ts';
import { OWN_CLIENT_ID, ownClient } from '../oidc/clients/own-client.ts';
import type { CachedDocuments } from '../oidc/documents.ts';
import { disclosureOf, eventsOf } from '../oidc/events.ts';
import { claimsOf, consentAsked } from '../oidc/grants.ts';
import { pausedRequest } from '../oidc/interactions.ts';
import { endingWrites } from '../oidc/logout/endings.ts';
import { organisationClaims } from '../oidc/organisations/acting.ts';
import { ownToken } from '../oidc/own-token.ts';
import { unitOfWork } from '../oidc/request-unit.ts';
import { demandOfRequest } from '../oidc/requests.ts';
import { addressesOf, createNames } from '../oidc/verified-claims/names.ts';
import { shownOf } from '../oidc/verified-claims/shown.ts';
import { EidError } from '../platform/errors.ts';
import type { createHealth } from '../platform/health.ts';
import { writeTogether } from '../platform/unit-of-work.ts';
import { enrolment } from './applications.ts';
import type { Domain } from './domain.ts';
import type { Foundation } from './foundation.ts';
import { inPersonApi } from './in-person/api.ts';
import { createKnownBrowsers } from './known-browsers.ts';
import { locking } from './locking.ts';
import { myAccount } from './my-account/my-account.ts';
import { confirmations } from './my-account/partings.ts';
import { sessionHeld, visitEnding } from './my-account/shared-machines.ts';
import type { Protocol } from './protocol.ts';
import { reportingRegister } from './registers/register-events.ts';
import { replayWrites } from './replays.ts';
import { sandboxPages } from './sandbox.ts';

/** The addresses that verified claims can carry; records from before the assurance policy was kept with them name their rules. */
const verificationNames = (issuer: string, sandbox: boolean) =>
  addressesOf(createNames({ issuer, sandbox }), [
    ...POLICIES.map(({ version }) => version),
    ...(sandbox ? ['vn-nd69-2024-test@1'] : []),
  ]);

/** What the pages ask of the provider. */
function desk(base: Foundation, parts: Domain, { provider, verified }: Protocol) {
  const { settings, clock, contexts } = base;
  const client = (id: string) =>
    id === OWN_CLIENT_ID ? Promise.resolve(ownClient(settings.issuer)) : parts.relyingParties.find(id);
  return {
    client,
    paused: (req: IncomingMessage, res: ServerResponse, uid: string) =>
      pausedRequest<JourneyState>(provider(), req, res, uid),
    demand: (record, paused, more) => demandOfRequest(record, paused.parameters, contexts, paused.since, more),
    consentAsked,
    claimsOf,
    claimsAbout: (subscriber) => claimsAbout(subscriber, clock.now()),
    organisationClaims,
    verified: (subscriber, record, parameters) => shownOf(verified, { subscriber, client: record, parameters }),
    isOwn: (id: string) => id === OWN_CLIENT_ID,
  } satisfies AuthorizationDesk;
}

/** A route of our pages, for the test that walks them all (abuse case 25). */
export interface MountedRoute {
  readonly methods: readonly string[];
  readonly path: string;
}

/** Every route, in the order in which they are tried; answers those of our pages. */
export function mount(
  app: Koa,
  base: Foundation,
  parts: Domain,
  face: Protocol,
  { health, documents }: { health: ReturnType<typeof createHealth>; documents: CachedDocuments },
): MountedRoute[] {
  const { views, csrf, clock, units, settings, database } = base;
  const cards: CardDesk = {
    ...{ sessions: parts.readerSessions, issuer: settings.issuer, sandbox: base.sandbox, csrf },
    reads: settings.cardReads ?? (base.sandbox ? 'all' : 'least'),
  };
  const knownBrowsers = createKnownBrowsers(base, parts);
  const signUpUrl = parts.applications ? '/sign-up' : null;
  const routers = [
    ...(settings.kioskAddresses.length > 0
      ? [
          kioskRoutes({
            ...{ ...myAccount(base, parts, face), visits: base.kioskVisits },
            ending: { somebody: visitEnding(parts, 'somebody'), silence: visitEnding(parts, 'silence') },
          }),
        ]
      : []),
    informationRoutes({
      ...{ views, clock, health, contexts: base.contexts, policies: parts.policies },
      ...{ issuer: settings.issuer, contact: null, signUpUrl },
      verificationNames: verificationNames(settings.issuer, base.sandbox),
    }),
    interactionRoutes({
      ...{ views, csrf, clock, units, cards },
      ...parts,
      desk: desk(base, parts, face),
      metrics: base.metrics,
      signUpUrl,
      lost: () => new EidError('interaction.lost'),
    }),
    selfServiceRoutes({ ...parts, ...myAccount(base, parts, face), cards }),
    ...(parts.organisations
      ? [
          organisationRoutes({
            ...{ ...parts, ...myAccount(base, parts, face), cards },
            organisations: parts.organisations,
          }),
        ]
      : []),
    ...(parts.applications
      ? [enrolmentRoutes({ ...myAccount(base, parts, face), ...enrolment(base, parts, parts.applications) })]
      : []),
    ...(parts.counter
      ? [
          counterBindingRoutes({
            ...{ views, csrf, cookieSigner: base.cookieSigner, counter: parts.counter },
            ...{ authenticators: parts.authenticators, secure: settings.issuer.startsWith('https:') },
            ending: (subscriberId) => endingWrites(parts.ending, subscriberId),
          }),
        ]
      : []),
    recoveryRoutes({
      ...{ views, csrf, clock, cookieSigner: base.cookieSigner, recoveries: parts.recoveries },
      ...{ authenticators: parts.authenticators, secure: settings.issuer.startsWith('https:') },
    }),
    lockingRoutes(locking(base, parts, cards)),
    readerRoutes({ issuer: settings.issuer, views }),
    confirmations(base, parts).routes,
    ...(reportingRegister(base) ? [registerRoutes(parts)] : []),
    operatorRoutes({
      ...parts,
      ...{ views, csrf, clock, cards, sealer: base.sealer('console') },
      ...{ apiClients: parts.apiClients, issuer: settings.issuer },
      secure: settings.issuer.startsWith('https:'),
      write: (writes) => writeTogether(database, writes),
    }),
    adminApiRoutes({
      ...parts,
      issuer: settings.issuer,
      sealer: base.sealer('admin-api'),
      token: (value) => ownToken(face.provider(), value),
      write: (writes) => writeTogether(database, writes),
    }),
    inPersonApi(base, parts, face),
    ...(base.sandbox ? [developerRoutes(sandboxPages(base, parts))] : []),
  ];
  app.use(base.assets.routes);
  app.use(documents.middleware);
  app.use(
    unitOfWork({
      ...{ units, database, clock },
      adapter: face.adapter,
      renderError: (ctx, out, error) => face.pages.error(ctx, out, error),
      beforeFlush: async (ctx, unit) => {
        for (const event of eventsOf(ctx as never)) {
          unit.write(parts.journal.append(event));
          const { type, subscriberId, clientId } = event;
          if (type === 'session.started')
            for (const write of [
              ...(await knownBrowsers.sessionStarted(ctx, event)),
              ...sessionHeld(base, ctx.req, event),
            ])
              unit.write(write);
          if (type === 'authorization.granted' && subscriberId && clientId)
            unit.write(parts.accountLinks.signedIn(subscriberId, clientId));
        }
        const disclosure = disclosureOf(ctx as never);
        if (disclosure) for (const write of parts.consents.disclose(disclosure)) unit.write(write);
      },
      onReplay: (replay) => replayWrites(parts, replay),
    }),
  );
  // The protocol's endpoints are asked for far more often than pages are: they are looked for first.
  app.use(face.routes);
  for (const router of routers) app.use(router.routes());
  return routers.flatMap(({ stack }) => stack.map(({ methods, path }) => ({ methods, path: String(path) })));
}
