import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Invented, inventedOperators } from '../support/console.ts';
import { type Sites, startSites } from './sites.ts';
import { press, type Visitor, visit } from './visitor.ts';

let sites: Sites;
beforeAll(async () => {
  sites = await startSites();
});
afterAll(() => sites?.end());

/** From the invitation in the mail to the console's first page, with a passkey of this browser's own. */
async function comeIn({ page, see, addAuthenticator }: Visitor, { invitation, identityNumber }: Invented, who: string) {
  await addAuthenticator();
  await page.goto(invitation);
  await page.fill('#identityNumber', identityNumber);
  await see(`console-${who}-01-invitation`);
  await press(page, '#continue');
  await see(`console-${who}-02-passkey`);
  await press(page, '#continue');
  await press(page, '#passkey');
  expect(new URL(page.url()).pathname).toBe('/operator');
  await see(`console-${who}-03-home`);
}

const fill = async (page: Page, fields: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, value] of Object.entries(fields)) await page.fill(`#${name}`, value);
};

test('one proposes a client, another approves it, each with a passkey in a browser of their own', async () => {
  const [mai, thuyen] = (await inventedOperators(sites)) as [Invented, Invented];
  const find = () => sites.app.parts.relyingParties.find('ba-vi-air');
  await visit(async (first) => {
    const { page, see, words } = first;
    await comeIn(first, mai, 'mai');
    await page.click('nav.areas summary');
    await press(page, 'nav a[href="/operator/clients"]');
    await see('console-04-clients');
    await press(page, 'a[href="/operator/new-client"]');
    await fill(page, {
      ...{ clientId: 'ba-vi-air', partyId: 'ba-vi-air', partyVi: 'Hãng bay Ba Vì', partyEn: 'Ba Vi Air', mark: 'BV' },
      ...{ colour: '#1d4f91', entityId: 'ba-vi-air-jsc', entityVi: 'Công ty Ba Vì', entityEn: 'Ba Vi Ltd' },
      ...{ purposeVi: 'làm thủ tục bay', purposeEn: 'check in', redirectUris: 'https://bavi.example/return' },
      reason: 'Hãng mới, đã ký hợp đồng.',
    });
    await page.selectOption('#fields #environment', 'sandbox');
    await page.selectOption('#fields #authMethod', 'client_secret_basic');
    await see('console-05-new-client');
    await press(page, 'button.primary[name="fields"]');
    await see('console-06-secret');
    expect((await words('#secret')).length).toBeGreaterThan(30);
    expect(await page.isVisible('button[data-copies="secret"]')).toBe(true);
    await press(page, 'main a.primary');
    await see('console-07-draft');
    await press(page, '#propose button[type="submit"]');
    expect(await words('.why')).toContain('một người khác có quyền duyệt phải xem');
    expect(await page.locator('#decide').count()).toBe(0);
    await see('console-08-proposed');

    await visit(async (second) => {
      await comeIn(second, thuyen, 'thuyen');
      await press(second.page, 'main .card tbody a');
      expect(await second.words('.diff')).toContain('https://bavi.example/return');
      expect(await find()).toBeUndefined();
      await second.page.fill('#note', 'Đã gọi xác nhận với hãng.');
      await second.see('console-09-decide');
      await press(second.page, 'button[name="approve"]');
      expect(await second.words('.notice')).toContain('Đã duyệt và thực hiện.');
      await second.see('console-10-approved');
    });

    expect((await find())?.metadata.redirect_uris).toEqual(['https://bavi.example/return']);
    await page.reload();
    expect(await words()).toContain('Đã gọi xác nhận với hãng.');
    await press(page, '#sign-out');
    expect(new URL(page.url()).pathname).toBe('/operator/sign-in');
  });
});
