import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { epochSeconds } from '../../../src/platform/clock.ts';
import { type Browser, createBrowser, type Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { pictureOf } from '../../support/pictures.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { bindPasskey, type Claimant, signIn } from '../../support/sign-in.ts';
import { messagesTo, phoneCode, signUp } from '../../support/sign-up.ts';
import { type CreationOptions, softwarePasskey } from '../../support/software-passkey.ts';

// Domain model 8b, "Guardianship hand-over", by its pages: Hương of the sandbox is fourteen, and Lan Anh has had the account made.
const HUONG = {
  ...{ identityNumber: '097312000033', fullName: 'Nguyễn Mướp Hương', birthdate: '2012-11-20' },
  phone: '+84900000133',
};
const DAY = 86_400_000;
const MONTH_AND_MORE = 31 * DAY;

let ahead = 0;
const now = () => new Date(Date.now() + ahead);
let server: TestServer;
let lanAnh: Claimant;
let huong: Claimant;
/** The account that Lan Anh holds, before and after. */
let ward: string;
beforeAll(async () => {
  server = await startServer({ clock: { now }, settings: { REMOTE_PROOFING: 'on' } });
  const claimant = server.claimant('level-2-chip');
  lanAnh = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
  ward = (await server.app.parts.subscribers.locate(HUONG.identityNumber))!.id;
});
afterAll(() => server?.end());

const inLanguage = (language: string): Browser => createBrowser({ headers: { 'accept-language': language } });
const at = (browser: Browser, path: string): Promise<Page> => browser.open(`${server.issuer}/account${path}`);
/** What a page says to somebody who has just signed in, in Vietnamese and in English. */
async function toldIn(who: Claimant, path: string): Promise<{ vi: string; en: string }> {
  const read = async (language: string): Promise<string> => {
    const browser = inLanguage(language);
    await signIn(await at(browser, ''), who, 'passkey');
    const page = await at(browser, path);
    expect([page.status, new URL(page.url).pathname]).toEqual([200, `/account${path}`]);
    return page.words;
  };
  return { vi: await read('vi'), en: await read('en') };
}
/** The last message to a telephone that says this. */
const hasHeard = (phone: string, words: string): Promise<void> =>
  vi.waitFor(async () => expect((await messagesTo(server.issuer, phone)).join('\n')).toContain(words), {
    ...{ timeout: 15_000, interval: 100 },
  });
const activationCode = async (): Promise<string> => {
  await hasHeard(HUONG.phone, '/sign-up/activate');
  const texts = await messagesTo(server.issuer, HUONG.phone);
  return texts.flatMap((text) => /\b[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{4}\b/.exec(text) ?? [])[0] ?? '';
};
/** Whether the ward herself, in a session of hers, may be proofed from home. */
const hindrance = async () => {
  const { remoteProofings, subscribers, authenticators } = server.app.parts;
  const bound = (await authenticators.of(ward)).find(({ kind }) => kind === 'passkey');
  const proofs = bound
    ? [{ kind: 'passkey' as const, authenticatorId: bound.id, userVerified: true, at: epochSeconds(now()) }]
    : [];
  return remoteProofings.hindrance({ subscriber: (await subscribers.find(ward))!, sessionKey: 'hers', proofs });
};

test('before it: the guardian sees it in both languages, and nobody is proofed from home as the ward', async () => {
  const told = await toldIn(lanAnh, '/wards');
  expect(told.vi).toMatch(/Nguyễn Mướp Hương .* bạn đang giữ; từ ngày 20\/11\/2026, trẻ tự nhận được/);
  expect(told.en).toMatch(/Nguyễn Mướp Hương .* in your care; from .* on they can take it over/);
  expect(await hindrance()).toEqual({ reason: 'ward' });
  // Nobody signs in to it: the page sends whoever comes to sign in first.
  expect(new URL((await at(createBrowser(), '/remote')).url).pathname).toMatch(/^\/interaction\//);
});

test('she signs up as anybody does, and the account that she activates is the one that was made for her', async () => {
  const browser = inLanguage('vi');
  const picture = await pictureOf(HUONG.identityNumber);
  await signUp(server, browser, { ...HUONG, picture });
  const code = await activationCode();
  // Nothing has changed before she holds it.
  expect((await toldIn(lanAnh, '/wards')).vi).toContain('bạn đang giữ');
  const before = (await messagesTo(server.issuer, HUONG.phone)).length;
  const asked = await (await browser.open(`${server.issuer}/sign-up/activate`)).submit({ code });
  const ways = await asked.submit({ code: await phoneCode(server, HUONG.phone, before) });
  const { hostname, origin } = new URL(server.issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const options = JSON.parse(ways.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
  const done = await ways.submit({ response: JSON.stringify(passkey.create(options)) }, { form: 'register-form' });
  expect(new URL(done.url).pathname).toBe('/sign-up/activated');
  huong = { identifier: HUONG.identityNumber, passkey };
  const account = (await server.app.parts.subscribers.locate(HUONG.phone))!;
  expect(account).toMatchObject({ id: ward, accountLevel: 1, phoneVerified: true });
});

test('both are told: she on her own telephone, the guardian at every confirmed address', async () => {
  await hasHeard(HUONG.phone, 'bạn đã tự nhận tài khoản mà người giám hộ lập cho bạn');
  for (const address of ['+84900000102', 'lan.anh@sen.example'])
    await vi.waitFor(
      async () => expect((await messagesTo(server.issuer, address)).join('\n')).toContain('tự nhận tài khoản của mình'),
      { timeout: 15_000, interval: 100 },
    );
});

test('she signs in, and her history, her copy and the page of a proof from home say that it is hers', async () => {
  const history = await toldIn(huong, '/history');
  expect(history.vi).toContain('Bạn tự nhận tài khoản từ người giám hộ');
  expect(history.en).toContain('You took the account over from your guardian');
  const copy = await toldIn(huong, '/data/print');
  expect(copy.vi).toMatch(/tài khoản này do người giám hộ lập.* tự nhận ngày \d\d/);
  expect(copy.en).toMatch(/this account was made by a guardian.* taken over on \d/);
  for (const words of [copy.vi, copy.en]) expect(words).not.toContain('Lan Anh');
  expect(await hindrance()).toBeUndefined();
  const remote = await toldIn(huong, '/remote');
  expect(remote.vi).not.toContain('cha mẹ hoặc người giám hộ');
  expect(remote.en).not.toContain('parent or guardian');
  const browser = createBrowser();
  await signIn(await at(browser, ''), huong, 'passkey');
  const card = await (await at(browser, '/remote')).submit({}, { form: 'remote-form' });
  expect(card.url).toBe(`${server.issuer}/account/remote/card`);
});

test('for thirty days the guardian sees the name and until when, and then nothing; of the end they are told', async () => {
  const looking = await toldIn(lanAnh, '/wards');
  expect(looking.vi).toMatch(/Nguyễn Mướp Hương .* chủ tài khoản đã tự nhận; bạn còn xem được đến ngày \d\d/);
  expect(looking.en).toMatch(/Nguyễn Mướp Hương .* taken over by its holder; you see it until \d/);
  ahead = 29 * DAY;
  expect((await toldIn(lanAnh, '/wards')).vi).toContain('Mướp Hương');
  ahead = MONTH_AND_MORE;
  // It does not wait for whoever writes the end down.
  for (const words of Object.values(await toldIn(lanAnh, '/wards'))) {
    expect(words).not.toContain('Mướp Hương');
    expect(words).toMatch(/Bạn chưa đăng ký cho ai|You have not applied for anybody yet/);
  }
  while (await server.app.parts.guardianships.endNext());
  await hasHeard('+84900000102', 'không còn xem được tài khoản của người bạn từng giám hộ');
  const own = await toldIn(lanAnh, '/data/print');
  expect(own.vi).not.toContain('Mướp Hương');
  expect((await toldIn(huong, '/history')).vi).not.toContain('Lan Anh');
  await checkInvariants(server.database, server.app);
});
