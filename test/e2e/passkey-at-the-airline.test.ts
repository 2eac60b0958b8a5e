import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sites, startSites } from './sites.ts';
import { press, proveCard, typeCode, typePassword, visit } from './visitor.ts';

let sites: Sites;
beforeAll(async () => {
  sites = await startSites(['airline']);
});
afterAll(() => sites?.end());

test('a citizen learns why a password is not enough, adds a passkey and flies with it', async () => {
  // She has no Vietnamese card: whoever has one is asked for it instead.
  const ingrid = sites.claimant('foreign-resident');
  const { name } = sites.persona('foreign-resident');
  await visit(async ({ page, see, words, addAuthenticator }) => {
    await addAuthenticator();
    await page.goto(sites.airline);
    await see('01-airline');
    await press(page, 'a[href="/check-in"]');
    await see('02-sign-in');
    await page.fill('#identifier', ingrid.identifier);
    await press(page, '#continue');
    await see('03-password');
    await page.fill('#password', ingrid.password ?? '');
    await press(page, '#continue');
    await see('04-not-enough');
    expect(await words()).toContain('cần một cách xác thực mạnh');

    await press(page, '#add-passkey');
    await typePassword(page, ingrid);
    await see('05-step-up');
    await press(page, '#kind-totp');
    await see('06-one-time-code');
    await typeCode(page, ingrid);
    await see('07-add-passkey');
    await page.fill('#name', 'Máy của Ingrid');
    await press(page, '#continue');
    expect(new URL(page.url()).pathname).toBe('/account/authenticators');
    expect(await words('.notice')).toContain('Đã thêm khóa truy cập');
    expect(await words('ul.cards')).toContain('Máy của Ingrid');
    await see('08-my-account');
    await page.goto(`${sites.issuer}/sandbox/messages`);
    expect(await words('ul.cards')).toContain('a new way to sign in was added to your account: Máy của Ingrid');
    await see('09-notice');

    await page.goto(`${sites.airline}/check-in`);
    await see('10-step-up-to-passkey');
    await press(page, '#kind-passkey');
    await see('11-passkey');
    await press(page, '#passkey');
    await see('12-consent');
    expect(await words('dl.rows')).toContain(name);
    await press(page, '#agree');
    await see('13-boarding-pass');
    expect(await words('#passenger')).toBe(name);
    expect(await words('#boarding-pass')).toContain('mức 2');
    expect(JSON.parse(await words('#id-token'))).toMatchObject({
      iss: sites.issuer,
      aud: 'sample-airline',
      acr: `${sites.issuer}/assurance/test/level-2`,
      account_level: 2,
      authentication_level: 2,
      phishing_resistant: true,
    });
  });
});

test('the passkey signs in from the field by itself and by its button, is renamed, and removed when another is there', async () => {
  const quang = sites.claimant('level-2-chip-face');
  await visit(async ({ context, page, see, words, addAuthenticator }) => {
    const device = await addAuthenticator({ synchronised: true });
    await page.goto(`${sites.issuer}/account/passkeys/new`);
    await typePassword(page, quang);
    await see('20-step-up-to-card');
    await proveCard(context, page, 'level-2-chip-face.genuine');
    await press(page, '#continue');
    expect(await words('ul.cards')).toContain('Đồng bộ giữa các thiết bị');

    // Autofill: the virtual device answers the prompt that waits in the identifier field; nobody types or presses.
    await context.clearCookies();
    await page.goto(`${sites.airline}/check-in`);
    await page.waitForURL(/\/interaction\/.*/);
    await page.waitForSelector('#agree');
    await press(page, '#agree');
    expect(await words('h1')).toBe('Thẻ lên máy bay');

    await context.clearCookies();
    await device.setPresent(false);
    await page.goto(`${sites.airline}/check-in`);
    await page.waitForSelector('#passkey');
    await device.setPresent(true);
    await press(page, '#passkey');
    expect(await words('h1')).toBe('Thẻ lên máy bay');

    await page.goto(`${sites.issuer}/account/authenticators`);
    await press(page, 'ul.cards > li:last-child a[href$="/rename"]');
    await see('21-rename');
    await page.fill('#name', 'Khóa ở nhà');
    await press(page, '#continue');
    expect(await words('ul.cards')).toContain('Khóa ở nhà');
    // A card beside the password is strong too: while it is there, the passkey may go; without it, it stays.
    await press(page, 'ul.cards > li:has-text("Khóa ở nhà") a[href$="/remove"]');
    expect(await page.locator('#remove-form').count()).toBe(1);
    await press(page, '#cancel');
    await press(page, 'ul.cards > li:has-text("Thẻ căn cước") a[href$="/remove"]');
    await press(page, '#continue');
    await press(page, 'ul.cards > li:has-text("Khóa ở nhà") a[href$="/remove"]');
    expect(await words()).toContain('cần ít nhất một cách xác thực mạnh');
    await see('22-last-passkey-stays');

    await device.remove();
    await addAuthenticator({ transport: 'usb' });
    await page.goto(`${sites.issuer}/account/authenticators`);
    await press(page, '#add-passkey');
    await page.fill('#name', 'Khóa USB');
    await press(page, '#continue');
    await press(page, 'ul.cards > li:has-text("Khóa ở nhà") a[href$="/remove"]');
    await see('23-remove');
    await press(page, '#continue');
    await see('24-removed');
    expect(await words('ul.cards')).not.toContain('Khóa ở nhà');
    expect(await words('ul.cards')).toContain('Khóa USB');
    await page.goto(`${sites.issuer}/sandbox/messages`);
    expect(await words('ul.cards')).toContain('vừa gỡ một cách đăng nhập: Khóa ở nhà');
  });
});

test('somebody known at level 1 reads that this is the account, not the sign-in, and goes back to the airline', async () => {
  await visit(async ({ page, see, words }) => {
    await page.goto(`${sites.airline}/check-in`);
    await typePassword(page, sites.claimant('level-1'));
    await see('25-level-1');
    expect(await words()).toContain('cần tài khoản mức 2');
    expect(await page.locator('#add-passkey').count()).toBe(0);
    await press(page, '#continue');
    expect(new URL(page.url()).origin).toBe(sites.airline);
    expect(await words('[role=alert]')).toContain('chưa chứng minh được mức mà dịch vụ này cần');
    await see('26-back-at-the-airline');
  });
});
