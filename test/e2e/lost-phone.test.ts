import { afterAll, beforeAll, expect, test } from 'vitest';
import { aSheet, letItPass, messageSaying } from '../support/recovery-pages.ts';
import { effort } from './effort.ts';
import { type Sites, startSites } from './sites.ts';
import { press, visit } from './visitor.ts';

let sites: Sites;
beforeAll(async () => {
  sites = await startSites([]);
});
afterAll(() => sites?.end());

test('a telephone is lost: printed code and the number on a new SIM, a day of waiting, and a passkey on a new telephone', async () => {
  const claimant = sites.claimant('level-2-chip-face');
  const phone = sites.persona('level-2-chip-face').phone ?? '';
  const subscriberId = (await sites.app.parts.subscribers.locate(claimant.identifier))?.id ?? '';
  const codes = await aSheet(sites, subscriberId);
  // A new telephone: another browser, with nothing in it.
  await visit(async ({ page, see, words, addAuthenticator }) => {
    await addAuthenticator();
    const spent = effort();
    await page.goto(`${sites.issuer}/recover`);
    await spent.fill(page, '#identifier', claimant.identifier);
    await spent.press(page, '#continue');
    await spent.press(page, '#method-printed-code');
    await spent.fill(page, '#code', codes[1] ?? '');
    await spent.press(page, '#continue');
    await spent.press(page, '#method-own-phone');
    await see('60-code-to-phone');
    const text = await messageSaying(sites, /mã khôi phục tài khoản/, phone);
    await spent.fill(page, '#code', /#(\d{6})/.exec(text)?.[1] ?? '');
    await spent.press(page, '#continue');
    await see('61-waiting');
    expect(await words()).toMatch(/Còn (23 giờ 59|24 giờ 0) phút/);
    await spent.wait(page);
    await letItPass(sites, subscriberId);
    await spent.press(page, '#again');
    await see('62-ready');
    expect(await words()).toContain('Mức 2 tạm chưa dùng được');
    // The boxes are the password's too; what is ticked goes with the passkey as well.
    const ticked = await page
      .locator('input[name^="lost-"]:checked')
      .evaluateAll((boxes) => boxes.map(({ id }) => id.replace('lost-', '')));
    expect(ticked.length).toBeGreaterThan(1);
    const [kept = '', ...gone] = ticked;
    await page.uncheck(`#lost-${kept}`);
    await spent.press(page, '#continue');
    const left = (await sites.app.parts.authenticators.of(subscriberId)).map(({ id }) => id);
    expect(left).toContain(kept);
    expect(left.filter((id) => gone.includes(id))).toEqual([]);
    await spent.press(page, '#account');
    // The new passkey offers itself in the field of the sign-in page: one tap, which the device gives here.
    spent.touch();
    await page.waitForURL(`${sites.issuer}/account`);
    expect(spent.tell('lost phone, printed code and telephone')).toBeLessThan(600);
  });
  expect(await sites.app.parts.subscribers.find(subscriberId)).toMatchObject({ accountLevel: 1, recordedLevel: 2 });
});

test('a notice stops it in a browser that knows nothing of it', async () => {
  const claimant = sites.claimant('level-1');
  const persona = sites.persona('level-1');
  const subscriberId = (await sites.app.parts.subscribers.locate(claimant.identifier))?.id ?? '';
  const codes = await aSheet(sites, subscriberId);
  await visit(async ({ page }) => {
    await page.goto(`${sites.issuer}/recover`);
    await page.fill('#identifier', claimant.identifier);
    await press(page, '#continue');
    await press(page, '#method-printed-code');
    await page.fill('#code', codes[0] ?? '');
    await press(page, '#continue');
  });
  const text = await messageSaying(sites, /recover\/cancel\//, persona.phone);
  await visit(async ({ page, see, words }) => {
    await page.goto(/http\S+\/recover\/cancel\/[0-9A-Z]{16}/.exec(text)?.[0] ?? '');
    await see('65-stop');
    await press(page, '#continue');
    await see('66-stopped');
    await press(page, '#lock-account');
    await see('67-locked');
    expect(await words()).toContain('Tài khoản đã bị khóa');
  });
});
