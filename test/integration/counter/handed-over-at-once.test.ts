import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { NEWCOMERS } from '../../../src/sandbox/index.ts';
import { aCapture, anOfficer, cardRead, faceTaken, printsTaken, type Seat, served } from '../../support/counter.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { pictureOf } from '../../support/pictures.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { messagesTo, phoneCode, signUp } from '../../support/sign-up.ts';
import { type CreationOptions, softwarePasskey } from '../../support/software-passkey.ts';

// Domain model 8b, "Guardianship hand-over": a ward of fourteen takes her account over online, and at a counter, in one moment.
let server: TestServer;
let officer: Seat;
beforeEach(async () => {
  server = await startServer();
  officer = await anOfficer(server, ['intake']);
});
afterEach(async () => {
  await checkInvariants(server.database, server.app);
  await server.end();
});

const { person: HUONG } = NEWCOMERS.find(({ id }) => id === 'ward-of-14')!;
const PHONE = '+84900000133';
const account = async () => (await server.app.parts.subscribers.locate(HUONG.identityNumber))!;
const passkeys = async () => (await server.app.parts.authenticators.of((await account()).id)).map(({ kind }) => kind);

/** Approved at the counter, and the page of the code that she was given. */
async function approved(): Promise<{ readonly done: Page; readonly ways: () => Promise<Page> }> {
  const { identityNumber } = HUONG;
  const page = await cardRead(
    await served(server, officer, { identityNumber, person: HUONG as never }),
    'ward-of-14.genuine',
  );
  const ready = await printsTaken(await faceTaken(officer, page, identityNumber), aCapture());
  const done = await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
  expect(done.words).toContain('Đã duyệt');
  const code = async (): Promise<string> =>
    /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec((await done.submit({}, { form: 'give-code' })).words)![0];
  const ways = async () =>
    (await createBrowser().open(`${server.issuer}/counter`)).submit({ code: await code() }, { form: 'code-form' });
  return { done, ways };
}

/** Signed up online as anybody, up to the page on which something is bound. */
async function online(): Promise<Page> {
  const browser = createBrowser();
  const { identityNumber, fullName, birthdate } = HUONG;
  await signUp(server, browser, {
    ...{ identityNumber, fullName, birthdate, phone: PHONE, picture: await pictureOf(identityNumber) },
  });
  const code = await vi.waitFor(
    async () => {
      const texts = await messagesTo(server.issuer, PHONE);
      const found = texts.flatMap((text) => /\b[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{4}\b/.exec(text) ?? [])[0];
      expect(found).toBeDefined();
      return found!;
    },
    { timeout: 15_000, interval: 100 },
  );
  const before = (await messagesTo(server.issuer, PHONE)).length;
  const asked = await (await browser.open(`${server.issuer}/sign-up/activate`)).submit({ code });
  return asked.submit({ code: await phoneCode(server, PHONE, before) });
}

/** Binds a passkey by the page. */
function binds(ways: Page): Promise<Page> {
  const { hostname, origin } = new URL(server.issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const options = JSON.parse(ways.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
  const response = JSON.stringify(passkey.create(options));
  return ways.submit({ response, name: '' }, { form: 'register-form' });
}

/** One after the other has read everything and is about to write, when both may: in the order in which they came. */
async function atOnce(...acts: readonly (() => Promise<Page>)[]): Promise<Page[]> {
  const { id } = await account();
  const waiting = async () =>
    (await server.database.row<{ count: number }>(sql`SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND datname = current_database()`))!.count;
  const going: Promise<Page>[] = [];
  await server.database.transaction(async (transaction) => {
    await transaction.row(sql`SELECT 1 FROM guardianships WHERE ward_id = ${id} FOR UPDATE`);
    for (const act of acts) {
      going.push(act());
      await vi.waitFor(async () => expect(await waiting()).toBe(going.length), { timeout: 10_000, interval: 50 });
    }
  });
  return Promise.all(going);
}

describe('of a hand-over online and one at the counter the second binds nothing, and says what has happened', () => {
  test('online first: the code of the counter is over, and the officer proves level 2 again', async () => {
    const { done, ways } = await approved();
    const [page, code, later] = [await online(), await ways(), await createBrowser().open(`${server.issuer}/counter`)];
    const [first, second] = await atOnce(
      () => binds(page),
      () => binds(code),
    );
    expect(new URL(first!.url).pathname).toBe('/sign-up/activated');
    expect([second!.status, second!.words]).toEqual([422, expect.stringContaining('đã được tự nhận trên mạng')]);
    expect(await account()).toMatchObject({ accountLevel: 1, reproofingGround: 'handed_over' });
    expect(await passkeys()).toContain('passkey');
    expect((await passkeys()).filter((kind) => kind === 'chip-card')).toEqual([]);

    // The officer hears it too: there is no code for it any more, and the account says why.
    const again = await officer.browser.open(done.url.split('?')[0]!);
    const told = await again.submit({}, { form: 'give-code' });
    expect(told.words).toContain('Không đưa mã được');
    expect(told.words).toContain('vừa tự nhận tài khoản từ người giám hộ');
    expect(told.words).not.toMatch(/[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/);
    expect((await later.submit({ code: 'ABCD-EFGH-JKMN-PQRS' }, { form: 'code-form' })).status).toBe(422);
    // A new application is begun, and its code binds.
    const anew = await approved();
    expect(await passkeys()).toEqual([]);
    await binds(await anew.ways());
    expect(await passkeys()).toContain('passkey');
    expect(await account()).toMatchObject({ accountLevel: 2, state: 'active' });
  });

  test('the counter first: whoever is online is told, and nothing of theirs is bound', async () => {
    const { ways } = await approved();
    const [page, code] = [await online(), await ways()];
    const [first, second] = await atOnce(
      () => binds(code),
      () => binds(page),
    );
    expect(new URL(first!.url).pathname).toBe('/counter/done');
    expect(second!.words).toContain('vừa được bàn giao tại cơ quan tiếp nhận');
    expect(await account()).toMatchObject({ accountLevel: 2, state: 'active' });
    expect((await passkeys()).filter((kind) => kind === 'passkey')).toHaveLength(1);
    expect(await server.app.parts.subscribers.locate(PHONE)).toBeUndefined();
  });

  test('one after the other: a code that was given before, and one that is typed after it, bind nothing', async () => {
    const { ways } = await approved();
    const [page, code] = [await online(), await ways()];
    expect(new URL((await binds(page)).url).pathname).toBe('/sign-up/activated');
    const late = await binds(code);
    expect([late.status, late.words]).toEqual([422, expect.stringContaining('đã được tự nhận trên mạng')]);
    expect((await passkeys()).filter((kind) => kind === 'passkey')).toHaveLength(1);
  });
});
