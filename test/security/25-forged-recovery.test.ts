import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCsrf } from '../../src/platform/csrf.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { type Browser, createBrowser, type Page } from '../support/http-client.ts';
import { aCitizen } from '../support/newcomers.ts';
import { PREPARE_POSTS, RECOVER_POSTS } from '../support/recovery-pages.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { signIn } from '../support/sign-in.ts';

// Case 25 for recoveries: each act wants the token of the page that was shown in this very browser for it.
describe('case 25: forged posts of a recovery', { timeout: 120_000 }, () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ jobs: false });
  });
  afterAll(() => server?.end());

  const formType = { 'content-type': 'application/x-www-form-urlencoded' };
  const filled = (path: string): string => path.replace(':code', '0'.repeat(16));
  const post = (browser: Browser, path: string, csrf: string, headers: Record<string, string> = {}) =>
    browser.send(server.issuer + filled(path), {
      method: 'POST',
      body: new URLSearchParams({ csrf }).toString(),
      headers: { ...formType, origin: server.issuer, 'sec-fetch-site': 'same-origin', ...headers },
    });
  /** As the server makes them: its master secret is known to every test. */
  const csrf = () =>
    createCsrf({
      sealer: createSealer(new Secret(Buffer.from(server.environment.SENID_MASTER_SECRET ?? '', 'base64')), 'csrf'),
      origin: server.issuer,
    });
  const visitOf = (browser: Browser): string => (browser.cookies.get('senid-recover') ?? '').split('.')[0] ?? '';

  test.each(RECOVER_POSTS)('%s', async (path) => {
    const [browser, other] = [createBrowser(), createBrowser()];
    await browser.open(`${server.issuer}/recover`);
    await other.open(`${server.issuer}/recover`);
    const own = csrf().token(visitOf(browser), path);
    const forged: [string, string, Record<string, string>][] = [
      ['no token', '', {}],
      ['another browser’s', csrf().token(visitOf(other), path), {}],
      ['another act’s', csrf().token(visitOf(browser), '/recover/other'), {}],
      ['cut short', own.slice(0, -4), {}],
      ['from another site', own, { 'sec-fetch-site': 'cross-site' }],
      ['with another origin', own, { origin: 'https://evil.example' }],
    ];
    for (const [how, token, headers] of forged)
      expect([how, (await post(browser, path, token, headers)).status]).toEqual([how, 403]);
    expect((await post(browser, path, own)).status).toBeLessThan(400);
  });

  test('a browser cannot name its own visit: the cookie is signed', async () => {
    const browser = createBrowser();
    browser.cookies.set(server.issuer, 'senid-recover', `${'a'.repeat(43)}.${'b'.repeat(43)}`);
    const path = '/recover/identify';
    expect((await post(browser, path, csrf().token('a'.repeat(43), path))).status).toBe(403);
  });

  test('what prepares for a recovery wants a session, and the token of its own page', async () => {
    const [one, two] = [await aCitizen(server, { level: 1 }), await aCitizen(server, { level: 1 })];
    const signedIn = async (claimant: typeof one): Promise<{ browser: Browser; pages: Page[] }> => {
      const browser = createBrowser();
      // The highest level of the account, as a change of it wants.
      const sheet = await signIn(await browser.open(`${server.issuer}/account/recovery-codes/new`), claimant);
      return { browser, pages: [sheet, await browser.open(`${server.issuer}/account/recovery`)] };
    };
    const [own, other] = [await signedIn(one), await signedIn(two)];
    const tokenOn = (pages: Page[], path: string): string =>
      pages
        .flatMap(({ forms }) => forms)
        .find(({ action }) => action.endsWith(path))
        ?.values.get('csrf') ?? '';
    for (const path of PREPARE_POSTS) {
      expect((await post(createBrowser(), path, '')).location).toContain('/authorize');
      for (const token of [
        '',
        'x'.repeat(55),
        tokenOn(other.pages, path),
        tokenOn(own.pages, '/account/recovery/phone').slice(2),
      ])
        expect([path, (await post(own.browser, path, token)).status]).toEqual([path, 403]);
    }
    for (const path of PREPARE_POSTS.slice(0, 4)) {
      expect(tokenOn(own.pages, path), path).not.toBe('');
      expect((await post(own.browser, path, tokenOn(own.pages, path))).status).toBeLessThan(400);
    }
  });
});
