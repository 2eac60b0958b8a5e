import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, createBrowser, type Page } from '../../support/http-client.ts';
import { type Pair, pairOf } from './bare.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await pairOf('bank');
});
afterEach(() =>
  Object.assign(pair.provider.answers, { acr: (asked: string[]) => asked[0], error: undefined, accountId: 'someone' }),
);
afterAll(() => pair.end());

async function signedIn(browser: Browser = createBrowser()): Promise<Page> {
  const page = await (await browser.open(`${pair.sample.origin}/sign-in`)).submit();
  expect(page.url).toBe(`${pair.sample.origin}/`);
  return page;
}
const transfer = (page: Page, amount: string, to = 'Trần Văn Bình'): Promise<Page> => page.submit({ to, amount });

describe('Ngân hàng Sông Hồng, a FAPI 2.0 client', () => {
  it('pushes its request and sends only a reference through the browser', async () => {
    const browser = createBrowser();
    browser.stopAt(pair.provider.issuer);
    const { location = '' } = await browser.open(`${pair.sample.origin}/sign-in`);
    expect([...new URL(location).searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
  });

  it('shows the account of a customer at level 2, named by userinfo under the key of the session', async () => {
    const page = await signedIn();
    expect(page.words).toContain('Nguyễn Thị Bảo Trân');
    expect(page.words).toContain('48.500.000 ₫');
    expect(page.words).toContain(`"acr": "${pair.provider.issuer}/assurance/test/level-2"`);
  });

  it.each(['10000000', '10.000.000', '10 000 000'])('sends %s VND without more ado', async (amount) => {
    const page = await transfer(await signedIn(), amount);
    expect(page.words).toContain('Đã chuyển 10.000.000 ₫ cho Trần Văn Bình.');
    expect(page.words).toContain('38.500.000 ₫');
  });

  it('asks authentication level 3 above 10,000,000 VND, and says why it is refused to whoever does not reach it', async () => {
    const browser = createBrowser();
    const account = await signedIn(browser);
    pair.provider.answers.error = 'unmet_authentication_requirements';
    const refused = await (await transfer(account, '10000001')).submit();
    expect(refused.status).toBe(400);
    expect(refused.words).toContain('mức xác thực 3');
    expect(refused.words).toContain('tiền chưa được chuyển');
    const after = await browser.open(pair.sample.origin);
    expect(after.words).toContain('48.500.000 ₫');
    expect(after.words).toContain('Nguyễn Thị Bảo Trân');
  });

  it('sends it once level 3 is proven by the holder', async () => {
    const page = await (await transfer(await signedIn(), '20000000')).submit();
    expect(page.words).toContain('Đã chuyển 20.000.000 ₫');
  });

  it('keeps the money when the answer is level 2 in place of 3', async () => {
    const browser = createBrowser();
    const account = await signedIn(browser);
    pair.provider.answers.acr = (asked) => asked[0]?.replace('2.3', 'level-2');
    const refused = await (await transfer(account, '20000000')).submit();
    expect(refused.status).toBe(400);
    expect((await browser.open(pair.sample.origin)).words).toContain('48.500.000 ₫');
  });

  it('keeps the money when another person proves level 3', async () => {
    // Without a back channel: with one, the change of person alone would end the session here.
    const silent = await pairOf('bank', { backchannel: false });
    try {
      const browser = createBrowser();
      const account = await (await browser.open(`${silent.sample.origin}/sign-in`)).submit();
      silent.provider.answers.accountId = 'somebody else';
      // The library asks the browser to confirm the change of person with a form that sends itself.
      const refused = await (await (await transfer(account, '20000000')).submit()).submit();
      expect(refused.words).toContain('một người khác với chủ tài khoản');
      expect((await browser.open(silent.sample.origin)).words).toContain('48.500.000 ₫');
    } finally {
      await silent.end();
    }
  });

  it.each(['0', '-5', 'nhiều', '1e12', '99999999999'])('refuses the amount %s', async (amount) => {
    const account = await signedIn();
    const page = await transfer(account, amount);
    const end = page.has('to') || page.status === 400 ? page : await page.submit();
    expect(end.status).toBe(400);
    expect(end.words).not.toContain('Đã chuyển');
  });

  it('escapes what a customer types', async () => {
    const page = await transfer(await signedIn(), '1', '<b>x</b>');
    expect(page.text).toContain('&#60;b&#62;x&#60;/b&#62;');
  });

  it('refuses a sign-in below level 2', async () => {
    pair.provider.answers.acr = (asked) => asked[0]?.replace('level-2', 'level-1');
    const page = await (await createBrowser().open(`${pair.sample.origin}/sign-in`)).submit();
    expect(page.status).toBe(400);
    expect(page.words).not.toContain('48.500.000');
  });
});
