import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
  try {
    await work(await context.newPage());
  } finally {
    await context.close();
  }
}
const open = (page: Page, name: string) => page.goto(`${site.origin}/pages/${name}`);
const letters = (page: Page): Promise<number> => page.evaluate('parseFloat(getComputedStyle(document.body).fontSize)');

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

// How wide they are then, pages.test.ts asks with the browser.
test.each(locales)('whoever has chosen large letters has them on every page: %s', async (locale) => {
  const headers = { cookie: 'text-size=large', 'accept-language': locale };
  for (const name of names) {
    const html = await (await fetch(`${site.origin}/pages/${name}`, { headers })).text();
    expect(html, name).toMatch(new RegExp(`<html lang="${locale}" class="large-print( [a-z-]+)*">`));
  }
});
