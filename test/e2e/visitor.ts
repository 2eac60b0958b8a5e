import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { type OpenBrowser, withBrowser } from '../support/browser.ts';
import { type Claimant, codeOf } from '../support/sign-in.ts';
import { accessibilityFaults } from './pages/faults.ts';

/** `SCREENS=1 npx vitest …` keeps a picture of each step of each journey here. */
const folder = resolve(import.meta.dirname, '../../screens/journeys');
const pictures = process.env.SCREENS === '1';

/** A person at a browser, and what is asked of every page that they see. */
export interface Visitor extends OpenBrowser {
  /** Nothing that axe-core finds on a page the first time, in light and dark, nothing to scroll sideways at 390 px; and pictures of it, when they are wanted. */
  see(step: string): Promise<void>;
  /** What can be read there, as it is laid out. */
  words(selector?: string): Promise<string>;
}

/** Lets somebody visit; whatever a page's policy refused, and every script error, fails the visit. */
export function visit<T>(work: (visitor: Visitor) => Promise<T>, options: BrowserContextOptions = {}): Promise<T> {
  return withBrowser(
    async (browser) => {
      const refused = refusals(browser.page);
      const result = await work({
        ...browser,
        see: (step) => see(browser.page, step),
        // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not read
        words: (selector = 'main') => browser.page.locator(selector).first().innerText(),
      });
      expect(refused).toEqual([]);
      return result;
    },
    { viewport: { width: 390, height: 844 }, colorScheme: 'light', reducedMotion: 'reduce', ...options },
  );
}

/** What the policies of the pages refuse from now on: nothing, on pages of ours. */
export function refusals(page: Page): string[] {
  const refused: string[] = [];
  page.on('console', (message) => {
    if (/content security policy|refused to/i.test(message.text())) refused.push(`${page.url()}: ${message.text()}`);
  });
  return refused;
}

/** Structure and colours are the templates': they are looked at once for each place, whoever it is about. */
const looked = new Set<string>();
const place = (page: Page): string => {
  const { port, pathname } = new URL(page.url());
  return `${port} ${pathname.replace(/[\w-]{16,}/g, ':id')}`;
};

async function see(page: Page, step: string): Promise<void> {
  await page.evaluate('document.fonts.ready.then(() => {})');
  expect(await page.evaluate('document.documentElement.scrollWidth'), `${step} is too wide`).toBeLessThanOrEqual(390);
  if (!looked.has(place(page))) {
    looked.add(place(page));
    expect(await accessibilityFaults(page, 'all'), step).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityFaults(page, 'colours'), `${step}, dark`).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
  }
  if (!pictures) return;
  mkdirSync(folder, { recursive: true });
  for (const width of [390, 1280])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${folder}/${step}-${width}-${colorScheme}.png`, fullPage: true });
    }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Presses a button or follows a link, and waits for the page it leads to. */
export async function press(page: Page, selector: string): Promise<void> {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

/** Number and password, as typed; ends wherever that leads. */
export async function typePassword(page: Page, { identifier, password = '' }: Claimant): Promise<void> {
  await page.fill('#identifier', identifier);
  await press(page, '#continue');
  await page.fill('#password', password);
  await press(page, '#continue');
}

/** The code that the app shows now, or shows `stepsAhead` half minutes later: each is good once. */
export async function typeCode(page: Page, { totpSecret = '' }: Claimant, stepsAhead = 0): Promise<void> {
  await page.fill('#code', codeOf(totpSecret, stepsAhead));
  await press(page, '#continue');
}

/** Holds one of the drawer's cards to the reader that the page waits for; the drawer opens beside it and closes again. */
export async function hold(context: BrowserContext, page: Page, card: string): Promise<string> {
  const [drawer] = await Promise.all([context.waitForEvent('page'), page.click('#tap')]);
  await drawer.waitForLoadState();
  await press(drawer, `button[value="${card}"]`);
  const said = (await drawer.textContent('main')) ?? '';
  await drawer.close();
  return said;
}

/** Chooses the card and proves it, one that is good: the page that waits goes on by itself. */
export async function proveCard(context: BrowserContext, page: Page, card: string): Promise<void> {
  await press(page, '#kind-chip-card');
  const next = page.waitForNavigation();
  await hold(context, page, card);
  await next;
}
