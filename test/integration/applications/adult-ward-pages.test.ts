import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { NEWCOMERS } from '../../../src/sandbox/index.ts';
import { type Browser, createBrowser, type Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { pictureOf } from '../../support/pictures.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { bindPasskey, type Claimant, signIn } from '../../support/sign-in.ts';
import { messagesTo, phoneCode, signUp } from '../../support/sign-up.ts';
import { type CreationOptions, softwarePasskey } from '../../support/software-passkey.ts';

// The sandbox's adult ward, as its page says to try it: Quang has been appointed Bồng's guardian by a court.
const { person, phone = '' } = NEWCOMERS.find(({ id }) => id === 'adult-ward')!;
const { identityNumber, fullName, birthdate } = person;
const [year = '', month = '', day = ''] = birthdate.split('-');
const QUANG = '+84900000103';
let server: TestServer;
let quang: Claimant;
beforeAll(async () => {
  server = await startServer();
  const claimant = server.claimant('level-2-chip-face');
  quang = { ...claimant, passkey: await bindPasskey(server.issuer, claimant) };
});
afterAll(() => server?.end());

async function atWards(language = 'vi'): Promise<{ browser: Browser; page: Page }> {
  const browser = createBrowser({ headers: { 'accept-language': language } });
  await signIn(await browser.open(`${server.issuer}/account`), quang, 'passkey');
  return { browser, page: await browser.open(`${server.issuer}/account/wards`) };
}
const hasHeard = (address: string, words: string): Promise<void> =>
  vi.waitFor(async () => expect((await messagesTo(server.issuer, address)).join('\n')).toContain(words), {
    ...{ timeout: 15_000, interval: 100 },
  });
const accountId = async () => (await server.app.parts.subscribers.locate(identityNumber))?.id;
const typed = { accountType: 'citizen', identityNumber, fullName, day, month, year, agree: 'yes' };
const reported = async (saying: string): Promise<Page> =>
  (await createBrowser().open(`${server.issuer}/sandbox/register`)).submit(
    { identityNumber, saying },
    { form: 'report' },
  );

test('the sandbox shows the two beside one another, and what to try', async () => {
  for (const [language, words] of [
    ['vi', /Đinh Văn Bồng.*Lê Hoàng Quang.*đánh dấu quyết định của tòa án/s],
    ['en', /Đinh Văn Bồng.*Lê Hoàng Quang.*ticks the court’s decision/s],
  ] as const) {
    const browser = createBrowser({ headers: { 'accept-language': language } });
    expect((await browser.open(`${server.issuer}/sandbox/newcomers`)).words).toMatch(words);
  }
});

test('without the court’s decision the form says what it takes, and keeps what was typed', async () => {
  const said = {
    vi: 'Nếu tòa án đã cử bạn giám hộ người này, hãy đánh dấu vào ô đó',
    en: 'If a court has appointed you as this person’s guardian, tick that box',
  };
  for (const language of ['vi', 'en'] as const) {
    const { browser } = await atWards(language);
    const form = await browser.open(`${server.issuer}/account/wards/new`);
    const refused = await form.submit(typed, { form: 'ward' });
    expect(refused.words).toContain(said[language]);
    expect(refused.text).toContain(`value="${fullName}"`);
  }
  expect(await accountId()).toBeUndefined();
});

test('with it the account is made, and the guardian reads on what it stands, and no day of a hand-over', async () => {
  const { browser } = await atWards();
  const form = await browser.open(`${server.issuer}/account/wards/new`);
  const sent = await form.submit({ ...typed, court: 'yes' }, { form: 'ward' });
  expect(sent.words).toContain('Đã nhận hồ sơ');
  await hasHeard(QUANG, 'tài khoản mức 1 của người bạn giám hộ đã được lập');
  const list = (await atWards()).page;
  expect(list.words).toMatch(/Đinh Văn Bồng đã lập tài khoản mức 1 bạn đang giữ, theo quyết định của tòa án/);
  expect(list.words).not.toContain('tự nhận được');
  expect((await atWards('en')).page.words).toMatch(/Đinh Văn Bồng .* in your care, by a court’s decision/);
});

test('by the register’s word it ends: nothing is left to the guardian, on no page that is open still, who is told', async () => {
  const { browser, page } = await atWards();
  const [path = ''] = /\/account\/wards\/lock\?ward=[0-9a-f-]+/.exec(page.text) ?? [];
  const lock = await browser.open(`${server.issuer}${path}`);
  expect(lock.words).toContain(fullName);
  expect((await reported('guardianship-ended')).words).toContain('202');
  await hasHeard(QUANG, 'việc giám hộ của bạn đã chấm dứt');
  const tried = await lock.submit({}, { form: 'ward-lock', button: 'continue' });
  expect(tried.words).toContain('Bạn không làm được việc này');
  expect(tried.words).toContain('việc giám hộ đã chấm dứt; bạn không còn xem được');
  expect(tried.words).not.toContain(fullName);
  expect((await atWards('en')).page.words).toContain('the guardianship has ended; you no longer see it');
  expect((await server.app.parts.subscribers.find((await accountId())!))?.state).toBe('active');
});

test('afterwards its holder signs up as anybody does, and activates the very account', async () => {
  const id = await accountId();
  const browser = createBrowser({ headers: { 'accept-language': 'vi' } });
  await signUp(server, browser, {
    identityNumber,
    fullName,
    birthdate,
    phone,
    picture: await pictureOf(identityNumber),
  });
  await hasHeard(phone, '/sign-up/activate');
  const texts = await messagesTo(server.issuer, phone);
  const code = texts.flatMap((text) => /\b[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{4}\b/.exec(text) ?? [])[0] ?? '';
  const asked = await (await browser.open(`${server.issuer}/sign-up/activate`)).submit({ code });
  const ways = await asked.submit({ code: await phoneCode(server, phone, texts.length) });
  const { hostname, origin } = new URL(server.issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const options = JSON.parse(ways.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
  const done = await ways.submit({ response: JSON.stringify(passkey.create(options)) }, { form: 'register-form' });
  expect(new URL(done.url).pathname).toBe('/sign-up/activated');
  expect(await server.app.parts.subscribers.locate(phone)).toMatchObject({ id, accountLevel: 1 });
  expect(await server.app.parts.guardianships.ofWard(id!)).toMatchObject({ endGround: 'order_ended' });
  expect((await atWards()).page.words).not.toContain(fullName);
  await checkInvariants(server.database, server.app);
});
