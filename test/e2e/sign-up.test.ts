import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawPerson } from '../../src/sandbox/cards/portraits/drawing.ts';
import { NEWCOMERS } from '../../src/sandbox/newcomers.ts';
import { type Sites, startSites } from './sites.ts';
import { press, visit } from './visitor.ts';

let sites: Sites;
beforeAll(async () => {
  sites = await startSites(['portal']);
});
afterAll(() => sites?.end());

/** What a telephone of the sandbox has received, the newest first, as its API tells it. */
async function messagesTo(phone: string): Promise<string[]> {
  const answer = await fetch(`${sites.issuer}/sandbox/messages.json`);
  const { messages } = (await answer.json()) as { messages: { to: string; text: string }[] };
  return messages.filter(({ to }) => to === phone).map(({ text }) => text);
}
/** What a message to this telephone says, once it has come; `after` so many others. */
async function found(phone: string, pattern: RegExp, after = 0): Promise<string> {
  for (let tries = 0; tries < 400; tries += 1) {
    const messages = await messagesTo(phone);
    const match = messages.slice(0, messages.length - after).map((text) => pattern.exec(text)?.[1]);
    const first = match.find((one) => one !== undefined);
    if (first !== undefined) return first;
    await setTimeout(50);
  }
  throw new Error(`no message with ${pattern}: ${(await messagesTo(phone)).join(' | ')}`);
}

/** Somebody of the register without an account. */
const newcomer = (id: string) => {
  const one = NEWCOMERS.find((each) => each.id === id);
  if (!one?.phone) throw new Error(`nobody called ${id} with a telephone`);
  return { ...one.person, phone: one.phone };
};

async function fillIdentity(page: Page, who: { identityNumber: string; fullName: string; birthdate: string }) {
  const [year = '', month = '', day = ''] = who.birthdate.split('-');
  await page.fill('#identityNumber', who.identityNumber.replace(/(\d{3})(\d{3})/, '$1 $2 '));
  await page.fill('#fullName', who.fullName);
  await page.fill('#day', day);
  await page.fill('#month', month);
  await page.fill('#year', year);
}

test('a newcomer signs up on a telephone, activates with a passkey, and signs in at the portal with it', async () => {
  const suong = newcomer('one-word');
  await visit(async ({ page, see, words, addAuthenticator }) => {
    await addAuthenticator();
    await page.goto(sites.portal);
    await press(page, 'a[href="/sign-in"]');
    await press(page, '#sign-up');
    await see('sign-up-01-start');
    await press(page, '#begin');
    // What is missing is said beside its field, and nothing of it is about the register.
    await press(page, '#continue');
    expect(await words('.error-summary')).toContain('Nhập số định danh');
    await see('sign-up-02-identity');
    await fillIdentity(page, suong);
    await press(page, '#continue');
    await see('sign-up-03-phone');
    await page.fill('#phone', suong.phone.replace('+84', '0'));
    await press(page, '#continue');
    await see('sign-up-04-code');
    await page.fill('#code', await found(suong.phone, /#(\d{6})$/));
    await press(page, '#continue');
    await see('sign-up-05-privacy');
    expect(await page.isChecked('#agree')).toBe(false);
    await press(page, '#continue');
    expect(await words('.error-summary')).toContain('không thể tiếp tục trực tuyến');
    await page.check('#agree');
    await press(page, '#continue');
    await see('sign-up-06-face');
    const buffer = await drawPerson(suong.identityNumber);
    await page.setInputFiles('#picture', { name: 'me.jpg', mimeType: 'image/jpeg', buffer });
    await expect.poll(() => words('#camera-state')).toContain('Đã có ảnh');
    await press(page, '#continue');
    await see('sign-up-07-summary');
    expect(await words('dl.rows')).toContain('Sương');
    await press(page, '#continue');
    await see('sign-up-08-submitted');
    expect(new URL(page.url()).pathname).toBe('/sign-up/submitted');
    expect(await words('#reference')).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);

    const code = await found(suong.phone, /mã ([0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{4})/);
    await press(page, '#status');
    expect(await words()).toContain('Đã được duyệt');
    await see('sign-up-09-approved');
    await press(page, '#activate');
    await page.fill('#code', code.toLowerCase());
    await see('sign-up-10-activate');
    const before = (await messagesTo(suong.phone)).length;
    await press(page, '#continue');
    await page.fill('#code', await found(suong.phone, /#(\d{6})$/, before));
    await press(page, '#continue');
    await see('sign-up-11-ways');
    await page.fill('#name', 'Điện thoại của Sương');
    await press(page, '#continue');
    await see('sign-up-12-activated');
    expect(await words()).toContain('Tài khoản đã sẵn sàng');

    // The device answers the prompt that waits in the field; nobody types or presses.
    await page.goto(sites.portal);
    await page.click('a[href="/sign-in"]');
    await page.waitForSelector('#agree');
    await press(page, '#agree');
    expect(await words('#citizen')).toBe('Sương ● mức 1');
    await page.goto(`${sites.issuer}/account`);
    expect(await words()).toContain('Sương');
    await see('sign-up-13-my-account');
  });
});

test('without script the form is the same, and the picture goes as it is', async () => {
  const my = newcomer('many-words');
  await visit(
    async ({ page, words }) => {
      await page.goto(`${sites.issuer}/sign-up/identity`);
      await fillIdentity(page, my);
      await press(page, '#continue');
      await page.fill('#phone', my.phone);
      await press(page, '#continue');
      await page.fill('#code', await found(my.phone, /#(\d{6})$/));
      await press(page, '#continue');
      await page.check('#agree');
      await press(page, '#continue');
      const buffer = await drawPerson(my.identityNumber);
      await page.setInputFiles('#picture', { name: 'me.jpg', mimeType: 'image/jpeg', buffer });
      await press(page, '#continue');
      await press(page, '#continue');
      expect(await words()).toContain('Chúng tôi đã nhận hồ sơ');
      const code = await found(my.phone, /mã ([0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{4})/);
      await page.goto(`${sites.issuer}/sign-up/activate`);
      await page.fill('#code', code);
      const before = (await messagesTo(my.phone)).length;
      await press(page, '#continue');
      await page.fill('#code', await found(my.phone, /#(\d{6})$/, before));
      await press(page, '#continue');
      await page.click('summary');
      await page.fill('#password', 'mười hai con cá chép đỏ');
      await press(page, '#by-password');
      expect(await words()).toContain('Tài khoản đã sẵn sàng');
    },
    { javaScriptEnabled: false },
  );
});
