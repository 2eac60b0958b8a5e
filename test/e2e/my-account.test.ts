import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulatedMessages } from '../../src/domain/notices/index.ts';
import { signedIn } from '../support/attack.ts';
import { createBrowser } from '../support/http-client.ts';
import { aCitizen, aParty } from '../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { codeOf, signIn } from '../support/sign-in.ts';
import { type Sites, startSites } from './sites.ts';
import { press, typePassword, visit } from './visitor.ts';

let sites: Sites;
let hotel: RelyingParty;
beforeAll(async () => {
  sites = await startSites();
  hotel = await plainClient(sites.issuer, await aParty(sites, 'hotel'));
});
afterAll(() => sites?.end());

const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0';
const WORDS = {
  vi: {
    ...{ added: 'Đã thêm khóa truy cập', firefox: 'Firefox trên Windows', notMe: 'Không phải tôi' },
    ...{
      thanks: 'Cảm ơn bạn đã báo',
      hotel: 'Bên hotel',
      withdrawn: 'Đã rút lại sự đồng ý',
      late: 'Trả lời chậm nhất',
    },
    ...{ asked: 'Chúng tôi đã nhận yêu cầu của bạn', locked: 'Tài khoản đã khóa', given: 'Họ, chữ đệm và tên' },
  },
  en: {
    ...{ added: 'Your passkey was added', firefox: 'Firefox on Windows', notMe: 'This was not me', given: 'Full name' },
    ...{
      thanks: 'Thank you for telling us',
      hotel: 'Party hotel',
      withdrawn: 'Consent withdrawn',
      late: 'Answered by',
    },
    ...{ asked: 'We have your request', locked: 'The account is locked' },
  },
} as const;

describe.each(['vi', 'en'] as const)('My account on a telephone of 360 px, in %s', (locale) => {
  test('a citizen adds a passkey, disowns a sign-in, withdraws a consent, asks for a correction, and locks the account', async () => {
    const words = WORDS[locale];
    const phone = `+84986${String(Date.now()).slice(-6)}`;
    const citizen = await aCitizen(sites, { phone, person: { locale, phoneVerified: true } });
    // Somebody else knows the password, and has been at the hotel with it.
    const stranger = createBrowser({ headers: { 'user-agent': WINDOWS } });
    const { tokens } = await signedIn(
      hotel,
      citizen,
      { scope: 'openid profile', prompt: 'consent' },
      { browser: stranger },
    );
    expect((await hotel.userinfo(tokens.access_token)).status).toBe(200);

    await visit(
      async ({ page, see, words: read, addAuthenticator }) => {
        const look = async (step: string): Promise<void> => {
          await see(`my-account-${locale}-${step}`);
          expect(await page.evaluate('document.documentElement.scrollWidth'), step).toBeLessThanOrEqual(390);
        };
        const go = (area: string) => press(page, `.account-nav a[href="/account${area}"]`);
        await addAuthenticator();
        await page.goto(`${sites.issuer}/account/passkeys/new`);
        await typePassword(page, citizen);
        await press(page, '#kind-message-otp');
        await look('code-by-message');
        const sent = async () => (await simulatedMessages(sites.database, { to: phone }))[0]?.text ?? '';
        await expect.poll(sent, { timeout: 10_000 }).toMatch(/#\d{6}/);
        await page.fill('#code', /#(\d{6})/.exec(await sent())![1]!);
        await press(page, '#continue');
        await page.fill('#name', 'Pixel');
        await press(page, '#continue');
        expect(await read('.notice')).toContain(words.added);
        await look('methods');

        await go('');
        await look('home');
        await go('/sessions');
        expect(await read()).toContain(words.firefox);
        await look('sessions');

        await go('/history');
        expect(await read()).toContain(words.firefox);
        await look('history');
        await press(page, `li:has-text("${words.firefox}") a.not-me`);
        await look('disown');
        await press(page, '#continue');
        expect(await read('.notice')).toContain(words.thanks);
        expect((await hotel.userinfo(tokens.access_token)).status).toBe(401);
        expect((await stranger.open(`${sites.issuer}/account`)).url).toContain('/interaction/');

        await go('/services');
        expect(await read('ul.cards')).toContain(words.hotel);
        await press(page, 'ul.cards h2 a');
        expect(await read()).toContain(words.given);
        await look('service');
        await press(page, '#withdraw button');
        expect(await read('.notice')).toContain(words.withdrawn);
        await look('services');

        await go('/data');
        await press(page, '#ask');
        await page.check('input[name="kind"][value="rectify"]');
        await page.selectOption('#subject', 'name');
        await page.fill('#statement', 'Bảo, không phải Bao.');
        await look('ask');
        await press(page, '#continue');
        expect(await read('.notice')).toContain(words.asked);
        expect(await read()).toContain(words.late);
        await look('data');
        // From now on the passkey is asked for where anything is at stake.
        await press(page, '#download');
        await press(page, '#kind-passkey');
        await press(page, '#passkey');
        const [file] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
        expect(file.suggestedFilename()).toBe('senid-account.json');

        await press(page, '#lock');
        await look('lock');
        await press(page, '#continue');
        expect(await read()).toContain(words.locked);
        await look('locked');
        await page.goto(`${sites.issuer}/account`);
        // The passkey may have answered by itself already: it opens nothing either.
        expect(new URL(page.url()).pathname).toMatch(/^\/interaction\//);
        expect(await page.isVisible('.account-nav')).toBe(false);
      },
      { viewport: { width: 360, height: 740 }, locale, acceptDownloads: true },
    );
  }, 120_000);
});

test('another password, an app and a mailbox, on a telephone without any script', async () => {
  const citizen = await aCitizen(sites, { level: 1, person: { phoneVerified: true } });
  // What axe finds on these pages is asked of their samples. Signed in elsewhere already, a moment ago: how that is done is walked above.
  const before = createBrowser();
  await signIn(await before.open(`${sites.issuer}/account/passkeys/new`), citizen);
  await visit(
    async ({ page, words: read }) => {
      await page
        .context()
        .addCookies(
          before.cookies.names.map((name) => ({ name, value: before.cookies.get(name) ?? '', url: sites.issuer })),
        );
      await page.goto(`${sites.issuer}/account/authenticators`);
      await press(page, 'li.authenticator:has-text("Mật khẩu") a[href="/account/password"]');
      await page.fill('#password', 'con trâu đi trước cái cày');
      await press(page, '#continue');
      expect(await read('.notice')).toContain('Đã đổi mật khẩu');

      await press(page, 'a[href="/account/app/new"]');
      // What a person would type who cannot scan.
      const secret = (await read('#secret')).replace(/\s/g, '');
      await page.fill('#code', codeOf(secret));
      await press(page, '#continue');
      expect(await read('.notice')).toContain('Ứng dụng xác thực dùng được từ bây giờ');

      await press(page, '#to-contacts');
      const email = `moi-${citizen.identifier}@sen.example`;
      await page.fill('#email', email);
      await press(page, '#change-mail');
      const sent = async () => (await simulatedMessages(sites.database, { to: email }))[0]?.text ?? '';
      await expect.poll(sent, { timeout: 10_000 }).toMatch(/\b\d{8}\b/);
      await page.fill('#code', /\b\d{8}\b/.exec(await sent())![0]);
      await press(page, '#continue');
      expect(await read('.notice')).toContain('Đã đổi. Mọi số điện thoại và hộp thư');
    },
    { viewport: { width: 360, height: 740 }, javaScriptEnabled: false },
  );
}, 60_000);
