import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NEWCOMERS } from '../../src/sandbox/newcomers.ts';
import type { VirtualAuthenticator } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { pictureOf } from '../support/pictures.ts';
import { messageSaying } from '../support/recovery-pages.ts';
import { messagesTo, phoneCode } from '../support/sign-up.ts';
import { effort } from './effort.ts';
import { type Sites, startSites } from './sites.ts';
import { press, typePassword, type Visitor, visit } from './visitor.ts';

let sites: Sites;
beforeAll(async () => {
  sites = await startSites(['airline', 'bank']);
});
afterAll(() => sites?.end());

/** Somebody of the register without an account. */
const newcomer = (id: string) => {
  const one = NEWCOMERS.find((each) => each.id === id);
  if (!one?.phone) throw new Error(`nobody called ${id} with a telephone`);
  return { ...one.person, phone: one.phone };
};
type Newcomer = ReturnType<typeof newcomer>;

async function fillIdentity(page: Page, who: Newcomer): Promise<void> {
  const [year = '', month = '', day = ''] = who.birthdate.split('-');
  await page.fill('#identityNumber', who.identityNumber.replace(/(\d{3})(\d{3})/, '$1 $2 '));
  await page.fill('#fullName', who.fullName);
  await page.fill('#day', day);
  await page.fill('#month', month);
  await page.fill('#year', year);
}
const pictureFile = async (who: Newcomer) => ({
  ...{ name: 'me.jpg', mimeType: 'image/jpeg' },
  buffer: await pictureOf(who.identityNumber),
});
const activationCode = async ({ phone }: Newcomer): Promise<string> =>
  /mã ([0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{4})/.exec(await messageSaying(sites, /mã [0-9A-Z]{5}-/, phone))?.[1] ?? '';
/** Does what sends a code, and types it. */
async function withCode(page: Page, { phone }: Newcomer, act: () => Promise<void>): Promise<void> {
  const before = (await messagesTo(sites.issuer, phone)).length;
  await act();
  await page.fill('#code', await phoneCode(sites, phone, before));
}

/** From the airline's door to an application that was approved. */
async function signUp({ page, see, words }: Visitor, who: Newcomer): Promise<void> {
  await page.goto(`${sites.airline}/sign-in`);
  await press(page, '#sign-up');
  await see('sign-up-01-start');
  await press(page, '#begin');
  // What is missing is said beside its field, and nothing of it is about the register.
  await press(page, '#continue');
  expect(await words('.error-summary')).toContain('Nhập số định danh');
  await see('sign-up-02-identity');
  await fillIdentity(page, who);
  await press(page, '#continue');
  await see('sign-up-03-phone');
  await page.fill('#phone', who.phone.replace('+84', '0'));
  await withCode(page, who, () => press(page, '#continue'));
  await see('sign-up-04-code');
  await press(page, '#continue');
  await see('sign-up-05-privacy');
  expect(await page.isChecked('#agree')).toBe(false);
  await press(page, '#continue');
  expect(await words('.error-summary')).toContain('không thể tiếp tục trực tuyến');
  await page.check('#agree');
  await press(page, '#continue');
  await see('sign-up-06-face');
  await page.setInputFiles('#picture', await pictureFile(who));
  await expect.poll(() => words('#camera-state')).toContain('Đã có ảnh');
  await press(page, '#continue');
  await see('sign-up-07-summary');
  expect(await words('dl.rows')).toContain(who.fullName);
  await press(page, '#continue');
  await see('sign-up-08-submitted');
  expect(await words('#reference')).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
  await activationCode(who);
  await press(page, '#status');
  expect(await words()).toContain('Đã được duyệt');
  await see('sign-up-09-approved');
}

/** Approved is not activated: the sign-in refuses her in the words it has for everybody. */
async function refusedTooEarly({ page, words }: Visitor, { identityNumber }: Newcomer): Promise<void> {
  const status = page.url();
  await page.goto(`${sites.airline}/sign-in`);
  await typePassword(page, { identifier: identityNumber, password: 'mật khẩu chưa ai đặt' });
  expect(await words('.error-summary')).toContain('Số hoặc mật khẩu chưa khớp');
  await page.goto(status);
}

/** The code of the message, the code to the telephone, and the first passkey. */
async function activate({ page, see, words }: Visitor, who: Newcomer): Promise<void> {
  await press(page, '#activate');
  await page.fill('#code', (await activationCode(who)).toLowerCase());
  await see('sign-up-10-activate');
  await withCode(page, who, () => press(page, '#continue'));
  await press(page, '#continue');
  await see('sign-up-11-ways');
  await page.fill('#name', 'Điện thoại cũ');
  await press(page, '#continue');
  await see('sign-up-12-activated');
  expect(await words()).toContain('Tài khoản đã sẵn sàng');
}

/** The device answers the prompt that waits in the field; nobody types or presses. The airline has a miles account for her. */
async function getsIn({ page, see, words }: Visitor): Promise<void> {
  await page.goto(`${sites.airline}/sign-in`);
  await page.waitForSelector('#agree');
  await press(page, '#agree');
  expect(await words('#passenger')).toBe('Sương ● mức 1');
  await page.goto(`${sites.issuer}/account`);
  expect(await words()).toContain('Sương');
  await see('sign-up-13-my-account');
}

/** A bank opens nothing at level 1: she reads why, and the bank has learnt nothing. */
async function refusedAtTheBank({ page, words }: Visitor): Promise<void> {
  await page.goto(`${sites.bank}/sign-in`);
  expect(await words()).toContain('cần tài khoản mức 2');
  await press(page, '#continue');
  expect(new URL(page.url()).origin).toBe(sites.bank);
  expect(await words('[role=alert]')).toContain('chưa chứng minh được mức mà dịch vụ này cần');
}

/** Makes a sheet of codes and keeps it; answers them. */
async function makeSheet({ page, see, words }: Visitor): Promise<string[]> {
  await page.goto(`${sites.issuer}/account/recovery`);
  await see('50-prepared');
  await press(page, '#make-sheet');
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

/** A passkey that her tablet holds too. */
async function addPasskey({ page, words, addAuthenticator }: Visitor): Promise<VirtualAuthenticator> {
  const tablet = await addAuthenticator({ synchronised: true });
  await page.goto(`${sites.issuer}/account/passkeys/new`);
  await page.fill('#name', 'Khóa trên máy tính bảng');
  await press(page, '#continue');
  expect(await words('.notice')).toContain('Đã thêm khóa truy cập');
  return tablet;
}

/** The new telephone, on which nobody is signed in: a printed code and the passkey of the tablet, then a passkey of its own. */
async function recover(
  { page, see, words, addAuthenticator }: Visitor,
  { codes, tablet, who }: { codes: readonly string[]; tablet: VirtualAuthenticator; who: Newcomer },
): Promise<void> {
  const spent = effort();
  await page.goto(`${sites.issuer}/account`);
  await spent.press(page, '#lost-phone');
  await see('52-lost');
  await spent.fill(page, '#identifier', who.identityNumber);
  await spent.press(page, '#continue');
  await see('53-methods');
  await spent.press(page, '#method-printed-code');
  await see('54-printed-code');
  await spent.fill(page, '#code', codes[0] ?? '');
  await spent.press(page, '#continue');
  await see('55-second-method');
  await spent.press(page, '#method-passkey');
  await see('56-passkey');
  await tablet.setPresent(true);
  await spent.press(page, '#passkey');
  await see('57-new-passkey');
  expect(await words()).toContain('Tạo khóa truy cập mới');
  await tablet.remove();
  await addAuthenticator();
  await spent.press(page, '#continue');
  await see('58-back');
  await spent.press(page, '#account');
  // The new passkey offers itself in the field of the sign-in page: one tap, which the device gives here.
  spent.touch();
  await page.waitForURL(`${sites.issuer}/account`);
  expect(spent.tell('lost phone, printed code and passkey')).toBeLessThan(600);
}

test('a citizen signs up, is refused where she should be, gets in, loses her telephone, recovers, and takes her consent back from an airline that learns of it', async () => {
  const suong = newcomer('one-word');
  await visit(async (visitor) => {
    const { context, page, words, addAuthenticator } = visitor;
    const phone = await addAuthenticator();
    await signUp(visitor, suong);
    await refusedTooEarly(visitor, suong);
    await activate(visitor, suong);
    await getsIn(visitor);
    await refusedAtTheBank(visitor);
    const codes = await makeSheet(visitor);
    // The other device makes the second passkey, not the one that has a passkey already.
    await phone.remove();
    const tablet = await addPasskey(visitor);

    await context.clearCookies();
    await tablet.setPresent(false);
    await recover(visitor, { codes, tablet, who: suong });

    await page.goto(`${sites.issuer}/account/history`);
    const history = await words('ul.cards');
    for (const line of ['Bắt đầu khôi phục tài khoản', 'Đã khôi phục tài khoản', 'Vào Hãng hàng không Lotus Air'])
      expect(history).toContain(line);

    // She is the same person there: what she agreed to still stands.
    await page.goto(`${sites.airline}/sign-in`);
    expect(await words('#passenger')).toBe('Sương ● mức 1');
    await page.goto(`${sites.issuer}/account/services`);
    await press(page, '#withdraw-sample-airline button');
    expect(await words('.notice')).toContain('Đã rút lại sự đồng ý');
    await eventually(async () => {
      await page.reload();
      return words('ul[aria-labelledby=withdrawals]');
    }).toMatch(/Hãng hàng không Lotus Air[\s\S]*Đã xác nhận/);
    await page.goto(sites.airline);
    expect(await words('[role=status]')).toContain('bạn đã rút lại sự đồng ý');
    expect(await page.locator('#passenger').count()).toBe(0);
    await page.goto(`${sites.issuer}/account/history`);
    expect(await words('ul.cards')).toContain('Rút lại sự đồng ý với Hãng hàng không Lotus Air');
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
      await withCode(page, my, () => press(page, '#continue'));
      await press(page, '#continue');
      await page.check('#agree');
      await press(page, '#continue');
      await page.setInputFiles('#picture', await pictureFile(my));
      await press(page, '#continue');
      await press(page, '#continue');
      expect(await words()).toContain('Chúng tôi đã nhận hồ sơ');
      const code = await activationCode(my);
      await page.goto(`${sites.issuer}/sign-up/activate`);
      await page.fill('#code', code);
      await withCode(page, my, () => press(page, '#continue'));
      await press(page, '#continue');
      await page.click('summary');
      await page.fill('#password', 'mười hai con cá chép đỏ');
      await press(page, '#by-password');
      expect(await words()).toContain('Tài khoản đã sẵn sàng');
    },
    { javaScriptEnabled: false },
  );
});
