import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sql } from '../../src/platform/sql.ts';
import { accessibilityFaults } from './pages/faults.ts';
import { type Sites, startSites } from './sites.ts';
import { press, proveCard, typePassword, visit } from './visitor.ts';

// A machine that is put up for everybody: a short time, and nothing left for whoever comes next.
let sites: Sites;
beforeAll(async () => {
  sites = await startSites(['airline'], { KIOSK_ADDRESSES: '127.0.0.0/8,::1', HASHING_SLOTS: '32' });
});
afterAll(() => sites?.end());

const name = (): string => sites.persona('single-name').name;

/** What a browser has kept of us. */
const left = (page: Page): Promise<unknown> =>
  page.evaluate(`(async () => ({
    cookies: document.cookie,
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }))()`);
const NOTHING = { cookies: '', local: 0, session: 0, databases: 0, caches: 0, workers: 0 };

async function signedIn(page: Page): Promise<void> {
  await page.goto(`${sites.issuer}/account`);
  await typePassword(page, sites.claimant('single-name'));
}

describe('the button on every page', () => {
  test('signs out, and leaves no cookie, no storage and nothing behind the back button', async () => {
    await visit(async ({ page, context, words }) => {
      await page.goto(`${sites.issuer}/?lang=en`);
      await page.goto(`${sites.issuer}/?lang=vi`);
      await page.goto(`${sites.issuer}/?text=large`);
      await signedIn(page);
      expect(await words()).toContain(name());
      // None of them would outlive the browser.
      const cookies = await context.cookies(sites.issuer);
      expect(cookies.length).toBeGreaterThan(2);
      for (const cookie of cookies) expect(cookie.expires, cookie.name).toBe(-1);
      await page.goto(`${sites.issuer}/account/history`);
      await page.goto(`${sites.issuer}/account`);
      expect(await accessibilityFaults(page)).toEqual([]);

      await press(page, '#kiosk-done');
      expect(new URL(page.url()).pathname).toBe('/kiosk/cleared');
      expect(await words('h1')).toBe('Đã xóa hết');
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(await context.cookies(sites.issuer)).toEqual([]);
      expect(await left(page)).toEqual(NOTHING);
      for (let back = 0; back < 3; back += 1) {
        await page.goBack({ waitUntil: 'load' });
        expect(await page.textContent('body'), page.url()).not.toContain(name());
      }
      await page.goto(`${sites.issuer}/account`);
      expect(await page.inputValue('#identifier')).toBe('');
      const [open] = await sites.database.rows({
        text: 'SELECT count(*)::int AS n FROM sessions WHERE ended_at IS NULL AND account_id IS NOT NULL',
        values: [],
      } as never);
      expect(open).toEqual({ n: 0 });
    });
  });

  test('stands in the middle of a relying party’s sign-in too, where nothing is filled in or remembered', async () => {
    await visit(async ({ page }) => {
      await page.goto(`${sites.airline}/sign-in`);
      const offered = (): Promise<string[]> =>
        page
          .locator('input:not([type=hidden])')
          .evaluateAll((inputs) => inputs.map((one) => (one as unknown as { autocomplete: string }).autocomplete));
      expect(await offered()).toEqual(['off']);
      await page.fill('#identifier', sites.claimant('single-name').identifier);
      await press(page, '#continue');
      expect(await offered()).toEqual(['off', 'off']);
      await press(page, '#kiosk-done');
      // The page was the answer to a post: the browser has nothing of it left to show.
      await expect(page.goBack({ waitUntil: 'load' })).rejects.toThrow('ERR_CACHE_MISS');
    });
  });
});

describe('with two tabs', () => {
  test('what is cleared in one is shown in none, and the next person’s keys keep nothing of the first one’s', async () => {
    await visit(async ({ page, context, words }) => {
      await signedIn(page);
      const other = await context.newPage();
      await other.goto(`${sites.issuer}/account`);
      expect(await other.textContent('body')).toContain(name());
      const shown: string[] = [];
      other.on('framenavigated', (frame) => shown.push(new URL(frame.url()).pathname));
      await press(page, '#kiosk-done');
      await other.waitForURL('**/kiosk/cleared');
      await expect.poll(() => other.textContent('h1')).toBe('Đã xóa hết');
      expect(await other.textContent('body')).not.toContain(name());
      await press(page, '#start');
      await page.goto(`${sites.issuer}/recover`);
      await page.keyboard.press('Shift');
      // What one tab was told it does not tell back.
      await page.waitForTimeout(3_500);
      expect(new URL(page.url()).pathname).toBe('/recover');
      expect(await words('h1')).not.toBe('Đã xóa hết');
      expect(shown).toEqual(['/kiosk/cleared']);
      // Nobody signs the next person out by going back in the other tab.
      const begun = await context.cookies(sites.issuer);
      expect(begun.map((one) => one.name)).toContain('senid-kiosk');
      await other.reload();
      expect(await other.textContent('h1')).toBe('Trang này đã được cất đi');
      expect(await accessibilityFaults(other)).toEqual([]);
      expect(await context.cookies(sites.issuer)).toEqual(begun);
    });
  });

  test('a tab of a visit that is over shows nothing of it once another one goes on, and ends nothing of that', async () => {
    await visit(async ({ page, context }) => {
      await signedIn(page);
      const other = await context.newPage();
      await context.clearCookies();
      await other.goto(`${sites.issuer}/recover`);
      const begun = await context.cookies(sites.issuer);
      await other.goto(`${sites.issuer}/recover`);
      await page.waitForURL('**/kiosk/cleared');
      await expect.poll(() => page.textContent('h1')).toBe('Trang này đã được cất đi');
      expect(await page.textContent('body')).not.toContain(name());
      expect(await context.cookies(sites.issuer)).toEqual(begun);
      expect(new URL(other.url()).pathname).toBe('/recover');
    });
  });

  test('what the browser keeps of a page to go back to is empty', async () => {
    await visit(async ({ page }) => {
      await signedIn(page);
      await page.evaluate(`window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))`);
      expect(await page.textContent('body')).toBe('');
    });
  });
});

/** Two minutes go by at the server too. */
async function silence(then: () => Promise<void>): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(Date.now() + 121_000);
  try {
    await then();
  } finally {
    vi.useRealTimers();
  }
}

describe('when nobody touches it', () => {
  test('asks a minute before, stays for whoever answers, and clears everything when nobody does', async () => {
    await visit(async ({ page, context, words }) => {
      await page.clock.install();
      await signedIn(page);
      await page.clock.runFor(58_000);
      expect(await page.isVisible('#kiosk-dialog')).toBe(false);
      await page.clock.runFor(5_000);
      expect(await page.isVisible('#kiosk-dialog')).toBe(true);
      expect(await words('#kiosk-dialog')).toContain('60 giây nữa');
      expect(await page.evaluate('document.activeElement.id')).toBe('kiosk-stay');
      expect(await accessibilityFaults(page)).toEqual([]);
      const kept = page.waitForResponse(/\/kiosk\/stay\?/);
      await page.keyboard.press('Enter');
      expect((await kept).status()).toBe(204);
      expect(await page.isVisible('#kiosk-dialog')).toBe(false);
      // Again and again, as often as somebody answers.
      await page.clock.runFor(63_000);
      await page.keyboard.press('Escape');
      await page.clock.runFor(63_000);
      expect(await page.isVisible('#kiosk-dialog')).toBe(true);
      // Somebody works in another tab of ours: this one clears nothing.
      const other = await context.newPage();
      await other.goto(`${sites.issuer}/help`);
      await other.keyboard.press('Shift');
      await expect.poll(() => page.isVisible('#kiosk-dialog')).toBe(false);
      await other.close();
      await page.clock.runFor(63_000);
      // A tab of somebody else's visit says nothing of whoever was here.
      const says = (visit: string) =>
        `new BroadcastChannel('senid-kiosk').postMessage(${JSON.stringify({ says: 'here', visit })})`;
      await page.evaluate(says('another'));
      await page.clock.runFor(2_000);
      expect(await page.isVisible('#kiosk-dialog')).toBe(true);
      await silence(async () => {
        const gone = page.waitForURL('**/kiosk/cleared');
        await page.clock.runFor(60_000);
        await gone;
        expect(await words('h1')).toBe('Đã xóa hết');
        expect(await context.cookies(sites.issuer)).toEqual([]);
      });
    });
  });

  test('the server counts from the last sign of somebody, the ones that come close together included', async () => {
    await visit(async ({ page }) => {
      await page.clock.install();
      await signedIn(page);
      const told: string[] = [];
      page.on('response', (response) => {
        if (new URL(response.url()).pathname === '/kiosk/stay') told.push(String(response.status()));
      });
      const seen = async () =>
        (await sites.database.rows<{ at: Date }>(sql`SELECT max(seen_at) AS at FROM kiosk_visits`))[0]?.at.getTime() ??
        0;
      const before = await seen();
      await page.keyboard.press('Shift');
      await page.clock.runFor(8_000);
      await page.keyboard.press('Shift');
      expect(told).toEqual([]);
      await page.clock.runFor(8_000);
      await expect.poll(() => told).toEqual(['204']);
      expect(await seen()).toBeGreaterThan(before);
      // Once: nobody has done anything since.
      await page.clock.runFor(40_000);
      expect(told).toEqual(['204']);
    });
  });

  test('whoever answers too late is told by the server: the page shows nothing of the person any more', async () => {
    await visit(async ({ page, context, words }) => {
      await page.clock.install();
      await signedIn(page);
      await page.clock.runFor(63_000);
      expect(await page.isVisible('#kiosk-dialog')).toBe(true);
      await silence(async () => {
        const gone = page.waitForURL('**/kiosk/cleared');
        await page.keyboard.press('Enter');
        await gone;
        expect(await words('h1')).toBe('Đã xóa hết');
        expect(await page.textContent('body')).not.toContain(name());
        expect(await context.cookies(sites.issuer)).toEqual([]);
      });
    });
  });

  test('without script the page asks too, leads back, and clears by itself', async () => {
    await visit(
      async ({ page, words }) => {
        await page.goto(`${sites.issuer}/help`);
        const refresh = await page.getAttribute('noscript meta[http-equiv=refresh]', 'content');
        expect(refresh).toBe('60; url=/kiosk/still-there?back=%2Fhelp');
        const asked = await page.goto(`${sites.issuer}/kiosk/still-there?back=%2Fhelp`);
        expect(asked?.headers().refresh).toBe('60; url=/kiosk/cleared');
        expect(await words('h1')).toBe('Bạn còn ở đây không?');
        await press(page, '#stay');
        expect(new URL(page.url()).pathname).toBe('/help');
        await page.goto(`${sites.issuer}/kiosk/still-there?back=https://evil.example`);
        expect(await page.getAttribute('#stay', 'href')).toBe('/');
        await press(page, '#kiosk-done');
        expect(await words('h1')).toBe('Đã xóa hết');
      },
      { javaScriptEnabled: false },
    );
  });
});

test('a passkey may be made on the person’s own device, never on this machine', async () => {
  await visit(async ({ context, page, addAuthenticator, words }) => {
    const stick = await addAuthenticator({ transport: 'usb' });
    await page.goto(`${sites.issuer}/account/passkeys/new`);
    await typePassword(page, sites.claimant('single-name'));
    await proveCard(context, page, 'single-name.genuine');
    expect(await words()).toContain('Khóa truy cập không được ở lại máy này');
    const options = JSON.parse((await page.getAttribute('#register-form', 'data-options')) ?? '{}');
    expect(options).toMatchObject({
      hints: ['hybrid'],
      authenticatorSelection: { authenticatorAttachment: 'cross-platform' },
    });
    // A browser that does what it likes: the answer says where the passkey is.
    await page.evaluate(`(() => {
      const create = navigator.credentials.create.bind(navigator.credentials);
      navigator.credentials.create = async (options) => {
        const made = await create(options);
        const json = { ...made.toJSON(), authenticatorAttachment: 'platform' };
        return { toJSON: () => json };
      };
    })()`);
    await press(page, '#continue');
    expect(await words('#error-summary')).toContain('nằm trong máy dùng chung này');
    await stick.remove();
    await addAuthenticator({ transport: 'usb' });
    await press(page, '#continue');
    expect(new URL(page.url()).pathname).toBe('/account/authenticators');
  });
});

test('recovery codes are shown to be copied by hand: no print, no file', async () => {
  await visit(async ({ context, page, words }) => {
    await page.goto(`${sites.issuer}/account/recovery-codes/new`);
    await typePassword(page, sites.claimant('single-name'));
    await proveCard(context, page, 'single-name.genuine');
    expect(await words()).toContain('Đây là máy dùng chung');
    expect(await page.locator('#download').count()).toBe(0);
    await page.emulateMedia({ media: 'print' });
    expect(await page.isVisible('main')).toBe(false);
    expect(await page.isVisible('.kiosk-no-print')).toBe(true);
  });
});
