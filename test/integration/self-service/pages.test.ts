import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedIn } from '../../support/attack.ts';
import { type Browser, createBrowser } from '../../support/http-client.ts';
import { aCitizen, aParty, type Citizen } from '../../support/newcomers.ts';
import { plainClient } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { bindPasskey, signIn } from '../../support/sign-in.ts';

/** Every page of "My account" that is shown by GET, the page of one service among them, and the statements of each. */
const PAGES = {
  '/account': 5,
  '/account/authenticators': 4,
  '/account/sessions': 5,
  '/account/history': 4,
  '/account/services': 5,
  '/account/services/hotel': 5,
  '/account/disclosures': 3,
  '/account/data': 3,
  '/account/data/viewed': 4,
  '/account/data/notices': 3,
  '/account/data/requests/new': 2,
  '/account/data/erase': 4,
  // A statement for each list of the copy, one more for what a counter received under its numbers, and one for a client that
  // has to be read anew.
  '/account/data/print': 27,
  '/account/lock': 2,
  '/account/passkeys/new': 5,
} as const;

describe('the pages of My account', () => {
  let server: TestServer;
  let citizen: Citizen;
  let browser: Browser;
  let stopWatching: (() => Promise<void> | void) | undefined;
  const statements: string[] = [];
  beforeAll(async () => {
    server = await startServer({ jobs: false, onStatement: (text) => statements.push(text) });
    // Of what runs by itself only this: it is what lets clients be read once.
    stopWatching = await server.app.parts.relyingParties.watch();
    const party = await plainClient(server.issuer, await aParty(server, 'hotel'));
    const made = await aCitizen(server);
    citizen = { ...made, passkey: await bindPasskey(server.issuer, made) };
    browser = createBrowser();
    await signedIn(party, citizen, { scope: 'openid profile', prompt: 'consent' }, { browser, means: 'passkey' });
    await signIn(await browser.open(`${server.issuer}/account`), citizen, 'passkey');
    // The names of relying parties come from memory after the first time.
    await browser.open(`${server.issuer}/account/services`);
  });
  afterAll(async () => {
    await stopWatching?.();
    await server.end();
  });

  test.each(Object.entries(PAGES))('%s is small, and takes at most %d statements', async (path, most) => {
    statements.length = 0;
    const page = await browser.open(server.issuer + path);
    // What each process asks from time to time belongs to no request: whether clients, keys or the policy were changed.
    const sent = statements.filter((text) => !/client_changes|version > \$1|FROM signing_keys/.test(text));
    expect([page.status, new URL(page.url).pathname]).toEqual([200, path]);
    expect(page.words).toContain('Khóa tài khoản');
    expect(Buffer.byteLength(page.text)).toBeLessThan(40_000);
    expect(sent.length, sent.join('\n')).toBeLessThanOrEqual(most);
    console.info(`${path}: ${sent.length} statements, ${Math.round(Buffer.byteLength(page.text) / 1024)} kB`);
  });

  test('each leads to the sign-in and back again when nobody is signed in', async () => {
    for (const path of Object.keys(PAGES)) {
      const asked = await createBrowser().open(server.issuer + path);
      expect(new URL(asked.url).pathname, path).toMatch(/^\/interaction\//);
    }
    const asked = await createBrowser().open(`${server.issuer}/account/history`);
    expect((await signIn(asked, citizen, 'passkey')).url).toBe(`${server.issuer}/account/history`);
  });

  test('a service that never had to do with this person does not exist here', async () => {
    for (const client of ['sandbox-confidential', 'nobody', '..%2f', '%00'])
      expect((await browser.open(`${server.issuer}/account/services/${client}`)).status).toBe(404);
  });
});
