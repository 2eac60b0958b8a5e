import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VirtualAuthenticator } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { type Sites, startSites } from './sites.ts';
import { press, typeCode, typePassword, type Visitor, visit } from './visitor.ts';

let sites: Sites;
beforeAll(async () => {
  sites = await startSites(['airline', 'bank', 'portal']);
});
afterAll(() => sites?.end());

/** Somebody who has bound a passkey in this browser and is signed in nowhere. */
async function withPasskey(
  { context, page, addAuthenticator }: Visitor,
  persona: string,
): Promise<VirtualAuthenticator> {
  const device = await addAuthenticator();
  await page.goto(`${sites.issuer}/account/passkeys/new`);
  await typePassword(page, sites.claimant(persona));
  if (await page.locator('#kind-totp').count()) await press(page, '#kind-totp');
  await typeCode(page, sites.claimant(persona));
  await press(page, '#continue');
  await context.clearCookies();
  return device;
}

describe('the bank', () => {
  test('signs in by FAPI 2.0 with a passkey, sends 5,000,000 and refuses more than 10,000,000 with a plain reason', async () => {
    await visit(async (visitor) => {
      const { page, see, words } = visitor;
      await withPasskey(visitor, 'level-2-chip-face');
      await page.goto(sites.bank);
      await see('30-bank');
      await page.click('a[href="/sign-in"]');
      // The passkey answers from the identifier field.
      await page.waitForSelector('#agree');
      await see('31-bank-consent');
      await press(page, '#agree');
      expect(await words('#customer')).toBe(sites.persona('level-2-chip-face').name);
      await see('32-bank-account');
      expect(JSON.parse(await words('#id-token'))).toMatchObject({
        acr: `${sites.issuer}/assurance/test/level-2`,
        phishing_resistant: true,
      });
      const transfer = async (amount: string): Promise<void> => {
        await page.fill('#to', 'Lan Anh');
        await page.fill('#amount', amount);
        await press(page, 'form[action="/transfer"] button');
      };
      await transfer('5.000.000');
      expect(await words('[role=status]')).toContain('Đã chuyển 5.000.000 ₫ cho Lan Anh');
      expect(await words('#balance')).toBe('43.500.000 ₫');
      await see('33-bank-sent');

      await transfer('12.000.000');
      await see('34-level-3');
      expect(new URL(page.url()).origin).toBe(sites.issuer);
      expect(await words()).toContain('mức 3');
      await press(page, '#continue');
      expect(await words('[role=alert]')).toContain('chưa được chuyển');
      await see('35-bank-refused');
      await page.goto(sites.bank);
      expect(await words('#balance')).toBe('43.500.000 ₫');
    });
  });
});

describe('the portal', () => {
  test('knows a citizen by password, steps up for one procedure and says why; signing out there ends the airline and the bank', async () => {
    await visit(async (visitor) => {
      const { page, see, words } = visitor;
      const device = await withPasskey(visitor, 'no-phone');
      const person = sites.claimant('no-phone');
      const { name } = sites.persona('no-phone');
      await device.setPresent(false);
      await page.goto(sites.portal);
      await see('40-portal');
      await press(page, 'a[href="/sign-in"]');
      await typePassword(page, person);
      await see('41-portal-consent');
      await press(page, '#agree');
      expect(await words('#citizen')).toBe(`${name} ● mức 1`);
      await see('42-portal-signed-in');
      await press(page, 'a[href="/residence"]');
      await see('43-portal-step-up');
      expect(await words('aside.why')).toContain('Vì sao?');
      await device.setPresent(true);
      await press(page, '#kind-passkey');
      await press(page, '#passkey');
      expect(page.url()).toBe(`${sites.portal}/residence`);
      await see('44-portal-procedure');
      await press(page, 'form button');
      expect(await words('#citizen')).toBe(`${name} ● mức 2`);
      expect(await words('[role=status]')).toContain('Đã xác nhận');

      // The session of SenID is enough at the others; only consent is asked.
      await page.goto(`${sites.airline}/check-in`);
      await press(page, '#agree');
      expect(await words('h1')).toBe('Thẻ lên máy bay');
      await page.goto(`${sites.bank}/sign-in`);
      await press(page, '#agree');
      expect(await words('#customer')).toBe(name);

      await page.goto(sites.portal);
      await press(page, 'form[action="/sign-out"] button');
      await see('45-sign-out');
      expect(new URL(page.url()).origin).toBe(sites.issuer);
      await press(page, '#continue');
      expect(page.url()).toBe(`${sites.portal}/`);
      expect(await words()).toContain('Đăng nhập bằng SenID');
      const started = Date.now();
      for (const [site, signedIn] of [
        [sites.airline, '#passenger'],
        [sites.bank, '#customer'],
      ] as const) {
        await eventually(async () => {
          await page.goto(site);
          return page.locator(signedIn).count();
        }).toBe(0);
      }
      expect(Date.now() - started).toBeLessThan(10_000);
      await device.setPresent(false);
      await page.goto(`${sites.issuer}/account`);
      expect(await page.isVisible('#identifier')).toBe(true);
    });
  });
});
