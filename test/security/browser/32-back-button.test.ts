import { chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { servePages } from '../../e2e/page-server.ts';
import { type Sites, startSites } from '../../e2e/sites.ts';
import { press, typePassword } from '../../e2e/visitor.ts';
import { findWholeChromium } from '../../support/chromium.ts';

let sites: Sites;
let site: Awaited<ReturnType<typeof servePages>>;
beforeAll(async () => {
  sites = await startSites(['airline']);
  site = await servePages({ '/': '<!doctype html><title>Elsewhere</title>' });
});
afterAll(async () => {
  await site?.end();
  await sites?.end();
});

/**
 * A page out of the cache loads nothing, so there is no load to wait for; what answered a post is not shown again at all,
 * Chromium asks whether to send the form once more.
 */
async function back(page: Page): Promise<void> {
  await page.goBack({ waitUntil: 'commit' }).catch((error) => {
    if (!String(error).includes('ERR_CACHE_MISS')) throw error;
  });
  await page.waitForFunction("document.readyState === 'complete'");
}

test('32: after signing out, the back button shows nothing of the person, with the page cache of Chromium on', async () => {
  const executablePath = findWholeChromium() ?? '';
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
    // Automation switches it off; people have it on.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  try {
    const page = await browser.newPage({ locale: 'vi-VN' });
    // The cache is really on: a page without `no-store` comes back with its memory.
    await page.goto(site.origin);
    await page.evaluate('window.kept = true');
    await page.goto(`${sites.issuer}/`);
    await back(page);
    expect(await page.evaluate('window.kept')).toBe(true);

    const { name } = sites.persona('level-1');
    const personal = async (): Promise<boolean> => (await page.content()).includes(name);
    await page.goto(`${sites.airline}/sign-in`);
    await typePassword(page, sites.claimant('level-1'));
    expect(await personal()).toBe(true);
    await press(page, '#agree');
    expect(await personal()).toBe(true);
    await page.goto(`${sites.issuer}/account`);
    expect(await personal()).toBe(true);
    await press(page, '#sign-out');
    await press(page, '#continue');
    expect(await personal()).toBe(false);

    const shown: string[] = [];
    for (let steps = 0; steps < 8; steps += 1) {
      await back(page);
      if (page.url() === 'about:blank') break;
      if (page.url().startsWith(sites.issuer) && (await personal())) shown.push(page.url());
    }
    expect(shown).toEqual([]);
  } finally {
    await browser.close();
  }
});
