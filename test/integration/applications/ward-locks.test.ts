import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { type Browser, createBrowser, type Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { bindPasskey, type Claimant, type Means, signIn } from '../../support/sign-in.ts';
import { messagesTo } from '../../support/sign-up.ts';

// A guardian locks what they hold, as anybody locks their own account: Hương of the sandbox is Lan Anh's ward.
const HUONG = '097312000033';
let server: TestServer;
let lanAnh: Claimant & { readonly id: string };
let ward: string;
/** What names the guardianship on the pages. */
let held: string;
beforeAll(async () => {
  server = await startServer();
  const { subscribers, guardianships } = server.app.parts;
  const claimant = server.claimant('level-2-chip');
  const { id } = (await subscribers.locate(claimant.identifier))!;
  lanAnh = { ...claimant, id, passkey: await bindPasskey(server.issuer, claimant) };
  const account = (await subscribers.locate(HUONG))!;
  ward = account.id;
  held = (await guardianships.ofWard(ward))!.applicationId;
  // A mailbox of the ward's own, as an office may have noted one.
  const mail = { medium: 'mail', address: 'huong@sen.example' } as const;
  await writeTogether(server.database, subscribers.changingContact(account, mail));
});
afterAll(() => server?.end());

async function home(who: Claimant, means: Means = 'passkey', language = 'vi'): Promise<Browser> {
  const browser = createBrowser({ headers: { 'accept-language': language } });
  await signIn(await browser.open(`${server.issuer}/account`), who, means);
  return browser;
}
const wards = (browser: Browser): Promise<Page> => browser.open(`${server.issuer}/account/wards`);
const atLock = (browser: Browser): Promise<Page> => browser.open(`${server.issuer}/account/wards/lock?ward=${held}`);
const stateOf = async () => (await server.app.parts.subscribers.find(ward))?.state;
const openLocks = async () => (await server.app.parts.subscribers.locks(ward)).filter(({ liftedAt }) => !liftedAt);
const hasHeard = (address: string, words: string): Promise<void> =>
  vi.waitFor(async () => expect((await messagesTo(server.issuer, address)).join('\n')).toContain(words), {
    ...{ timeout: 15_000, interval: 100 },
  });
const lockedByHer = async (): Promise<Browser> => {
  const browser = await home(lanAnh);
  const done = await (await atLock(browser)).submit({}, { form: 'ward-lock', button: 'continue' });
  expect(done.words).toContain('Đã khóa tài khoản của người bạn giám hộ');
  expect(await stateOf()).toBe('locked');
  return browser;
};

test('at once, by a page that says what it does; whoever did it is journalled, and everybody is told', async () => {
  expect((await atLock(await home(lanAnh, 'passkey', 'en'))).words).toMatch(
    /Lock the account of the person in your care .* account of Nguyễn Mướp Hương/,
  );
  const password = await home(lanAnh, 'password');
  const page = await atLock(password);
  expect(page.words).toMatch(/Khóa tài khoản của người bạn giám hộ .* tài khoản của Nguyễn Mướp Hương/);
  await page.submit({}, { form: 'ward-lock', button: 'cancel' });
  expect(await stateOf()).toBe('active');

  // A session is enough to lock.
  const done = await page.submit({}, { form: 'ward-lock', button: 'continue' });
  expect(done.words).toMatch(/Đã khóa tài khoản của người bạn giám hộ.*Nguyễn Mướp Hương.*đang khóa/s);
  expect(await openLocks()).toMatchObject([{ ground: 'holder_request', openedBy: `subscriber:${lanAnh.id}` }]);
  const [entry] = await server.app.parts.journal.query({ subscriberId: ward, types: ['subscriber.locked'], limit: 1 });
  expect(entry).toMatchObject({ actor: { kind: 'subscriber', id: lanAnh.id }, detail: { ground: 'holder_request' } });
  await hasHeard('huong@sen.example', 'đã bị khóa');
  for (const address of ['+84900000102', 'lan.anh@sen.example'])
    await hasHeard(address, 'ài khoản của người bạn giám hộ');

  // Once more changes nothing; and nobody takes over what is locked.
  await page.submit({}, { form: 'ward-lock', button: 'continue' });
  expect(await openLocks()).toHaveLength(1);
  const account = (await server.app.parts.subscribers.find(ward))!;
  expect(await server.app.parts.guardianships.mayBeTakenOver(account)).toBe(false);

  // It takes more to unlock it: a password and a code are not strong.
  const away = await done.submit({}, { form: `unlock-${held}` });
  expect(new URL(away.url).pathname).toMatch(/^\/interaction\//);
  expect(await stateOf()).toBe('locked');
  const open = await (await wards(await home(lanAnh))).submit({}, { form: `unlock-${held}` });
  expect(open.words).toContain('Tài khoản của người bạn giám hộ đang mở');
  expect(await stateOf()).toBe('active');
  const [lifted] = await server.app.parts.journal.query({
    ...{ subscriberId: ward, types: ['subscriber.unlocked'], limit: 1 },
  });
  expect(lifted).toMatchObject({ actor: { kind: 'subscriber', id: lanAnh.id }, detail: { reason: 'guardian' } });
  await hasHeard('+84900000102', 'đã mở khóa tài khoản của người bạn giám hộ');
});

test('the guardian lifts the holder’s own lock and no other', async () => {
  const browser = await lockedByHer();
  const other = await server.app.parts.subscribers.lock(ward, 'card_revoked', { kind: 'system' });
  const page = await (await wards(browser)).submit({}, { form: `unlock-${held}` });
  expect(page.words).toContain('còn bị khóa vì lý do khác');
  expect(await openLocks()).toMatchObject([{ id: other.id, ground: 'card_revoked' }]);
  // There is nothing left that they may lift, and no button.
  expect((await wards(browser)).forms.filter(({ id }) => id?.startsWith('unlock-'))).toEqual([]);
  await server.app.parts.subscribers.unlock(ward, other.id, { kind: 'system' });
  await server.app.parts.subscribers.unlock(ward, other.id, { kind: 'operator', id: 'officer-1' });
  expect(await stateOf()).toBe('active');
});

test('nobody else’s ward, and none while the guardian’s own level 2 does not count', async () => {
  const claimant = server.claimant('level-2-chip-face');
  const stranger = await home({ ...claimant, passkey: await bindPasskey(server.issuer, claimant) });
  expect((await atLock(stranger)).status).toBe(404);
  for (const made of ['', 'x', '%00', ward.replace(/.$/, (last) => (last === '0' ? '1' : '0'))])
    expect((await (await home(lanAnh)).open(`${server.issuer}/account/wards/lock?ward=${made}`)).status).toBe(404);
  const { wardLocks, subscribers } = server.app.parts;
  const other = (await subscribers.locate(claimant.identifier))!;
  expect(await wardLocks.lock(other, held)).toBe('not_held');
  const guardian = (await subscribers.find(lanAnh.id))!;
  expect(await wardLocks.lock({ ...guardian, accountLevel: 1 }, held)).toBe('not_held');
  expect(await wardLocks.lock({ ...guardian, state: 'locked' }, held)).toBe('not_held');
  const page = await atLock(await home(lanAnh));
  const posted = await page.submit({ ward: other.id }, { form: 'ward-lock', button: 'continue' });
  expect(posted.words).toContain('Bạn không làm được việc này');
  expect(await stateOf()).toBe('active');
});

test('a guardian who presses eight times at once locks once', async () => {
  const { wardLocks, subscribers } = server.app.parts;
  const guardian = (await subscribers.find(lanAnh.id))!;
  const before = (await subscribers.locks(ward)).length;
  const pressed = await Promise.all(Array.from({ length: 8 }, () => wardLocks.lock(guardian, held)));
  expect(new Set(pressed)).toEqual(new Set(['locked']));
  const made = (await subscribers.locks(ward)).slice(0, -before || undefined);
  expect(made).toHaveLength(1);
  await subscribers.unlock(ward, made[0]!.id, { kind: 'subscriber', id: guardian.id });
});

test('not in the days in which they only look on, neither to lock nor to unlock, whatever page is open still', async () => {
  const browser = await lockedByHer();
  const [before, locking] = [await wards(browser), await atLock(browser)];
  await server.database.execute(sql`UPDATE guardianships SET handed_over_at = now(), policy = 'guardianships@2024-07-01',
    view_until = now() + interval '30 days' WHERE ward_id = ${ward}`);
  const tried = await before.submit({}, { form: `unlock-${held}` });
  expect(tried.words).toContain('Bạn không làm được việc này');
  expect(await stateOf()).toBe('locked');
  for (const { id } of await openLocks())
    await server.app.parts.subscribers.unlock(ward, id, { kind: 'operator', id: 'officer-1' });
  const late = await locking.submit({}, { form: 'ward-lock', button: 'continue' });
  expect(late.words).toContain('Bạn không làm được việc này');
  expect((await atLock(browser)).status).toBe(404);
  const looking = await wards(browser);
  expect(looking.words).toContain('bạn còn xem được đến ngày');
  expect(looking.words).not.toContain('Khóa tài khoản này');
  expect(await stateOf()).toBe('active');
  await checkInvariants(server.database, server.app);
});
