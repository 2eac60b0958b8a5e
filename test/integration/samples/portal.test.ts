import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, createBrowser, type Page } from '../../support/http-client.ts';
import { type Pair, pairOf } from './bare.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await pairOf('portal');
});
afterEach(() => Object.assign(pair.provider.answers, { acr: (asked: string[]) => asked[0], accountId: 'someone' }));
afterAll(() => pair.end());

const signIn = async (browser: Browser = createBrowser()): Promise<Page> =>
  (await browser.open(`${pair.sample.origin}/sign-in`)).submit();

describe('the public service portal', () => {
  it('signs a citizen in at level 1', async () => {
    const page = await signIn();
    expect(page.words).toContain('● mức 1');
    expect(page.words).toContain('Nguyễn Thị Bảo Trân');
    expect(page.words).toContain('/assurance/test/level-1"');
  });

  it('steps up to level 2 for the procedure, comes back to it, and asks no more afterwards', async () => {
    const browser = createBrowser();
    const procedure = await (await (await signIn(browser)).follow('/residence')).submit();
    expect(procedure.url).toBe(`${pair.sample.origin}/residence`);
    const done = await procedure.submit();
    expect(done.words).toContain('Đã xác nhận nơi cư trú');
    expect(done.words).toContain('● mức 2');
    expect((await browser.open(`${pair.sample.origin}/residence`)).url).toBe(`${pair.sample.origin}/residence`);
  });

  it('does nothing for a form sent at level 1', async () => {
    const browser = createBrowser();
    await signIn(browser);
    const page = await browser.open(`${pair.sample.origin}/residence`, { method: 'POST' });
    expect(page.url).toContain(`${pair.provider.issuer}/interaction/`);
    expect((await browser.open(pair.sample.origin)).words).not.toContain('Đã xác nhận');
  });

  it('refuses a step-up that stays at level 1', async () => {
    const browser = createBrowser();
    await signIn(browser);
    pair.provider.answers.acr = (asked) => asked[0]?.replace('level-2', 'level-1');
    const page = await (await browser.open(`${pair.sample.origin}/residence`)).submit();
    expect(page.words).toContain('SenID chưa xác nhận mức');
  });

  it('refuses a step-up that another person answers', async () => {
    // Without a back channel: with one, the change of person alone would end the session here.
    const silent = await pairOf('portal', { backchannel: false });
    try {
      const browser = createBrowser();
      await (await browser.open(`${silent.sample.origin}/sign-in`)).submit();
      silent.provider.answers.accountId = 'somebody else';
      // The library asks the browser to confirm the change of person with a form that sends itself.
      const page = await (await (await browser.open(`${silent.sample.origin}/residence`)).submit()).submit();
      expect(page.words).toContain('một người khác');
    } finally {
      await silent.end();
    }
  });

  it('signs out everywhere: here, at the provider, and where the back channel leads', async () => {
    const browser = createBrowser();
    const confirm = await (await signIn(browser)).submit({}, { form: '/sign-out' });
    expect(confirm.url).toContain('id_token_hint=');
    const home = await confirm.submit({ logout: 'yes' });
    expect(home.url).toBe(`${pair.sample.origin}/`);
    expect(home.words).toContain('Đăng nhập bằng SenID');
  });

  it('ends its session when another party signs the citizen out', async () => {
    const browser = createBrowser();
    await signIn(browser);
    const confirm = await browser.open(`${pair.provider.issuer}/session/end`);
    await confirm.submit({ logout: 'yes' });
    expect((await browser.open(pair.sample.origin)).words).toContain('Đăng nhập bằng SenID');
  });

  it('speaks English to who wants it, and asks the provider to', async () => {
    const browser = createBrowser();
    await browser.open(`${pair.sample.origin}/language/en`);
    expect((await signIn(browser)).words).toContain('Sign out everywhere');
  });
});
