import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { locales } from '../../src/platform/messages.ts';
import { citizenSamples } from './pages/samples.ts';
import { launchBrowser, serveSamples } from './pages/site.ts';
import { press } from './visitor.ts';

// WCAG 2.2, 1.4.4 and 1.4.10, and the promise of large letters on every page.
let site: Awaited<ReturnType<typeof serveSamples>>;
let browser: Browser;
beforeAll(async () => {
  site = await serveSamples();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

const names = citizenSamples('vi').map(({ name }) => name);

async function withPage(options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options);
  await context.route('**/submit.js', (route) => route.abort());
  try {
    await work(await context.newPage());
  } finally {
    await context.close();
  }
}
const open = (page: Page, name: string) => page.goto(`${site.origin}/pages/${name}`);
const letters = (page: Page): Promise<number> => page.evaluate('parseFloat(getComputedStyle(document.body).fontSize)');
const width = (page: Page): Promise<number> => page.evaluate('document.documentElement.scrollWidth');

test('without script the link at the foot makes the letters large, on every page from then on, and back again', async () => {
  await withPage({ locale: 'vi', javaScriptEnabled: false }, async (page) => {
    await open(page, 'information/help');
    const usual = await letters(page);
    expect(await page.textContent('#text-size')).toBe('Chữ lớn');
    await press(page, '#text-size');
    expect(new URL(page.url()).pathname).toBe('/pages/information/help');
    expect(await letters(page)).toBeGreaterThanOrEqual(usual * 1.4);
    await open(page, 'interactions/sign-in');
    expect(await letters(page)).toBeGreaterThanOrEqual(usual * 1.4);
    const [cookie, ...others] = await page.context().cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ name: 'text-size', value: 'large', httpOnly: true, sameSite: 'Lax' });
    expect(await page.textContent('#text-size')).toBe('Chữ cỡ thường');
    await press(page, '#text-size');
    expect(await letters(page)).toBe(usual);
    await open(page, 'information/front');
    expect(await letters(page)).toBe(usual);
    expect(await page.context().cookies()).toEqual([]);
  });
});

test('the letters follow what the browser is set to, in both sizes', async () => {
  await withPage({ locale: 'vi' }, async (page) => {
    const cdp = await page.context().newCDPSession(page);
    for (const query of ['text=usual', 'text=large']) {
      await cdp.send('Page.setFontSizes', { fontSizes: { standard: 16 } });
      await open(page, `interactions/sign-in?${query}`);
      const before = await letters(page);
      await cdp.send('Page.setFontSizes', { fontSizes: { standard: 24 } });
      await open(page, `interactions/sign-in?${query}`);
      expect(await letters(page)).toBeCloseTo(before * 1.5, 1);
    }
  });
});

describe.each(locales)('in %s', (locale) => {
  // 320 px is 1280 px at 400 %: large letters must stand that too.
  test('in large print no page is wider than 320 px', async () => {
    await withPage({ viewport: { width: 320, height: 640 }, locale, reducedMotion: 'reduce' }, async (page) => {
      await open(page, 'information/front?text=large');
      const wide: string[] = [];
      for (const name of names) {
        await open(page, name);
        expect(await page.getAttribute('html', 'class'), name).toBe('large-print');
        if ((await width(page)) > 320) wide.push(`${name}: ${await width(page)}`);
        if (process.env.SCREENS === '1') await picture(page, `${name.replaceAll('/', '.')}-${locale}`);
      }
      expect(wide).toEqual([]);
    });
  }, 180_000);
});

/** `SCREENS=1 npx vitest …` keeps a picture of each page. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = resolve(import.meta.dirname, '../../screens/large-print');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
