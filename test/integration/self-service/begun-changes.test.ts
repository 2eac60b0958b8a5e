import { TOTP } from 'otpauth';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MessagePayload } from '../../../src/domain/notices/index.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { aCitizen, type Citizen } from '../../support/newcomers.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { signIn } from '../../support/sign-in.ts';

/** What was begun with fresh proofs is finished on their strength; what takes longer asks for them again, and nothing typed is lost. */
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ jobs: false });
});
afterAll(() => server.end());
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const MINUTES = 60;
const later = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1000);
const pathOf = ({ url }: Page): string => new URL(url).pathname;
const isAsked = (page: Page): void => expect(pathOf(page)).toMatch(/^\/interaction\//);
const kinds = async ({ id }: Citizen): Promise<string[]> =>
  (await server.app.parts.authenticators.of(id)).map(({ kind }) => kind).sort();

/** Somebody with password and code, at this page a moment ago. */
async function at(path: string): Promise<{ one: Citizen; page: Page }> {
  const one = await aCitizen(server, { level: 1 });
  const stopAt = ['contacts', 'recovery'].map((page) => `${server.issuer}/account/${page}/confirm?`);
  const page = await signIn(await createBrowser({ stopAt }).open(`${server.issuer}/account/passkeys/new`), one);
  return { one, page: await page.open(server.issuer + path) };
}

/** An hour and ten minutes, with another sign-in in between: an hour of silence would end the session, and what it has begun. */
async function overAnHour(page: Page, one: Citizen): Promise<void> {
  later(40 * MINUTES);
  await signIn(await page.open(`${server.issuer}/account/passkeys/new`), one);
  later(30 * MINUTES);
}

/** A fresh proof, and the page that it comes back to, which asks for another code. */
async function provesAnew(page: Page, one: Citizen): Promise<Page> {
  const walked = await signIn(page, one);
  return walked.open(walked.location ?? '');
}

/** The code that went to this address. */
async function sentTo(address: string): Promise<string> {
  const { outbox } = server.app.parts;
  const claimed = await outbox.claim('message', { limit: 500, lease: 60 });
  await outbox.settle(claimed.map((message) => ({ message, fate: { delivered: true } })));
  const sent = claimed
    .map(({ payload }) => (payload as MessagePayload).notice)
    .find(({ to }) => to.address === address);
  return String((sent?.values as { code?: string } | undefined)?.code);
}

test('the secret of an app is kept by a code of it twenty minutes later', async () => {
  const one = await aCitizen(server, { level: 1, totp: false });
  const page = await signIn(await createBrowser().open(`${server.issuer}/account/app/new`), one);
  const secret =
    page
      .form('app-form')
      .values.get('uri')
      ?.match(/secret=([A-Z2-7]+)/)?.[1] ?? '';
  later(20 * MINUTES);
  const wrong = await page.submit({ code: 'abc' }, { form: 'app-form' });
  expect(wrong.form('app-form').values.get('challenge')).toBe(page.form('app-form').values.get('challenge'));
  const code = new TOTP({ secret }).generate({ timestamp: Date.now() });
  expect((await wrong.submit({ code }, { form: 'app-form' })).url).toContain('notice=app-added');
  expect(await kinds(one)).toEqual(['password', 'totp']);
});

describe.each([
  ['the mailbox of the account', '/account/contacts', 'contact-changed'],
  ['a mailbox for a recovery', '/account/recovery', 'address-confirmed'],
] as const)('%s', (_, path, notice) => {
  const asking = async () => {
    const { one, page } = await at(path);
    const email = `moi-${one.identifier}@sen.example`;
    const asked = await page.submit({ email }, { form: 'mail-form' });
    return { one, email, asked, code: await sentTo(email) };
  };
  const isKept = async (id: string, email: string): Promise<boolean> => {
    const { recoveries, subscribers } = server.app.parts;
    const added = (await recoveries.addresses.of(id)).map(({ address }) => address);
    return [(await subscribers.find(id))?.email, ...added].includes(email);
  };

  test('a fresh proof is asked for before an address is typed, and leads back there', async () => {
    const { one, page } = await at(path);
    expect(page.has('email')).toBe(true);
    later(6 * MINUTES);
    const stale = await page.open(server.issuer + path);
    expect(stale.has('email')).toBe(false);
    const back = await signIn(await stale.follow('Xác thực lại'), one);
    expect([pathOf(back), back.has('email')]).toEqual([path, true]);
  });

  test('is typed for a quarter of an hour, and its code comes for the rest of one hour', async () => {
    const { one, page } = await at(path);
    const email = `cham-${one.identifier}@sen.example`;
    later(14 * MINUTES);
    const asked = await page.submit({ email }, { form: 'mail-form' });
    const code = await sentTo(email);
    later(45 * MINUTES);
    const done = await asked.submit({ code }, { form: 'confirm-form' });
    expect(done.url).toContain(`notice=${notice}`);
    // Nothing can be typed by now: what is wrong with that is another's to say.
    expect(done.has('email')).toBe(false);
  });

  test('a page that was open for longer sends no code', async () => {
    const { one, page } = await at(path);
    const email = `muon-${one.identifier}@sen.example`;
    later(16 * MINUTES);
    isAsked(await page.submit({ email }, { form: 'mail-form' }));
    expect((await server.app.parts.notices.sentTo(one.id)).map(({ kind }) => kind)).toEqual([]);
  });

  test('a code that comes after half an hour confirms it', async () => {
    const { one, email, asked, code } = await asking();
    later(30 * MINUTES);
    const wrong = await asked.submit({ code: code === '12345678' ? '87654321' : '12345678' }, { form: 'confirm-form' });
    expect(wrong.words).toContain('Mã này chưa đúng');
    expect((await wrong.submit({ code }, { form: 'confirm-form' })).url).toContain(`notice=${notice}`);
    expect(await isKept(one.id, email)).toBe(true);
  });

  test('one that comes later asks for a fresh proof, and comes back to the page of the code, which is still good', async () => {
    const { one, email, asked, code } = await asking();
    await overAnHour(asked, one);
    const away = await asked.submit({ code }, { form: 'confirm-form' });
    isAsked(away);
    expect(await isKept(one.id, email)).toBe(false);
    const back = await provesAnew(away, one);
    expect(pathOf(back)).toBe(`${path}/confirm`);
    expect(back.words).toContain('m•••@sen.example');
    for (const { url } of [away, back]) expect(decodeURIComponent(url)).not.toMatch(/@|•|sen\.example/);
    expect((await back.submit({ code }, { form: 'confirm-form' })).url).toContain(`notice=${notice}`);
    expect(await isKept(one.id, email)).toBe(true);
  });

  test('what was kept is shown in its own session alone', async () => {
    const { one, asked, code } = await asking();
    await overAnHour(asked, one);
    const back = await provesAnew(await asked.submit({ code }, { form: 'confirm-form' }), one);
    const { page: other } = await at('/account');
    const shown = await other.open(back.url);
    expect([pathOf(shown), shown.text.includes('confirm-form')]).toEqual([path, false]);
    expect(pathOf(await other.open(`${server.issuer}${path}/confirm?kept=x`))).toBe(path);
  });

  test('a code confirms nothing on the strength of one that is frozen since, nor by what another code was begun with', async () => {
    const { one, email, asked, code } = await asking();
    const other = await (await asked.open(server.issuer + path)).submit(
      { email: `khac-${one.identifier}@sen.example` },
      { form: 'mail-form' },
    );
    const begun = other.form('confirm-form').values.get('begun') ?? '';
    later(10 * MINUTES);
    isAsked(await asked.submit({ code, begun }, { form: 'confirm-form' }));
    isAsked(await asked.submit({ code, begun: '' }, { form: 'confirm-form' }));
    const { authenticators } = server.app.parts;
    const [totp] = (await authenticators.of(one.id)).filter(({ kind }) => kind === 'totp');
    const frozen = await authenticators.freeze(one.id, [totp!.id]);
    await writeTogether(server.database, frozen);
    const refused = await asked.submit({ code }, { form: 'confirm-form' });
    expect(refused.url).toContain('notice=out-of-reach');
    expect(await isKept(one.id, email)).toBe(false);
    await writeTogether(server.database, await authenticators.reinstate(one.id, [totp!.id], { kind: 'system' }));
    expect((await asked.submit({ code }, { form: 'confirm-form' })).url).toContain(`notice=${notice}`);
  });
});

test('a name and the ticks of an erasure are taken ten minutes later', async () => {
  const { one, page } = await at('/account/data/erase');
  const [totp] = (await server.app.parts.authenticators.of(one.id)).filter(({ kind }) => kind === 'totp');
  const naming = await page.open(`${server.issuer}/account/authenticators/${totp?.id}/rename`);
  later(10 * MINUTES);
  const empty = await naming.submit({ name: '' }, { button: 'continue' });
  expect((await empty.submit({ name: 'Máy của mẹ' }, { button: 'continue' })).url).toContain('notice=renamed');
  expect((await page.submit({ consents: 'yes' }, { form: 'erase-form' })).url).toContain('notice=erased');
  isAsked(await page.open(`${server.issuer}/account/data/erase`));
});
