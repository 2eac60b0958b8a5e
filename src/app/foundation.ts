import { fileURLToPath } from 'node:url';
import { ON_DARK_BRAND } from '../config/rules.ts';
import type { Settings } from '../config/settings.ts';
import { createAssuranceContexts } from '../domain/assurance/index.ts';
import { createAssets } from '../platform/assets.ts';
import type { Clock } from '../platform/clock.ts';
import { createCookieSigner } from '../platform/cookie-signer.ts';
import { createCsrf } from '../platform/csrf.ts';
import { createDatabase } from '../platform/database.ts';
import { createEgress } from '../platform/egress.ts';
import { createKioskVisits } from '../platform/kiosk/visits.ts';
import { createLog } from '../platform/log.ts';
import { createMessages } from '../platform/messages.ts';
import { createMetrics } from '../platform/metrics.ts';
import { createOutbox } from '../platform/outbox.ts';
import { createSealer, type Sealer } from '../platform/sealed.ts';
import { createUnitsOfWork } from '../platform/unit-of-work.ts';
import { createViews } from '../platform/views.ts';
import type { Registers } from './registers.ts';

/** What tests and the bench may change. */
export interface AppOptions {
  readonly clock?: Clock;
  /** Templates refuse a property that their model lacks. */
  readonly strict?: boolean;
  /** Called before each statement: crash points of abuse case 57 are named with it. */
  readonly onStatement?: (text: string) => void;
  /** Who answers in the place of those that the settings name. */
  readonly registers?: Partial<Pick<Registers, 'population' | 'telephone' | 'face'>>;
}

const folder = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** What stands below everything: database, keys for each purpose, pages, log. */
export function foundation(settings: Settings, clock: Clock, options: AppOptions) {
  const master = settings.masterSecret;
  const sealer = (purpose: string): Sealer => createSealer(master, purpose);
  const database = createDatabase({
    url: settings.databaseUrl.reveal(),
    poolSize: settings.databasePool,
    ...(options.onStatement ? { onStatement: options.onStatement } : {}),
  });
  const sandbox = settings.profile === 'sandbox';
  const log = createLog({
    level: settings.logLevel,
    sealer: sealer('log'),
  });
  const metrics = createMetrics({ process: true });
  const messages = createMessages(folder('views/messages'));
  const brand = {
    name: settings.brandName,
    colours: {
      light: { brand: settings.brandColour, onBrand: '#ffffff' },
      dark: { brand: settings.brandColourDark, onBrand: ON_DARK_BRAND },
    },
  };
  const assets = createAssets({ directory: folder('views/assets'), brand });
  const views = createViews({
    directory: folder('views'),
    messages,
    assets,
    brand,
    sandbox,
    strict: options.strict ?? false,
  });
  const fault = (error: unknown): void => log.fault(undefined, error);
  return {
    ...{ settings, master, sealer, database, sandbox, clock, log, metrics, messages, assets, views },
    known: options.registers ?? {},
    units: createUnitsOfWork(database),
    cookieSigner: createCookieSigner(settings.cookieKeys.reveal()),
    csrf: createCsrf({ sealer: sealer('csrf'), origin: settings.issuer }),
    kioskVisits: createKioskVisits({
      ...{ database, clock, sealer: sealer('kiosk'), secure: settings.issuer.startsWith('https:') },
      failed: fault,
      firstPages: ['/sign-up/activate', '/sign-up/status', '/sign-up', '/recover', '/lock', '/unlock', '/counter'],
    }),
    outbox: createOutbox({ database, sealer: sealer('outbox') }),
    contexts: createAssuranceContexts({ issuer: settings.issuer, sandbox }),
    egress: createEgress({ allowOrigins: settings.egressAllowed }),
    fault,
  };
}
export type Foundation = ReturnType<typeof foundation>;
