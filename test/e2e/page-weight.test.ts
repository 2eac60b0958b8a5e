import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { citizenSamples } from './pages/samples.ts';
import { launchBrowser, openToLook, serveSamples } from './pages/site.ts';

// Old telephones, slow networks, browsers without script.
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
const MOST = 100_000;

/** What these need script for, and nothing else does: the browser's own prompt for a passkey. */
const NEEDS_SCRIPT: Readonly<Record<string, string>> = {
  'passkey-form': 'the passkey prompt is a call of script; the page has another way, or says so',
  'register-form': 'as the passkey prompt',
};

test('the text, styles and scripts of each page are less than 100 kB, not compressed', async ({ annotate }) => {
  const sizes = new Map<string, number>();
  const sizeOf = async (address: string): Promise<number> => {
    const known = sizes.get(address);
    if (known !== undefined) return known;
    // `Accept-Encoding: identity`: what the telephone has to read, not what the network carries.
    const answer = await fetch(address, { headers: { 'accept-encoding': 'identity' } });
    expect(answer.status, address).toBe(200);
    expect(answer.headers.get('content-encoding'), address).toBeNull();
    const text = await answer.text();
    // A module brings the modules that it imports.
    const imported = [...text.matchAll(/from '(\.\/[\w-]+\.js)'/g)].map(
      ([, path]) => new URL(path ?? '', address).href,
    );
    let size = Buffer.byteLength(text);
    for (const one of address.endsWith('.js') ? imported : []) size += await sizeOf(one);
    sizes.set(address, size);
    return size;
  };
  const weights: { name: string; page: number; rest: number }[] = [];
  for (const name of names) {
    const html = await (await fetch(`${site.origin}/pages/${name}`)).text();
    const assets = [...html.matchAll(/<(?:link rel="stylesheet" href|script type="module" src)="([^"]+)"/g)];
    expect(assets.length, name).toBeGreaterThan(0);
    let rest = 0;
    for (const [, path] of assets) rest += await sizeOf(site.origin + path);
    weights.push({ name, page: Buffer.byteLength(html), rest });
  }
  weights.sort((a, b) => b.page + b.rest - a.page - a.rest);
  const [heaviest, lightest] = [weights[0], weights.at(-1)];
  await annotate(`heaviest ${JSON.stringify(heaviest)}, lightest ${JSON.stringify(lightest)}, bytes not compressed`);
  for (const { name, page, rest } of weights) expect(page + rest, name).toBeLessThan(MOST);
});

test('a first visit loads less than 100 kB of everything, fonts and heads with it, on every page', async ({
  annotate,
}) => {
  const context = await openToLook(browser, { locale: 'vi' });
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  // Each page is somebody's first: nothing of it is in the cache.
  await network.send('Network.setCacheDisabled', { cacheDisabled: true });
  const loads = new Map<string, { address: string; bytes: number }>();
  network.on('Network.responseReceived', ({ requestId, response }) => {
    loads.set(requestId, { address: response.url, bytes: 0 });
  });
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const load = loads.get(requestId);
    if (load) load.bytes = encodedDataLength;
  });
  const weights: { name: string; bytes: number; fonts: number }[] = [];
  for (const name of names) {
    loads.clear();
    await page.goto(`${site.origin}/pages/${name}`, { waitUntil: 'load' });
    // What a page loads beside its styles and scripts it asks for while it is laid out: the fonts are what it waits for last.
    await page.evaluate('document.fonts.ready.then(() => true)');
    const all = [...loads.values()];
    const sum = (of: typeof all): number => of.reduce((total, { bytes }) => total + bytes, 0);
    weights.push({ name, bytes: sum(all), fonts: sum(all.filter(({ address }) => address.endsWith('.woff2'))) });
  }
  await context.close();
  weights.sort((a, b) => b.bytes - a.bytes);
  await annotate(`heaviest ${JSON.stringify(weights.slice(0, 3))}, lightest ${JSON.stringify(weights.at(-1))}`);
  // What is not loaded weighs nothing: the measure has to have seen the fonts.
  expect(weights.every(({ fonts }) => fonts > 10_000)).toBe(true);
  for (const { name, bytes } of weights) expect(bytes, name).toBeLessThan(MOST);
}, 180_000);

describe('without script', () => {
  test('every form of every page posts its token and what was pressed, but for those that the platform forbids', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'vi' });
    const page = await context.newPage();
    const posted: { path: string; body: string }[] = [];
    await context.route(
      (url) => !/^\/(pages|assets)\//.test(url.pathname),
      (route) => {
        const request = route.request();
        if (request.method() === 'POST')
          posted.push({ path: request.url(), body: (request.postDataBuffer() ?? Buffer.alloc(0)).toString() });
        return route.fulfill({ status: 200, contentType: 'text/html', body: '<title>arrived</title>' });
      },
    );
    const excepted = new Set<string>();
    const pressed = new Set<string>();
    for (const name of names) {
      if (!(await hasNew(name, pressed))) continue;
      await page.goto(`${site.origin}/pages/${name}?allow=1`);
      let fresh = true;
      const fair = await saysSo(page);
      const found = await page.locator(POSTED).evaluateAll((all) =>
        (all as unknown as { getAttribute(name: string): string }[]).map((form) => ({
          // Not its properties: a button of that name takes their place.
          id: form.getAttribute('id'),
          method: form.getAttribute('method'),
        })),
      );
      for (const [index, { id, method }] of found.entries()) {
        expect(method, `${name} ${id}`).toBe('post');
        if (id in NEEDS_SCRIPT) {
          excepted.add(id);
          expect(fair, `${name} says that it needs script, or has another way`).toBe(true);
          continue;
        }
        // Variants of a page have its forms: each is pressed once.
        const key = keyOf(name, id);
        if (pressed.has(key)) continue;
        pressed.add(key);
        if (!fresh) await page.goto(`${site.origin}/pages/${name}?allow=1`);
        fresh = false;
        // A way that stands folded away is unfolded by whoever wants it.
        for (const summary of await page.locator('details:not([open]) > summary').all()) await summary.click();
        const form = page.locator(POSTED).nth(index);
        const action = await form.getAttribute('action');
        const own = form.locator('button:not([hidden]):not([type=button])');
        const button = (await own.count()) > 0 ? own.first() : page.locator(`button[form="${id}"]`).first();
        expect(await button.isVisible(), `${name} ${id} has a button to press`).toBe(true);
        posted.length = 0;
        await button.click();
        // Not the page itself is waited for: one of them opens a window of its own.
        await expect.poll(() => posted.length, { message: `${name} ${id}`, timeout: 15_000 }).toBe(1);
        expect(posted[0]?.path, name).toBe(new URL(action ?? '', site.origin).href);
        // What goes to a relying party, and the library's own form, carry tokens of their own.
        if (!/form-post|logout/.test(name)) expect(posted[0]?.body, `${name} ${id}`).toMatch(/csrf/);
      }
    }
    await context.close();
    expect([...excepted].sort()).toEqual(Object.keys(NEEDS_SCRIPT).sort());
    expect(pressed.size).toBeGreaterThan(60);
  }, 300_000);
});

/** What a dialog asks is answered on the spot, and no script means no dialog. */
const POSTED = 'form:not([method=dialog])';
const keyOf = (name: string, id: string | null | undefined): string => `${name.split('.')[0]} ${id}`;

/** Whether a sample has a form that was not pressed yet, or one that is excepted and has to say so. */
async function hasNew(name: string, pressed: ReadonlySet<string>): Promise<boolean> {
  const html = await (await fetch(`${site.origin}/pages/${name}`)).text();
  const forms = [...html.matchAll(/<form\b[^>]*?>/g)].filter(([tag]) => !tag.includes('method="dialog"'));
  const ids = forms.map(([tag]) => tag.match(/ id="([^"]*)"/)?.[1]);
  return ids.some((id) => (id !== undefined && id in NEEDS_SCRIPT) || !pressed.has(keyOf(name, id)));
}

/** Whether the page says that something of it needs script, or has a button that does not. */
async function saysSo(page: Page): Promise<boolean> {
  const says = await page.locator('noscript .notice').count();
  return says > 0 || (await page.locator('form:not(#passkey-form):not(#register-form) button:visible').count()) > 0;
}
