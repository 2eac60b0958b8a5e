import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VirtualAuthenticator } from '../support/browser.ts';
import { type Invented, inventedOperators, seatOf } from '../support/console.ts';
import { anOfficer } from '../support/counter.ts';
import { eventually } from '../support/eventually.ts';
import { pictureOf } from '../support/pictures.ts';
import { type Sites, startSites } from './sites.ts';
import { press, proveCard, typePassword, type Visitor, visit } from './visitor.ts';

let sites: Sites;
beforeAll(async () => {
  sites = await startSites(['airline', 'bank', 'portal', 'clinic']);
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
  // What an account has that is strong is asked for before anything is added: here the card.
  await proveCard(context, page, `${persona}.genuine`);
  await press(page, '#continue');
  await context.clearCookies();
  return device;
}

test('the clinic checks who stands at its counter by card and face, and refuses another’s face and a picture of one', async () => {
  const { name } = sites.persona('level-2-chip');
  await visit(async ({ page, see, words }) => {
    const check = async (purpose: string, choose: Record<string, string>) => {
      await page.goto(sites.clinic);
      await press(page, `button[value="${purpose}"]`);
      for (const [id, value] of Object.entries(choose)) await page.selectOption(`#${id}`, value);
    };
    const hers = { card: 'level-2-chip.genuine', person: 'level-2-chip' };
    await page.goto(sites.clinic);
    await see('39-clinic');
    await check('reception', hers);
    // What she is told before the card is laid down, in both languages.
    expect(await words()).toContain('Phòng khám Hoa Sen muốn kiểm tra thẻ căn cước và khuôn mặt của bạn');
    expect(await words()).toContain('Lotus Clinic would like to check your identity card and your face');
    await see('39-clinic-told');
    await press(page, 'form[action="/card"] button');
    expect(await words('#outcome')).toContain('Đúng người');
    expect(await words('dl')).toContain(name);
    expect(await words('#id-token-header')).toContain('verification-result+jwt');
    expect(JSON.parse(await words('#id-token'))).toMatchObject({ aud: 'sample-clinic', verified: true });
    await see('39-clinic-checked');
    await check('reception', { ...hers, person: 'level-2-chip-face' });
    await press(page, 'form[action="/card"] button');
    expect(await words('#outcome')).toContain('không phải của người trên thẻ');
    expect(await words()).not.toContain(name);
    await see('39-clinic-refused');
    await check('reception', { ...hers, mark: 'screen' });
    await press(page, 'form[action="/card"] button');
    expect(await words('#outcome')).toContain('Không thấy người thật');
    // A blurred picture costs nobody the card once more.
    await check('reception', { ...hers, mark: 'blurred' });
    await press(page, 'form[action="/card"] button');
    await page.selectOption('#person', 'level-2-chip');
    await press(page, 'form[action="/card"] button');
    expect(await words('#outcome')).toContain('Đúng người');
    await check('pharmacy', { card: 'child.genuine' });
    expect(await page.locator('#person').count()).toBe(0);
    await press(page, 'form[action="/card"] button');
    expect(await words('dl')).toMatch(/age_over_18\s+false/);
  });
});

describe('the bank', () => {
  test('signs in by FAPI 2.0 with a passkey, sends 5,000,000, and more than 10,000,000 with passkey and face alone', async () => {
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

      // What is missing is a face, and where it is added stands on the page that says so.
      await transfer('12.000.000');
      await press(page, '#add-face');
      await see('36-add-face');
      const { identityNumber } = sites.persona('level-2-chip-face') as unknown as { identityNumber: string };
      const shows = async (of: string, mark: 'plain' | 'screen' = 'plain'): Promise<void> => {
        const buffer = await pictureOf(of, mark);
        await page.setInputFiles('#picture', { name: 'face.jpg', mimeType: 'image/jpeg', buffer });
        await press(page, '#continue');
      };
      await shows(identityNumber, 'screen');
      expect(await words('#picture-error')).toContain('Chưa xác nhận được đó là bạn');
      await shows(identityNumber);
      expect(await words('[role=status]')).toContain('Đã thêm xác thực khuôn mặt');

      await page.goto(sites.bank);
      await transfer('12.000.000');
      await see('37-level-3-by-face');
      await press(page, '#kind-face');
      await see('38-face');
      await shows((sites.persona('level-1') as unknown as { identityNumber: string }).identityNumber);
      expect(await words('#picture-error')).toContain('Chưa xác nhận được đó là bạn');
      await shows(identityNumber);
      expect(await words('[role=status]')).toContain('Đã chuyển 12.000.000 ₫ cho Lan Anh');
      expect(await words('#balance')).toBe('31.500.000 ₫');
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

/** An invented officer comes in by their invitation, with a passkey of this browser's own. */
async function comeIn({ page, addAuthenticator }: Visitor, { invitation, identityNumber }: Invented): Promise<void> {
  await addAuthenticator();
  await page.goto(invitation);
  await page.fill('#identityNumber', identityNumber);
  await press(page, '#continue');
  await press(page, '#continue');
  await press(page, '#passkey');
}

test('somebody at level 1 becomes level 2 at the counter, by two officers, and the bank, which refused her, lets her in', async () => {
  const [, thuyen] = (await inventedOperators(sites)) as [Invented, Invented];
  const ha = await anOfficer(sites, ['approver'], { office: '48' });
  const { identityNumber, name } = sites.persona('level-1') as unknown as { identityNumber: string; name: string };
  let address = '';
  let code = '';
  // The bank asks level 2, which her account has not reached.
  await visit(async ({ page, see, words }) => {
    await page.goto(sites.bank);
    await page.click('a[href="/sign-in"]');
    await typePassword(page, sites.claimant('level-1'));
    expect(await words()).toContain('mức 2');
    expect(new URL(page.url()).origin).toBe(sites.issuer);
    await see('90-bank-refuses');
  });
  await visit(async (officer) => {
    const { context, page, see, words } = officer;
    await comeIn(officer, thuyen);
    await page.goto(`${sites.issuer}/operator/counter`);
    await see('91-queue');
    await press(page, 'a[href="/operator/new-application"]');
    await page.fill('#number', identityNumber);
    await page.fill('#name', name);
    await page.fill('#birthdate', '14/03/1998');
    await see('92-receive');
    await press(page, '#receive button[type="submit"]');
    await press(page, '#take button');
    address = page.url().split('?')[0]!;
    await press(page, '#read-card button');
    await see('93-card');
    const [drawer] = await Promise.all([context.waitForEvent('page'), page.click('#tap')]);
    await drawer.waitForLoadState();
    const back = page.waitForURL((url) => !url.pathname.includes('/card'));
    await press(drawer, 'button[value="level-1.genuine"]');
    await drawer.close();
    await back;
    await press(page, '#portrait');
    await page.setInputFiles('#picture', {
      ...{ name: 'me.jpg', mimeType: 'image/jpeg' },
      buffer: await pictureOf(identityNumber),
    });
    await see('94-portrait');
    await press(page, '#face-form button[type="submit"]');
    // Salt has worn her fingers smooth.
    await page.fill('#capture', 'WORN-9001');
    await press(page, '#fingerprints button[type="submit"]');
    expect(await page.locator('#approve').count()).toBe(0);
    await page.check('#ground input[value="worn"]');
    await page.check('#claim input[value="own"]');
    await page.fill('#statement', 'Vân tay mòn vì làm muối; mặt và thẻ đều khớp.');
    await page.check('#seen');
    await see('95-override');
    await press(page, '#propose button[type="submit"]');
    expect(await words()).toContain('Một cán bộ duyệt khác phải xác nhận');
    // He approves at this office too, and not what he has proposed himself.
    await press(page, '#confirm button');
    expect(await words('.notice')).toContain('người đề nghị không tự xác nhận');
    await see('96-proposed');
  });
  await visit(async ({ context, page, see, words }) => {
    await context.addCookies([{ name: 'senid-operator', value: ha.token, url: sites.issuer }]);
    await page.goto(`${sites.issuer}/operator/counter?phase=second`);
    await press(page, 'tbody a');
    expect(page.url().split('?')[0]).toBe(address);
    expect(await words()).toContain('Vân tay mòn vì làm muối');
    await see('97-second');
    await press(page, '#confirm button');
    expect(await words()).toContain('Đã duyệt');
  });
  await visit(async ({ context, page, see, words }) => {
    const seat = await seatOf(sites, thuyen.id);
    await context.addCookies([{ name: 'senid-operator', value: seat, url: sites.issuer }]);
    await page.goto(address);
    await press(page, '#give-code button');
    code = (await words('#binding-code')).trim();
    await see('98-handout');
  });
  await visit(async (visitor) => {
    const { page, see, words, addAuthenticator, context } = visitor;
    await addAuthenticator();
    await page.goto(`${sites.issuer}/counter`);
    await page.fill('#code', code);
    await see('99-code');
    await press(page, '#continue');
    await see('99-ways');
    await press(page, '#continue');
    expect(await words('h1')).toContain('đã ở mức 2');
    await see('99-bound');
    await context.clearCookies();
    await page.goto(sites.bank);
    await page.click('a[href="/sign-in"]');
    // The passkey answers from the identifier field.
    await page.waitForSelector('#agree');
    await press(page, '#agree');
    expect(await words('#customer')).toBe(name);
    expect(JSON.parse(await words('#id-token'))).toMatchObject({
      acr: `${sites.issuer}/assurance/test/level-2`,
      assurance_policy: expect.stringMatching(/\/policy\/.+\/sha256-/),
      account_level_policy: expect.stringMatching(/\/policy\/.+\/sha256-/),
    });
    await see('99-bank-lets-her-in');
  });
});
