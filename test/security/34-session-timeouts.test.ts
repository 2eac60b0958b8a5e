import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { answerIn, signedIn } from '../support/attack.ts';
import { type Browser, createBrowser } from '../support/http-client.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { plainClient, type RelyingParty } from '../support/relying-party.ts';
import { startServer, type TestServer } from '../support/server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * The server runs in this process, so that moving `Date` moves the clock of everything in it, the library and the cookie jar
 * included; the database's own clock is not asked about sessions. Cookies without an expiry are kept, as a thief would.
 */
describe('case 34: a session that nobody uses, or that is used for too long', () => {
  let server: TestServer;
  let party: RelyingParty;
  beforeAll(async () => {
    server = await startServer({ jobs: false });
    party = await plainClient(server.issuer, server.client('sandbox-confidential'));
  });
  afterAll(() => server.end());
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  const later = (ms: number): void => void vi.setSystemTime(Date.now() + ms);
  const enter = (scope = 'openid') => signedIn(party, server.claimant('level-1'), { scope });
  async function silently(browser: Browser): Promise<string> {
    const answer = answerIn((await browser.open((await party.begin({ prompt: 'none' })).url)).location);
    return answer.code ? 'code' : (answer.error ?? 'nothing');
  }
  /** Whether "My account" opens, or sends away to sign in. */
  const accountOpens = async (browser: Browser): Promise<boolean> =>
    (await browser.open(`${server.issuer}/account`)).forms.some(({ action }) => action.endsWith('/account/sign-out'));

  test('an hour of silence ends it; each use begins the hour anew', async () => {
    const { browser } = await enter();
    later(59 * MINUTE);
    expect(await silently(browser)).toBe('code');
    later(59 * MINUTE);
    expect(await silently(browser)).toBe('code');
    expect(await accountOpens(browser)).toBe(true);
    later(61 * MINUTE);
    expect(await silently(browser)).toBe('login_required');
    expect(await accountOpens(browser)).toBe(false);
  });

  test('a day ends it, however busy it is', async () => {
    const { browser } = await enter();
    const kept = createBrowser();
    for (let passed = 0; passed < 23.5 * HOUR; passed += 47 * MINUTE) {
      for (const name of browser.cookies.names) kept.cookies.set(server.issuer, name, browser.cookies.get(name) ?? '');
      expect([passed, await silently(browser)]).toEqual([passed, 'code']);
      later(47 * MINUTE);
    }
    later(31 * MINUTE);
    expect(await silently(browser)).toBe('login_required');
    // The id before the last rotation, kept by hand, is no better.
    expect(await silently(kept)).toBe('login_required');
    expect(await accountOpens(browser)).toBe(false);
  });

  test('tokens that were given for this session end with it; those for offline access do not', async () => {
    const online = await enter();
    later(14 * MINUTE);
    expect((await party.userinfo(online.tokens.access_token)).status).toBe(200);
    later(2 * MINUTE);
    expect((await party.userinfo(online.tokens.access_token)).status).toBe(401);
    expect((await party.refresh(online.tokens.refresh_token ?? '')).status).toBe(200);
    later(61 * MINUTE);
    expect((await party.refresh(online.tokens.refresh_token ?? '')).json()).toMatchObject({ error: 'invalid_grant' });
    const offline = await signedIn(party, server.claimant('single-name'), {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    later(25 * HOUR);
    expect(await silently(offline.browser)).toBe('login_required');
    expect((await party.refresh(offline.tokens.refresh_token ?? '')).status).toBe(200);
  });

  test('a page left open for more than half an hour begins again, and is told so', async () => {
    const browser = createBrowser();
    const page = await browser.open((await party.begin()).url);
    later(31 * MINUTE);
    const answer = await page.submit({ identifier: server.persona('level-1').identityNumber });
    expect(answer.status).toBe(410);
  });

  test('and nothing is broken afterwards', async () => {
    vi.useRealTimers();
    // Nothing sweeps here, and time has jumped: rows past their end are meant to be there.
    const broken = await brokenInvariants(server.database, server.app);
    expect(broken.filter((sentence) => !/outlived/.test(sentence))).toEqual([]);
  });
});
