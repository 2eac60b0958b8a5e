import type { IncomingMessage, ServerResponse } from 'node:http';
import { padFaults } from './app/cards.ts';
import { type Domain, domain } from './app/domain.ts';
import { type AppOptions, foundation } from './app/foundation.ts';
import { startJobs } from './app/jobs.ts';
import { protocol } from './app/protocol.ts';
import { type MountedRoute, mount } from './app/routes.ts';
import type { Settings } from './config/settings.ts';
import type { Repetition } from './jobs/repeat.ts';
import { expiredPage } from './journeys/interactions/models.ts';
import { kioskToken } from './journeys/kiosk/routes.ts';
import { createReaderSocket, type ReaderSocket } from './journeys/reader/socket.ts';
import { createDocuments } from './oidc/documents.ts';
import { PROGRAM_PATHS } from './oidc/provider.ts';
import { systemClock } from './platform/clock.ts';
import type { Database } from './platform/database.ts';
import { createHealth } from './platform/health.ts';
import { createHttpApp } from './platform/http.ts';
import { newRequestId } from './platform/request.ts';
import { sql } from './platform/sql.ts';
import { productionFaults, sandboxFaults } from './sandbox/index.ts';
import type { ProductionCheck } from './serve/database-check.ts';

export type { AppOptions } from './app/foundation.ts';

/** Everything that answers requests, put together. */
export interface App {
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** What speaks another protocol than HTTP on the same port: card readers. */
  readonly upgrades: ReaderSocket;
  readonly health: { live(): boolean; ready(): Promise<{ ready: boolean; checks: Record<string, string> }> };
  metrics(): Promise<string>;
  /** Begins the background work. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** For the bench and the tests: statements sent since the start. */
  readonly database: Pick<Database, 'statements'>;
  readonly parts: Domain;
  /** The routes of our pages; those of the protocol stand in the discovery document. */
  readonly routes: readonly MountedRoute[];
}

/** What must not be found in a database beside these settings. */
export const databaseChecks = (settings: Partial<Settings>): readonly ProductionCheck[] =>
  settings.profile === 'sandbox' ? [sandboxFaults] : [productionFaults, (database) => padFaults(database, settings)];

/** The composition root: creates each part once and mounts each route once. */
export async function createApp(settings: Settings, options: AppOptions = {}): Promise<App> {
  const base = foundation(settings, options.clock ?? systemClock, options);
  const parts = domain(base);
  try {
    await parts.signingKeys.ensure();
    await parts.registers.embedded?.check();
  } catch (error) {
    // Nobody gets an application to stop: what is open would keep the process from ending.
    await parts.signingKeys.stop();
    await base.database.close();
    throw error;
  }
  const face = protocol(base, parts);
  const { embedded } = parts.registers;
  const health = createHealth({
    ready: [
      { name: 'database', check: async () => void (await base.database.row(sql`SELECT 1`)) },
      // Closed and red: nothing is signed with another key when the module that keeps them is gone (abuse case 62).
      { name: 'signing-keys', check: () => parts.signingKeys.probe() },
      ...(embedded ? [{ name: 'face-engine', check: () => demandWarm(embedded) }] : []),
    ],
  });
  const app = createHttpApp({
    issuer: settings.issuer,
    ...{ views: base.views, log: base.log, metrics: base.metrics, clock: base.clock },
    trustedProxies: settings.trustedProxies,
    programs: PROGRAM_PATHS,
    kiosk: { addresses: settings.kioskAddresses, token: () => kioskToken(base.csrf), visits: base.kioskVisits },
    ownPages: {
      'interaction.lost': (ctx, error) =>
        base.views.show(ctx, expiredPage, { restart: null }, { status: error.status, path: null }),
    },
  });
  // The library signs cookies with this, and so must the application around it: they are the same cookies.
  app.keys = base.cookieSigner;
  const documents = createDocuments({
    issuer: settings.issuer,
    instance: face.provider,
    served: (path, status, ms) => {
      const line = { requestId: newRequestId(), method: 'GET', route: path, status, ms: Math.round(ms * 10) / 10 };
      base.metrics.request(line);
      base.log.request(line);
    },
  });
  const routes = mount(app, base, parts, face, { health, documents });
  const upgrades = createReaderSocket({
    ...{ issuer: settings.issuer, trustedProxies: settings.trustedProxies, sessions: parts.readerSessions },
    ...{ clock: base.clock, log: base.log, metrics: base.metrics },
  });
  const answer = app.callback();
  let jobs: Repetition[] = [];
  return {
    // What every relying party reads most often is answered before anything else is set up for the request.
    handler: (request, response) => void (documents.serve(request, response) || answer(request, response)),
    upgrades,
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
      embedded?.warm().catch(base.fault);
      jobs = await startJobs(base, parts);
    },
    stop: async () => {
      for (const job of jobs) await job.stop();
      await embedded?.close();
      await parts.signingKeys.stop();
      await base.database.close();
    },
    database: base.database,
    parts,
    routes,
  };
}

/** Red until it has run once: the first person would wait for seconds. */
function demandWarm(engine: { isWarm(): boolean }): void {
  if (!engine.isWarm()) throw new Error('the embedded engine is not warm');
}
