import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';
import compose from 'koa-compose';
import type Provider from 'oidc-provider';
import type { Settings } from './config/settings.ts';
import { type AuthenticatorKind, createAssuranceContexts } from './domain/assurance/index.ts';
import { checkpointKey, createJournal } from './domain/audit/index.ts';
import { createAuthenticators } from './domain/authenticators/index.ts';
import { createConsents } from './domain/consents/index.ts';
import {
  createNotices,
  createSimulatedChannel,
  createSmsGateway,
  createSmtp,
  simulatedMessages,
} from './domain/notices/index.ts';
import { createRelyingParties } from './domain/relying-parties/index.ts';
import { createDatabaseKeystore, createFileKeystore, createSigningKeys } from './domain/signing-keys/index.ts';
import { createSubscribers, type Subscriber } from './domain/subscribers/index.ts';
import { startDelivery } from './jobs/deliver-outbox.ts';
import { createExpire } from './jobs/expire.ts';
import { type Repetition, repeat } from './jobs/repeat.ts';
import { startKeyRotation } from './jobs/rotate-keys.ts';
import { startSealing } from './jobs/seal-journal.ts';
import { developerRoutes } from './journeys/developer/routes.ts';
import { informationRoutes } from './journeys/information/routes.ts';
import type { JourneyState } from './journeys/interactions/desk.ts';
import { interactionRoutes } from './journeys/interactions/routes.ts';
import { selfServiceRoutes } from './journeys/self-service/routes.ts';
import { createLogoutDelivery, installBackchannelLogout, LOGOUT_MESSAGE } from './oidc/backchannel-logout.ts';
import { claimsAbout } from './oidc/claims.ts';
import { cachedDocuments } from './oidc/documents.ts';
import { endingWrites } from './oidc/endings.ts';
import { disclosureOf, eventsOf } from './oidc/events.ts';
import { claimsOf, consentAsked } from './oidc/grants.ts';
import { pausedRequest } from './oidc/interactions.ts';
import type { SessionExtras } from './oidc/models.ts';
import { OWN_CLIENT_ID, OWN_RETURN_PATH, ownClient } from './oidc/own-client.ts';
import { createProtocolPages } from './oidc/pages.ts';
import { createProvider, INTERACTION_LIFETIME } from './oidc/provider.ts';
import { unitOfWork } from './oidc/request-unit.ts';
import { demandOfRequest } from './oidc/requests.ts';
import { createSqlAdapter } from './oidc/sql-adapter.ts';
import { protocolTables } from './oidc/storage/expiring.ts';
import { createAssets } from './platform/assets.ts';
import { type Clock, systemClock } from './platform/clock.ts';
import { createCsrf } from './platform/csrf.ts';
import { createDatabase, type Database } from './platform/database.ts';
import { createEgress, providerFetch } from './platform/egress.ts';
import { EidError } from './platform/errors.ts';
import { createHashingPool } from './platform/hashing-pool.ts';
import { createHealth } from './platform/health.ts';
import { createHttpApp } from './platform/http.ts';
import { newId } from './platform/ids.ts';
import { createLog } from './platform/log.ts';
import { createMessages } from './platform/messages.ts';
import { createMetrics } from './platform/metrics.ts';
import { createOutbox, sweepOutbox } from './platform/outbox.ts';
import { notesOf } from './platform/request.ts';
import { createSealer, derivedKey, type Sealer } from './platform/sealed.ts';
import { Secret } from './platform/secret.ts';
import { sql } from './platform/sql.ts';
import { createUnitsOfWork, writeTogether } from './platform/unit-of-work.ts';
import { createViews } from './platform/views.ts';
import { createSandboxClients, personaCards, productionFaults, seedSandbox } from './sandbox/index.ts';
import type { ProductionCheck } from './serve/database-check.ts';

/** Everything that answers requests, put together. */
export interface App {
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  readonly health: { live(): boolean; ready(): Promise<{ ready: boolean; checks: Record<string, string> }> };
  metrics(): Promise<string>;
  /** Begins the background work. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** For the bench and the tests: statements sent since the start. */
  readonly database: Pick<Database, 'statements'>;
  readonly parts: Domain;
}

/** What must not be found in a production database. */
export const productionChecks: readonly ProductionCheck[] = [productionFaults];

const folder = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What stands below everything: database, keys for each purpose, pages, log. */
function foundation(settings: Settings, clock: Clock, options: AppOptions) {
  const master = settings.masterSecret;
  const sealer = (purpose: string): Sealer => createSealer(master, purpose);
  const database = createDatabase({
    url: settings.databaseUrl.reveal(),
    poolSize: settings.databasePool,
    ...(options.onStatement ? { onStatement: options.onStatement } : {}),
  });
  const sandbox = settings.profile === 'sandbox';
  const log = createLog({
    level: settings.logLevel === 'debug' ? 'info' : settings.logLevel,
    sealer: sealer('log'),
  });
  const metrics = createMetrics({ process: true });
  const messages = createMessages(folder('views/messages'));
  const brand = { name: settings.brandName };
  const assets = createAssets({ directory: folder('views/assets'), brand });
  const views = createViews({
    directory: folder('views'),
    messages,
    assets,
    brand,
    sandbox,
    strict: options.strict ?? false,
  });
  return {
    ...{ settings, master, sealer, database, sandbox, clock, log, metrics, messages, assets, views },
    units: createUnitsOfWork(database),
    csrf: createCsrf({ sealer: sealer('csrf'), origin: settings.issuer }),
    outbox: createOutbox({ database, sealer: sealer('outbox') }),
    contexts: createAssuranceContexts({ issuer: settings.issuer, sandbox }),
    egress: createEgress({ allowOrigins: settings.egressAllowed }),
    fault: (error: unknown): void => log.fault(undefined, error),
  };
}
type Foundation = ReturnType<typeof foundation>;

/** The nouns. Each gets its own key, and the journal that its changes are written to. */
function domain(base: Foundation) {
  const { settings, database, clock, sealer, sandbox, outbox, messages } = base;
  const checkpoints = { key: checkpointKey(base.master), folder: dirname(settings.checkpointFile) };
  const journal = createJournal({ database, clock, checkpoints });
  const channels = sandbox
    ? [createSimulatedChannel({ database, clock })]
    : [
        createSmsGateway({
          url: settings.smsGatewayUrl!.reveal(),
          ...(settings.smsGatewayToken ? { token: settings.smsGatewayToken } : {}),
        }),
        createSmtp({ url: settings.smtpUrl!, from: settings.mailFrom! }),
      ];
  const notices = createNotices({
    ...{ database, clock, journal, outbox, messages, channels },
    sealer: sealer('notices'),
    brand: settings.brandName,
    host: new URL(settings.issuer).host,
  });
  const relyingParties = createRelyingParties({
    ...{ database, clock, journal, sandbox },
    refused: (clientId) => base.log.warn('client refused', { clientId }),
  });
  const consents = createConsents({ database, clock, journal });
  const ending = {
    ...{ database, clock, outbox, journal },
    subjectOf: async (subscriberId: string, client: { clientId: string }): Promise<string> => {
      const record = await relyingParties.find(client.clientId);
      return record ? relyingParties.subjectFor(subscriberId, record.relyingParty.legalEntity) : subscriberId;
    },
    listener: async (clientId: string) => {
      const record = await relyingParties.find(clientId);
      const uri = record?.metadata.backchannel_logout_uri;
      return record && typeof uri === 'string'
        ? {
            clientId,
            backchannelLogoutUri: uri,
            backchannelLogoutSessionRequired: record.metadata.backchannel_logout_session_required !== false,
            idTokenSignedResponseAlg: record.metadata.id_token_signed_response_alg as string | undefined,
          }
        : undefined;
    },
  };
  const subscribers = createSubscribers({
    ...{ database, clock, journal },
    sealer: sealer('subscribers'),
    endingWrites: (subscriberId) => endingWrites(ending, subscriberId),
  });
  const hashing = createHashingPool({
    ...(settings.hashingSlots ? { slots: settings.hashingSlots } : {}),
    pepper: derivedKey(base.master, 'password pepper'),
  });
  const authenticators = createAuthenticators({
    ...{ database, clock, journal, hashing },
    sealer: sealer('authenticators'),
    relyingPartyId: new URL(settings.issuer).hostname,
    relyingPartyName: settings.brandName,
    origin: new URL(settings.issuer).origin,
    send: (message) => outbox.add('sign_in_code', newId(), message, { validFor: 600 }),
    notify: async (change) => {
      const person = await subscribers.find(change.subscriberId);
      return person ? noticeWrites(notices, person, change, base) : [];
    },
  });
  const keystore =
    settings.signingKeyCustody === 'file'
      ? createFileKeystore({
          folder: settings.signingKeyFolder,
          sealer: sealer('signing-keys'),
          database,
          journal,
        })
      : createDatabaseKeystore({ database, journal, sealer: sealer('signing-keys') });
  const signingKeys = createSigningKeys({ keystore, clock, failed: base.fault });
  return {
    journal,
    channels,
    notices,
    relyingParties,
    consents,
    ending,
    subscribers,
    hashing,
    authenticators,
    signingKeys,
  };
}
type Domain = ReturnType<typeof domain>;

const NOTICE_OF = {
  bound: 'authenticator_bound',
  unbound: 'authenticator_unbound',
  disabled: 'authenticator_disabled',
  changed: 'password_changed',
  verified_after_failures: 'sign_in_after_failures',
} as const;

/** Every change of an authenticator is told to the person's confirmed addresses (NIST SP 800-63B-4 §4.6). */
function noticeWrites(
  notices: Domain['notices'],
  person: Subscriber,
  change: { change: keyof typeof NOTICE_OF; kind: string; name: string; failures?: number },
  base: Foundation,
) {
  const kind = change.name || base.messages.t(person.locale, `way.${change.kind}`);
  const time = new Intl.DateTimeFormat(person.locale === 'vi' ? 'vi-VN' : 'en-GB', {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: 'Asia/Ho_Chi_Minh',
  }).format(base.clock.now());
  return notices.queueToAll(NOTICE_OF[change.change], person, {
    authenticator: kind,
    failures: change.failures ?? 0,
    time,
    help: `${base.settings.issuer}/help`,
  } as never);
}

/** The relying parties' face. A rotation of keys makes a new provider and swaps it in: no restart. */
function protocol(base: Foundation, parts: Domain) {
  const { settings, database, clock, units, contexts } = base;
  const adapter = createSqlAdapter({
    ...{ database, clock, units },
    sealer: base.sealer('oidc'),
    // Clients are found in memory before the library ever asks its storage (oidc/provider.ts).
    findClient: async () => undefined,
  });
  const pages = createProtocolPages({ views: base.views, log: base.log, relyingParties: parts.relyingParties });
  const usableKinds = async (subscriberId: string): Promise<AuthenticatorKind[]> => {
    const bound = await parts.authenticators.of(subscriberId);
    return [...new Set(bound.filter((one) => one.status === 'active').map((one) => one.kind))];
  };
  const build = (): Provider => {
    const provider = createProvider({
      ...{ clock, units, contexts, pages, adapter, usableKinds },
      issuer: settings.issuer,
      jwks: parts.signingKeys.jwks(),
      cookieKeys: settings.cookieKeys.reveal().map((key) => new Secret(key)),
      dpopNonceSecret: derivedKey(base.master, 'dpop nonce'),
      fetch: providerFetch(base.egress),
      subscribers: parts.subscribers,
      relyingParties: parts.relyingParties,
      consents: parts.consents,
    });
    provider.proxy = settings.trustedProxies.length > 0;
    installBackchannelLogout(provider, {
      ...{ units, database },
      outbox: base.outbox,
      journal: parts.journal,
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
type Protocol = ReturnType<typeof protocol>;

/** What the pages ask of the provider. */
function desk(base: Foundation, parts: Domain, { provider }: Protocol) {
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
    isOwn: (id: string) => id === OWN_CLIENT_ID,
  } satisfies import('./journeys/interactions/desk.ts').AuthorizationDesk;
}

/** Where "My account" sends people to sign in: our own provider, as any relying party would. */
function signInUrl({ settings, contexts }: Foundation) {
  return (target: string, wanted?: { authenticationLevel: number; maxAge: number }): string => {
    const url = new URL('/authorize', settings.issuer);
    url.search = new URLSearchParams({
      client_id: OWN_CLIENT_ID,
      response_type: 'none',
      scope: 'openid',
      redirect_uri: `${settings.issuer}${OWN_RETURN_PATH}`,
      state: target,
      ...(wanted
        ? {
            acr_values: contexts.acr({ accountLevel: 1, authenticationLevel: wanted.authenticationLevel as 1 }),
            max_age: String(wanted.maxAge),
          }
        : {}),
    }).toString();
    return url.href;
  };
}

/** Every route, in the order in which they are tried. */
function mount(
  app: Koa,
  base: Foundation,
  parts: Domain,
  face: Protocol,
  health: ReturnType<typeof createHealth>,
): void {
  const { views, csrf, clock, units, settings, database } = base;
  const routers = [
    informationRoutes({ views, clock, health, contexts: base.contexts, issuer: settings.issuer, contact: null }),
    interactionRoutes({
      ...{ views, csrf, clock, units },
      ...parts,
      desk: desk(base, parts, face),
      lost: () => new EidError('interaction.lost'),
    }),
    selfServiceRoutes({
      ...{ views, csrf, clock },
      ...parts,
      signInUrl: signInUrl(base),
      session: async (ctx) => {
        const session = await face.provider().Session.get(ctx as never);
        const extras = session as unknown as SessionExtras & { uid: string };
        return session.accountId
          ? { accountId: session.accountId, uid: extras.uid, proofs: extras.proofs ?? [] }
          : undefined;
      },
      endOtherSessions: async (subscriberId, exceptUid) =>
        writeTogether(database, await endingWrites(parts.ending, subscriberId, exceptUid)),
    }),
    ...(base.sandbox ? [developerRoutes(sandboxPages(base))] : []),
  ];
  app.use(base.assets.routes);
  app.use(cachedDocuments(face.provider));
  app.use(
    unitOfWork({
      ...{ units, database, clock },
      adapter: face.adapter,
      renderError: (ctx, out, error) => face.pages.error(ctx, out, error),
      beforeFlush: (ctx, unit) => {
        for (const event of eventsOf(ctx as never)) unit.write(parts.journal.append(event));
        const disclosure = disclosureOf(ctx as never);
        if (disclosure) for (const write of parts.consents.disclose(disclosure)) unit.write(write);
      },
      onReplay: (replay) => [
        parts.journal.append({
          type: replay.kind === 'authorization_code' ? 'code.replayed' : 'refresh.replayed',
          actor: { kind: 'client', ...(replay.clientId ? { id: replay.clientId } : {}) },
          ...(replay.accountId ? { subscriberId: replay.accountId } : {}),
          ...(replay.clientId ? { clientId: replay.clientId } : {}),
        }),
      ],
    }),
  );
  for (const router of routers) app.use(router.routes());
  app.use(face.routes);
}

const SAMPLES = [
  { name: 'airline', what: { vi: 'Làm thủ tục bay ở mức 2.', en: 'Check in for a flight at level 2.' } },
  {
    name: 'bank',
    what: { vi: 'Mở tài khoản và chuyển tiền, theo FAPI 2.0.', en: 'Open an account and send money, by FAPI 2.0.' },
  },
  {
    name: 'portal',
    what: {
      vi: 'Nộp hồ sơ: mức 1, một thủ tục cần mức 2.',
      en: 'File an application: level 1, one step asks level 2.',
    },
  },
] as const;

/** What the sandbox shows of itself. */
function sandboxPages({ views, settings, database }: Foundation) {
  const place = sandboxPlace(settings);
  const clients = createSandboxClients(place);
  return {
    views,
    issuer: settings.issuer,
    personas: personaCards(settings.brandName).map(({ number, ...card }) => ({ ...card, identityNumber: number })),
    clients: clients.cards(),
    samples: SAMPLES.map(({ name, what }) => {
      const { relyingParty } = clients.registrations.find(
        ({ registration }) => registration.clientId === `sample-${name}`,
      )!.registration;
      return { name: relyingParty.name, url: `http://localhost:${place.ports[name]}/`, what };
    }),
    messages: (limit: number) =>
      simulatedMessages(database, { limit }).then((kept) =>
        kept.map((one) => ({ ...one, subject: one.subject ?? undefined })),
      ),
  };
}

/** The samples take the next three ports after the provider's. */
const sandboxPlace = ({ issuer, port, masterSecret }: Settings) => ({
  issuer,
  ports: { airline: port + 1, bank: port + 2, portal: port + 3 },
  master: masterSecret,
});

/** Puts the invented people and their relying parties in place; doing it again changes nothing. */
export async function seed(settings: Settings): Promise<void> {
  if (settings.profile !== 'sandbox') throw new Error('only a sandbox is seeded');
  const base = foundation(settings, systemClock, {});
  try {
    const { subscribers, relyingParties, authenticators } = domain(base);
    await seedSandbox({
      subscribers,
      relyingParties,
      clients: createSandboxClients(sandboxPlace(settings)),
      credentials: {
        kinds: async (id) => (await authenticators.of(id)).map((one) => one.kind),
        bindPassword: (id, password) => authenticators.install(id, { kind: 'password', password }),
        bindTotp: (id, secret) => authenticators.install(id, { kind: 'totp', secret }),
        bindPhone: (id, phone) => authenticators.install(id, { kind: 'message-otp', phone }),
      },
    });
  } finally {
    await base.database.close();
  }
}

/** What happens without a request. */
async function startJobs(base: Foundation, parts: Domain): Promise<Repetition[]> {
  const { database, clock, outbox, fault: failed } = base;
  const expire = createExpire({ database, clock, tables: protocolTables(INTERACTION_LIFETIME) });
  const sms = parts.channels.find((channel) => channel.media.includes('sms'));
  const stopWatching = await parts.relyingParties.watch();
  const delivery = await startDelivery({
    ...{ database, outbox, failed },
    handlers: {
      message: async (payload) => {
        const outcome = await parts.notices.deliver(payload as never);
        return outcome.delivered
          ? { delivered: true }
          : { delivered: false, reason: outcome.reason, final: !outcome.retry };
      },
      sign_in_code: async (payload) => {
        const { to, text } = payload as { to: string; text: string };
        const outcome = (await sms?.send({ medium: 'sms', to, text, reference: newId() })) ?? {
          delivered: false as const,
          retry: false,
          reason: 'refused' as const,
        };
        return outcome.delivered
          ? { delivered: true }
          : { delivered: false, reason: outcome.reason, final: !outcome.retry };
      },
      [LOGOUT_MESSAGE]: createLogoutDelivery({
        egress: base.egress,
        signingKeys: parts.signingKeys,
        journal: parts.journal,
        issuer: base.settings.issuer,
        clock,
      }),
    },
  });
  return [
    { stop: () => delivery.stop() },
    { stop: stopWatching },
    startKeyRotation({ signingKeys: parts.signingKeys, failed }),
    repeat(() => expire.run(), 15_000, failed),
    repeat(
      async () => Promise.all([parts.authenticators.sweep(), parts.notices.sweep(), sweepOutbox(database)]),
      60_000,
      failed,
    ),
    startSealing({ journal: parts.journal, failed }),
  ];
}

/** What tests and the bench may change. */
export interface AppOptions {
  readonly clock?: Clock;
  /** Templates refuse a property that their model lacks. */
  readonly strict?: boolean;
  /** Called before each statement: crash points of abuse case 57 are named with it. */
  readonly onStatement?: (text: string) => void;
}

/** The composition root: creates each part once and mounts each route once. */
export async function createApp(settings: Settings, options: AppOptions = {}): Promise<App> {
  const base = foundation(settings, options.clock ?? systemClock, options);
  const parts = domain(base);
  await parts.signingKeys.ensure();
  if (settings.clientsFile) {
    const loaded = await parts.relyingParties.loadClientsFile(settings.clientsFile);
    if (!loaded.loaded) {
      const faults = loaded.faults.map(({ path, message }) => `${path}: ${message}`);
      throw new EidError('clients_file.refused', { facts: { faults: faults.join('; ') } });
    }
  }
  const face = protocol(base, parts);
  const health = createHealth({
    ready: [{ name: 'database', check: async () => void (await base.database.row(sql`SELECT 1`)) }],
  });
  const app = createHttpApp({
    issuer: settings.issuer,
    ...{ views: base.views, log: base.log, metrics: base.metrics, clock: base.clock },
    trustedProxies: settings.trustedProxies,
  });
  // The library signs cookies with these, and so must the application around it: they are the same cookies.
  app.keys = [...settings.cookieKeys.reveal()];
  mount(app, base, parts, face, health);
  let jobs: Repetition[] = [];
  return {
    handler: app.callback(),
    health: {
      live: () => true,
      ready: async () => {
        const report = await health.ready();
        const checks = Object.fromEntries(report.checks.map(({ name, ok }) => [name, ok ? 'ok' : 'failing']));
        return { ready: report.status === 'pass', checks };
      },
    },
    metrics: () => base.metrics.text(),
    start: async () => {
      jobs = await startJobs(base, parts);
    },
    stop: async () => {
      for (const job of jobs) await job.stop();
      await parts.signingKeys.stop();
      await base.database.close();
    },
    database: base.database,
    parts,
  };
}
