import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createBrowser, type Page } from '../support/http-client.ts';
import { checkInvariants } from '../support/invariants.ts';
import { aCitizen, type Citizen } from '../support/newcomers.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { bindPasskey, signIn } from '../support/sign-in.ts';
import { type CreationOptions, softwarePasskey } from '../support/software-passkey.ts';

// Case 45 over the pages: the whole server runs in this process, so that moving `Date` moves every clock in it.
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ jobs: false });
});
afterAll(() => server.end());
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const later = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1000);
const offers = (page: Page): boolean => page.forms.some(({ id }) => id === 'register-form');
const kinds = async ({ id }: Citizen): Promise<string[]> =>
  (await server.app.parts.authenticators.of(id)).map(({ kind }) => kind).sort();

/** Signed in with password and code, a moment ago. */
async function adding(citizen: Citizen): Promise<Page> {
  const page = await signIn(await createBrowser().open(`${server.issuer}/account/passkeys/new`), citizen);
  expect(offers(page)).toBe(true);
  return page;
}

const answerOf = (page: Page): string => {
  const { hostname, origin } = new URL(server.issuer);
  const options = JSON.parse(page.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
  return JSON.stringify(softwarePasskey({ rpId: hostname, origin, backedUp: true }).create(options));
};

test('somebody who signed in six minutes ago proves themselves anew before a passkey is added', async () => {
  const citizen = await aCitizen(server);
  const page = await adding(citizen);
  later(240);
  expect(offers(await page.open(`${server.issuer}/account/passkeys/new`))).toBe(true);
  later(120);
  const asked = await page.open(`${server.issuer}/account/passkeys/new`);
  expect(offers(asked)).toBe(false);
  expect(new URL(asked.url).pathname).toMatch(/^\/interaction\//);
  const again = await signIn(asked, citizen);
  expect(offers(again)).toBe(true);
  const added = await again.submit({ response: answerOf(again) }, { form: 'register-form' });
  expect(added.url).toContain('notice=passkey-added');
  expect(await kinds(citizen)).toEqual(['passkey', 'password', 'totp']);
  // And both addresses are told, with the change.
  const [told] = await server.app.parts.journal.query({ subscriberId: citizen.id, types: ['notice.queued'], limit: 1 });
  expect(told?.detail).toEqual({ notice: 'authenticator_bound', media: ['sms', 'mail'] });
});

test('nor is one bound by a page that was opened while the proofs were fresh', async () => {
  const citizen = await aCitizen(server);
  const page = await adding(citizen);
  later(200);
  const open = await page.open(`${server.issuer}/account/passkeys/new`);
  const response = answerOf(open);
  later(160);
  const refused = await open.submit({ response }, { form: 'register-form' });
  expect(refused.url).not.toContain('notice=passkey-added');
  expect(new URL(refused.url).pathname).toMatch(/^\/interaction\//);
  expect(await kinds(citizen)).toEqual(['password', 'totp']);
});

test('nor is one removed, however strong what was proven six minutes ago', async () => {
  const citizen = await aCitizen(server, { level: 1 });
  const owner = { ...citizen, passkey: await bindPasskey(server.issuer, citizen) };
  const [passkey] = (await server.app.parts.authenticators.of(citizen.id)).filter(({ kind }) => kind === 'passkey');
  const account = await signIn(await createBrowser().open(`${server.issuer}/account`), owner, 'passkey');
  later(360);
  const page = await account.open(`${server.issuer}/account/authenticators/${passkey?.id}/remove`);
  const refused = await page.submit({}, { button: 'continue' });
  expect(refused.url).not.toContain('notice=removed');
  expect(await kinds(citizen)).toEqual(['passkey', 'password', 'totp']);
});

test('and nothing is broken afterwards', async () => {
  vi.useRealTimers();
  await checkInvariants(server.database, server.app);
});
