import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aSheet, letItPass, messageSaying } from '../support/recovery-pages.ts';
import { type Sites, startSites } from './sites.ts';
import { press, typeCode, typePassword, type Visitor, visit } from './visitor.ts';

let sites: Sites;
beforeAll(async () => {
  sites = await startSites([]);
});
afterAll(() => sites?.end());

/** What the way costs a person: presses of a button or link, and fields filled. */
interface Effort {
  presses: number;
  fields: number;
  readonly since: number;
}
const effort = (): Effort => ({ presses: 0, fields: 0, since: Date.now() });
const pressed = async (page: Page, selector: string, spent: Effort): Promise<void> => {
  spent.presses += 1;
  await press(page, selector);
};
const filled = async (page: Page, selector: string, value: string, spent: Effort): Promise<void> => {
  spent.fields += 1;
  await page.fill(selector, value);
};
const tell = (what: string, { presses, fields, since }: Effort): number => {
  const seconds = (Date.now() - since) / 1000;
  console.info(`${what}: ${presses} presses, ${fields} fields, ${seconds.toFixed(1)} s beside the waiting time`);
  return seconds;
};

/** Signs in, makes a sheet and keeps it; answers its codes. */
async function makeSheet({ page, see, words }: Visitor, persona: string): Promise<string[]> {
  const claimant = sites.claimant(persona);
  await page.goto(`${sites.issuer}/account/recovery`);
  await typePassword(page, claimant);
  if ((await page.locator('#kind-totp').count()) > 0) await press(page, '#kind-totp');
  if ((await page.locator('#code-form').count()) > 0) await typeCode(page, claimant);
  await see('50-prepared');
  await press(page, '#make-sheet');
  if ((await page.locator('#kind-totp').count()) > 0) {
    await press(page, '#kind-totp');
    await typeCode(page, claimant, 1);
  }
  await see('51-sheet');
  const codes = await page.locator('.codes li').allInnerTexts();
  expect(codes).toHaveLength(8);
  await page.emulateMedia({ media: 'print' });
  expect(await page.locator('#codes-form').isVisible()).toBe(false);
  expect(await page.locator('.sheet svg').isVisible()).toBe(true);
  await page.emulateMedia({ media: 'screen' });
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
  expect(download.suggestedFilename()).toBe('recovery-codes.txt');
  await page.fill('#code', 'AAAA-AAAA-AAAA-AAAA');
  await press(page, '#continue');
  expect(await words()).toContain('không có trên tờ mới');
  await page.fill('#code', (codes[2] ?? '').toLowerCase().replaceAll('-', ' '));
  await press(page, '#continue');
  expect(await words()).toContain('Còn 8 mã');
  return codes;
}

test('a telephone is lost: printed code and a passkey on another device lead to a working account', async () => {
  let codes: string[] = [];
  await visit(async (visitor) => {
    const { page, see, words, addAuthenticator } = visitor;
    codes = await makeSheet(visitor, 'foreign-resident');
    // A passkey that her tablet holds too.
    const tablet = await addAuthenticator({ synchronised: true });
    await page.goto(`${sites.issuer}/account/passkeys/new`);
    await page.fill('#name', 'Khóa đồng bộ');
    await press(page, '#continue');
    expect(await words('.notice')).toContain('Đã thêm khóa truy cập');

    // The new telephone: nobody is signed in on it.
    await page.context().clearCookies();
    await tablet.setPresent(false);
    const spent = effort();
    await page.goto(`${sites.issuer}/account`);
    await pressed(page, '#lost-phone', spent);
    await see('52-lost');
    await filled(page, '#identifier', sites.claimant('foreign-resident').identifier, spent);
    await pressed(page, '#continue', spent);
    await see('53-methods');
    await pressed(page, '#method-printed-code', spent);
    await see('54-printed-code');
    await filled(page, '#code', codes[0] ?? '', spent);
    await pressed(page, '#continue', spent);
    await see('55-second-method');
    await pressed(page, '#method-passkey', spent);
    await see('56-passkey');
    await tablet.setPresent(true);
    await pressed(page, '#passkey', spent);
    await see('57-new-passkey');
    expect(await words()).toContain('Tạo khóa truy cập mới');
    // What was proven with stays on the tablet; the new telephone makes a passkey of its own.
    await tablet.remove();
    await addAuthenticator();
    await pressed(page, '#continue', spent);
    await see('58-back');
    await pressed(page, '#account', spent);
    // The new passkey offers itself in the field of the sign-in page: one tap, which the device gives here.
    spent.presses += 1;
    await page.waitForURL(`${sites.issuer}/account`);
    expect(tell('lost phone, printed code and passkey', spent)).toBeLessThan(600);
    expect(await words('h1')).not.toBe('');
  });
});

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
    await filled(page, '#identifier', claimant.identifier, spent);
    await pressed(page, '#continue', spent);
    await pressed(page, '#method-printed-code', spent);
    await filled(page, '#code', codes[1] ?? '', spent);
    await pressed(page, '#continue', spent);
    await pressed(page, '#method-own-phone', spent);
    await see('60-code-to-phone');
    const text = await messageSaying(sites, /mã khôi phục tài khoản/, phone);
    await filled(page, '#code', /#(\d{6})/.exec(text)?.[1] ?? '', spent);
    await pressed(page, '#continue', spent);
    await see('61-waiting');
    expect(await words()).toMatch(/Còn (23 giờ 59|24 giờ 0) phút/);
    await letItPass(sites, subscriberId);
    await pressed(page, '#again', spent);
    await see('62-ready');
    expect(await words()).toContain('Mức 2 tạm chưa dùng được');
    await pressed(page, '#continue', spent);
    await pressed(page, '#account', spent);
    // The new passkey offers itself in the field of the sign-in page: one tap, which the device gives here.
    spent.presses += 1;
    await page.waitForURL(`${sites.issuer}/account`);
    expect(tell('lost phone, printed code and telephone', spent)).toBeLessThan(600);
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
