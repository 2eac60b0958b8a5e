import { afterAll, beforeAll, expect, test } from 'vitest';
import { pictureOf } from '../support/pictures.ts';
import { type Sites, startSites } from './sites.ts';
import { hold, press, proveCard, typePassword, visit } from './visitor.ts';

let sites: Sites;
beforeAll(async () => {
  sites = await startSites(['airline'], { REMOTE_PROOFING: 'on' });
});
afterAll(() => sites?.end());

test('a citizen flies with card and password, after three cards that are no good', async () => {
  const lanAnh = sites.claimant('level-2-chip');
  const { name } = sites.persona('level-2-chip');
  await visit(async ({ context, page, see, words }) => {
    await page.goto(`${sites.airline}/check-in`);
    await typePassword(page, lanAnh);
    expect(await words('h1')).toBe('Áp thẻ căn cước vào máy đọc');
    await see('60-hold-your-card');

    for (const [fault, why] of [
      ['cloned', 'không phải chíp gốc'],
      ['expired-card', 'đã hết hạn'],
      ['withdrawn-card', 'đã thu hồi'],
    ] as const) {
      // Nobody presses anything on the page that waits: it goes on by itself.
      const next = page.waitForNavigation();
      await hold(context, page, `level-2-chip.${fault}`);
      await next;
      expect(await words('.notice')).toContain(why);
    }
    await see('61-refused');

    const next = page.waitForURL((url) => !url.pathname.includes('/card'));
    expect(await hold(context, page, 'level-2-chip.genuine')).toContain('đã đọc xong');
    await next;
    await see('62-consent');
    await press(page, '#agree');
    expect(await words('#passenger')).toBe(name);
    expect(await words('#boarding-pass')).toContain('mức 2');
    const idToken = JSON.parse(await words('#id-token'));
    expect(idToken).toMatchObject({
      acr: `${sites.issuer}/assurance/test/level-2`,
      account_level: 2,
      authentication_level: 2,
      phishing_resistant: false,
    });
    expect(idToken.amr.sort()).toEqual(['mfa', 'pwd', 'sc']);
    await see('63-boarding-pass');
  });
});

test('somebody adds their own card in My account, and nobody else’s', async () => {
  // Her card lies in the drawer at home: the account knows nothing of it yet.
  const elder = sites.claimant('elder');
  await visit(async ({ context, page, see, words }) => {
    await page.goto(`${sites.issuer}/account/cards/new`);
    await typePassword(page, elder);
    await press(page, '#kind-message-otp');
    const messages = await context.newPage();
    await messages.goto(`${sites.issuer}/sandbox/messages`);
    const [, code = ''] = /#(\d{6})/.exec((await messages.textContent('li.card:first-child')) ?? '') ?? [];
    await messages.close();
    await page.fill('#code', code);
    await press(page, '#continue');
    expect(await words('h1')).toBe('Thêm thẻ căn cước của bạn');
    await see('64-add-card');

    let next: Promise<unknown> = page.waitForNavigation();
    await hold(context, page, 'no-phone.genuine');
    await next;
    expect(await words('.notice')).toContain('không phải của bạn');

    next = page.waitForURL(`${sites.issuer}/account/authenticators?notice=card-added`);
    await hold(context, page, 'elder.genuine');
    await next;
    expect(await words('.notice')).toContain('Đã thêm thẻ');
    expect(await words('ul.cards')).toContain('Thẻ có số kết thúc bằng 005');
    await see('65-card-added');

    await context.clearCookies();
    await page.goto(`${sites.airline}/check-in`);
    await press(page, '#card');
    next = page.waitForNavigation();
    await hold(context, page, 'elder.genuine');
    await next;
    await page.fill('#password', elder.password ?? '');
    await press(page, '#continue');
    await press(page, '#agree');
    expect(await words('h1')).toBe('Thẻ lên máy bay');
  });
});

test('somebody proves from home who they are: card and password, the card once more, and the face', async () => {
  const lanAnh = sites.claimant('level-2-chip');
  const nobody = sites.claimant('level-1');
  await visit(async ({ context, page, see, words }) => {
    await page.goto(`${sites.airline}/check-in`);
    await typePassword(page, lanAnh);
    let next: Promise<unknown> = page.waitForSelector('#agree, #boarding-pass');
    await hold(context, page, 'level-2-chip.genuine');
    await next;
    if (await page.isVisible('#agree')) await press(page, '#agree');
    await page.goto(`${sites.issuer}/account`);
    await press(page, '#to-remote');
    await see('66-from-home');
    await press(page, '#begin');
    expect(await words('h1')).toBe('Áp thẻ căn cước của bạn');
    await see('67-card-from-home');
    next = page.waitForNavigation();
    await hold(context, page, 'level-1.genuine');
    await next;
    expect(await words('.notice')).toContain('không phải của bạn');
    next = page.waitForURL(`${sites.issuer}/account/remote/face`);
    await hold(context, page, 'level-2-chip.genuine');
    await next;
    await see('68-face-from-home');
    const shows = async (of: string): Promise<void> => {
      await page.setInputFiles('#picture', { name: 'face.jpg', mimeType: 'image/jpeg', buffer: await pictureOf(of) });
      await press(page, '#continue');
    };
    await shows(nobody.identifier);
    expect(await words('#picture-error')).toContain('Chưa xác nhận được đó là bạn');
    await shows(lanAnh.identifier);
    expect(await words('[role=status]')).toContain('Đã xác minh đúng là bạn');
    await see('69-proven-from-home');
    await page.goto(`${sites.issuer}/account/history`);
    expect(await words()).toContain('Đã xác minh tại nhà bằng thẻ và khuôn mặt');
  });
});

test('the card page works without script: a button says that the card was held', async () => {
  const quang = sites.claimant('level-2-chip-face');
  await visit(
    async ({ context, page, words }) => {
      await page.goto(`${sites.airline}/check-in`);
      await typePassword(page, quang);
      await press(page, '#continue');
      expect(await words('.notice')).toContain('Chưa thấy thẻ nào');
      await hold(context, page, 'level-2-chip-face.genuine');
      await press(page, '#continue');
      await press(page, '#agree');
      expect(await words('h1')).toBe('Thẻ lên máy bay');
    },
    { javaScriptEnabled: false },
  );
});

test('in English, what changes an account takes the card that is bound, and no code from an app', async () => {
  const child = sites.claimant('child');
  await visit(
    async ({ context, page, words }) => {
      await page.goto(`${sites.issuer}/account/passkeys/new`);
      await typePassword(page, child);
      expect(await words('aside.why')).toContain('You signed in with one factor');
      expect(await page.locator('#kind-totp').count()).toBe(0);
      await proveCard(context, page, 'child.genuine');
      expect(await words('h1')).toBe('Add a passkey');
    },
    { locale: 'en-GB' },
  );
});
