import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { createAssets } from '../../../src/platform/assets.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { allowFormAction } from '../../../src/platform/headers.ts';
import { createHttpApp, limitServer } from '../../../src/platform/http.ts';
import { createLog } from '../../../src/platform/log.ts';
import { createMessages, type Locale, locales } from '../../../src/platform/messages.ts';
import { createMetrics } from '../../../src/platform/metrics.ts';
import { notesOf } from '../../../src/platform/request.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { createViews, type Views } from '../../../src/platform/views.ts';
import { drawCardPicture } from '../../../src/sandbox/index.ts';
import { findChromium } from '../../support/chromium.ts';
import { type Sample, samples, stateUrl as samplesState } from './samples.ts';

const root = resolve(import.meta.dirname, '../../..');

/** The templates as tests use them: a property that a model lacks throws. */
export function testViews(options: { sandbox?: boolean } = {}): {
  views: Views;
  assets: ReturnType<typeof createAssets>;
} {
  const brand = { name: 'SenID' };
  const messages = createMessages(`${root}/views/messages`);
  const assets = createAssets({ directory: `${root}/views/assets`, brand });
  const sandbox = options.sandbox ?? true;
  return { views: createViews({ directory: `${root}/views`, messages, assets, brand, sandbox, strict: true }), assets };
}

/** Every sample page at `/pages/<name>`, served by the real application with its real headers, on a free loopback port. */
export async function serveSamples(): Promise<{ origin: string; close(): Promise<void> }> {
  const { views, assets } = testViews();
  const server = createServer();
  limitServer(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  const sealer = createSealer(new Secret(randomBytes(32)), 'screens');
  const log = createLog({ level: process.env.LOG_LEVEL === 'error' ? 'error' : 'silent', sealer });
  const app = createHttpApp({
    issuer: origin,
    views,
    log,
    metrics: createMetrics({ process: false }),
    clock: systemClock,
  });
  const made = Object.fromEntries(locales.map((locale) => [locale, byPath(locale)])) as Record<Locale, SamplesByPath>;
  app.use(assets.routes);
  app.use(async (ctx, next) => {
    // A card page asks how its reading stands: nobody has come with a card.
    if (ctx.path === samplesState) {
      ctx.body = { state: 'waiting' };
      return;
    }
    // Whoever's card it is: here one drawing does for all.
    if (/^\/sandbox\/pictures\/[^/]+\/card\.jpg$/.test(ctx.path)) {
      ctx.type = 'image/jpeg';
      ctx.body = await drawCardPicture('097197000021');
      return;
    }
    const sample = made[notesOf(ctx.req).locale].get(ctx.path);
    if (!sample) return next();
    // The provider's own pages allow their form's target; a sample does when it is asked to.
    if (ctx.query.allow) allowFormAction(ctx, 'http://localhost:3001/callback');
    if (sample.kiosk) notesOf(ctx.req).kiosk = sample.kiosk;
    views.show(ctx, sample.view, sample.model);
  });
  server.on('request', app.callback());
  return {
    origin,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

type SamplesByPath = ReadonlyMap<string, Sample>;
const byPath = (locale: Locale): SamplesByPath =>
  new Map(samples(locale).map((sample) => [`/pages/${sample.name}`, sample]));

/** A window in which the one page that would leave by itself stays. What routes requests would keep no styles between pages. */
export async function openToLook(browser: Browser, options: BrowserContextOptions): Promise<BrowserContext> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  await context.addInitScript('HTMLFormElement.prototype.submit = () => {}');
  return context;
}

/** A Chromium without a virtual device: pages are looked at, not used. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath)
    throw new Error('Chromium is missing: install the package chromium, or name one in CHROMIUM_PATH');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'] });
}
