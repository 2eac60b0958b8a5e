import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { locales } from '../../src/platform/messages.ts';
import { addAuthenticator } from '../support/browser.ts';
import { accessibilityFaults, bringAxe } from './pages/faults.ts';
import { firstOfEach, samples } from './pages/samples.ts';
import { launchBrowser, openToLook, serveSamples } from './pages/site.ts';

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

const names = samples('vi').map(({ name }) => name);
const representatives = new Set(firstOfEach(samples('vi')));
/** How wide the page is, in the usual letters and in large ones. */
const WIDTHS = `(() => {
  const { documentElement: html } = document;
  const usual = html.scrollWidth;
  html.classList.add('large-print');
  const large = html.scrollWidth;
  html.classList.remove('large-print');
  return { usual, large };
})()`;

// Structure and colours are the templates' and the styles': one language is enough, and for colours one sample of each page.
// How wide it is, and what the browser complains of, is looked at in both. `npm run screens` asks axe-core in every look.
describe.each(locales)('in %s', (locale) => {
  test('no page is wider than a phone, in large print too, or breaks a policy; in Vietnamese axe-core finds nothing on any, light or dark', async () => {
    const context = await openToLook(browser, { viewport: { width: 320, height: 640 }, locale });
    if (locale === 'vi') await bringAxe(context);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(`${page.url()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
    for (const name of names) {
      const first = representatives.has(name);
      const answer = await page.goto(`${site.origin}/pages/${name}`);
      expect(answer?.status(), name).toBe(200);
      // 320 px is 1280 px at 400 %: large letters must stand that too.
      const { usual, large } = await page.evaluate<{ usual: number; large: number }>(WIDTHS);
      expect(usual, `${name} is too wide for a phone`).toBeLessThanOrEqual(320);
      // The console has one size.
      if (!name.startsWith('operator/'))
        expect(large, `${name} is too wide for a phone in large print`).toBeLessThanOrEqual(320);
      if (locale !== 'vi') continue;
      expect(await accessibilityFaults(page, first ? 'all' : 'words'), name).toEqual([]);
      if (!first) continue;
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await accessibilityFaults(page, 'colours'), `${name} dark`).toEqual([]);
      await page.emulateMedia({ colorScheme: 'light' });
    }
    await context.close();
    expect(complaints).toEqual([]);
  }, 400_000);
});

describe('with script', () => {
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    context = await browser.newContext({ locale: 'vi', permissions: ['clipboard-read', 'clipboard-write'] });
    page = await context.newPage();
  });
  afterAll(() => context.close());
  const open = (name: string) => page.goto(`${site.origin}/pages/${name}`);

  test('a password can be shown and is hidden again before it leaves', async () => {
    await open('interactions/password');
    await page.fill('#password', 'mùa hè rất xanh');
    await page.click('button[data-shows]');
    expect(await page.getAttribute('#password', 'type')).toBe('text');
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await page.click('#continue');
    expect((await sent).postData()).toContain('identifier=097204012345');
  });

  test('the passkey button appears, and cancelling says what to do next', async () => {
    await open('interactions/sign-in');
    expect(await page.isVisible('#passkey')).toBe(true);
    await page.evaluate("navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError'))");
    await page.click('#passkey');
    await page.waitForSelector('#passkey-trouble:not([hidden])');
    expect(await page.textContent('#passkey-trouble')).toContain('Chưa dùng khóa truy cập nào');
    expect(await page.isEnabled('#passkey')).toBe(true);
  });

  test('the request id is copied at a press', async () => {
    await open('errors/error');
    await page.click('button[data-copies]');
    await page.waitForFunction("document.querySelector('button[data-copies]').textContent === 'Đã sao chép'");
    const copied = await page.evaluate('navigator.clipboard.readText()');
    expect(copied).toBe(await page.textContent('#request-id'));
  });

  test('the answer for a relying party is posted by itself, without a field of ours', async () => {
    let body: string | null = null;
    await context.route('http://localhost:3001/**', (route) => {
      body = route.request().postData();
      return route.fulfill({ status: 200, body: 'received' });
    });
    await page.goto(`${site.origin}/pages/form-post?allow=1`);
    await page.waitForURL('http://localhost:3001/callback');
    expect(body).toBe('code=c&state=s&iss=i');
  });

  test('the language link changes the words and stays on the page', async () => {
    await open('information/help');
    await page.click('a[hreflang="en"]');
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    expect(new URL(page.url()).pathname).toBe('/pages/information/help');
    await open('interactions/sign-in');
    expect(await page.textContent('h1')).toBe('Sign in');
  });
});

describe('with a passkey device', () => {
  const post = async (page: Page, press: () => Promise<void>): Promise<Record<string, string>> => {
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    const arrived = page.waitForEvent('load');
    await press();
    await arrived;
    return Object.fromEntries(new URLSearchParams((await sent).postData() ?? ''));
  };

  // Browsers before WebAuthn Level 3 do not translate the JSON themselves: the second run takes that away.
  test.each(['today’s browser', 'an older browser'])('a passkey is made and used: %s', async (which) => {
    const context = await browser.newContext({ locale: 'vi' });
    const page = await context.newPage();
    if (which === 'an older browser')
      await page.addInitScript(
        'delete PublicKeyCredential.parseCreationOptionsFromJSON; delete PublicKeyCredential.parseRequestOptionsFromJSON; delete PublicKeyCredential.prototype.toJSON;',
      );
    const device = await addAuthenticator(await context.newCDPSession(page));
    await page.goto(`${site.origin}/pages/self-service/add-passkey`);
    const made = await post(page, () => page.click('#continue'));
    expect(made).toMatchObject({ csrf: 'token', challenge: 'challenge', name: 'Điện thoại của tôi' });
    const registration = JSON.parse(made.response ?? '');
    expect(registration).toMatchObject({ type: 'public-key', clientExtensionResults: {} });
    expect(registration.response).toHaveProperty('attestationObject');
    expect(await device.credentials()).toHaveLength(1);

    await page.goto(`${site.origin}/pages/interactions/passkey`);
    const used = await post(page, () => page.click('#passkey'));
    expect(used).toMatchObject({ csrf: 'token', challenge: 'challenge' });
    const assertion = JSON.parse(used.response ?? '');
    expect(assertion.id).toBe(registration.id);
    expect(assertion.response).toMatchObject({ signature: expect.any(String), userHandle: 'AAAA' });
    const client = JSON.parse(Buffer.from(assertion.response.clientDataJSON, 'base64url').toString());
    expect(client).toMatchObject({ type: 'webauthn.get', challenge: 'AAAA', origin: site.origin });
    await context.close();
  });
});

describe('without script', () => {
  test('every page can be read, and the password path posts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'vi' });
    const page = await context.newPage();
    await page.goto(`${site.origin}/pages/interactions/sign-in`);
    expect(await page.isVisible('#passkey')).toBe(false);
    await page.fill('#identifier', '0912 345 678');
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await page.press('#identifier', 'Enter');
    const body = new URLSearchParams((await sent).postData() ?? '');
    expect(Object.fromEntries(body)).toEqual({ csrf: 'token', identifier: '0912 345 678', continue: 'yes' });
    await page.goto(`${site.origin}/pages/self-service/add-passkey`);
    expect(await page.isVisible('noscript .notice')).toBe(true);
    await context.close();
  });
});
