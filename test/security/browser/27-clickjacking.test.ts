import { afterAll, beforeAll, expect, test } from 'vitest';
import { servePages } from '../../e2e/page-server.ts';
import { type Sites, startSites } from '../../e2e/sites.ts';
import { withBrowser } from '../../support/browser.ts';
import { createBrowser } from '../../support/http-client.ts';
import { plainClient } from '../../support/relying-party.ts';
import { signIn } from '../../support/sign-in.ts';

let sites: Sites;
beforeAll(async () => {
  sites = await startSites();
});
afterAll(() => sites?.end());

test('27: every page of ours that a link leads to, and every page that refuses, forbids frames', async () => {
  const browser = createBrowser();
  await signIn(await browser.open(`${sites.issuer}/account`), sites.claimant('level-1'));
  const rp = await plainClient(sites.issuer, sites.client('sandbox-confidential'));
  const { url } = await rp.begin({ prompt: 'login' });
  const waiting = ['/', '/account', '/sandbox', '/logout', '/authorize', '/interaction/nobody', '/nowhere', url];
  const seen = new Set<string>();
  const framed: string[] = [];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const page = await browser.open(new URL(path, sites.issuer).href);
    if (!String(page.headers['content-type']).startsWith('text/html')) continue;
    const policy = String(page.headers['content-security-policy']);
    if (!policy.includes("frame-ancestors 'none'") || page.headers['x-frame-options'] !== 'DENY') framed.push(page.url);
    for (const [, href = ''] of page.text.matchAll(/<a\b[^>]*\bhref="([^"]+)"/g)) {
      const link = new URL(href.replaceAll('&amp;', '&'), page.url);
      if (link.origin !== sites.issuer || seen.has(link.pathname)) continue;
      seen.add(link.pathname);
      waiting.push(link.href);
    }
  }
  expect(framed).toEqual([]);
  // The walk went somewhere: help, privacy, the levels, the ways of My account.
  expect([...seen].length).toBeGreaterThan(12);
});

test('27: in Chromium no page of ours appears inside a page of somebody else', async () => {
  const rp = await plainClient(sites.issuer, sites.client('sandbox-confidential'));
  const { url } = await rp.begin();
  const addresses = [`${sites.issuer}/`, `${sites.issuer}/account`, url, `${sites.issuer}/nowhere`];
  const frames = addresses.map((address) => `<iframe src="${address.replaceAll('&', '&amp;')}"></iframe>`);
  const site = await servePages({ '/': `<!doctype html><title>Bait</title>${frames.join('')}` });
  try {
    await withBrowser(async ({ page }) => {
      await page.goto(site.origin, { waitUntil: 'networkidle' });
      const inside = page.frames().filter((frame) => frame !== page.mainFrame());
      expect(inside).toHaveLength(addresses.length);
      for (const frame of inside) {
        expect(frame.url()).toBe('chrome-error://chromewebdata/');
        expect(await frame.locator('#main').count()).toBe(0);
      }
    });
  } finally {
    await site.end();
  }
});
