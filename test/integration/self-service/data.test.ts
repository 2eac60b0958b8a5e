import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { signedIn } from '../../support/attack.ts';
import { seated } from '../../support/console.ts';
import { type Browser, createBrowser, type Page } from '../../support/http-client.ts';
import { brokenInvariants } from '../../support/invariants.ts';
import { aCitizen, aParty, type Citizen } from '../../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { signIn } from '../../support/sign-in.ts';

// The whole server runs in this process, so that moving `Date` moves every clock in it.
let server: TestServer;
let hotel: RelyingParty;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  hotel = await plainClient(server.issuer, await aParty(server, 'hotel'));
});
afterAll(() => server.end());
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const later = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1000);
const at = (browser: Browser, path: string): Promise<Page> => browser.open(`${server.issuer}/account${path}`);

/** Level 1 with a long password, linked with the hotel. */
async function linked(): Promise<{ citizen: Citizen; browser: Browser; token: string }> {
  const citizen = await aCitizen(server, { totp: false, level: 1 });
  const asked = { scope: 'openid profile', prompt: 'consent' };
  const { browser, tokens } = await signedIn(hotel, citizen, asked);
  return { citizen, browser, token: tokens.access_token };
}

describe('the copy of everything', () => {
  test('is one JSON document of a documented shape, with what is kept and nobody else’s', async () => {
    const { citizen, browser } = await linked();
    await at(browser, '/data');
    const other = await linked();
    const officer = await seated(server, ['intake']);
    const found = await (await officer.browser.open(`${server.issuer}/operator/people`)).submit(
      { identifier: citizen.identifier, reason: 'counter_visit', note: '' },
      { form: 'find' },
    );
    expect(found.status).toBe(200);
    const file = await (await at(browser, '/data')).submit({}, { form: 'download-form' });
    expect(file.headers['content-type']).toContain('application/json');
    expect(file.headers['content-disposition']).toBe('attachment; filename="senid-account.json"');
    expect(file.headers['cache-control']).toContain('no-store');
    const copy = file.json<Record<string, unknown>>();
    expect(Object.keys(copy)).toEqual([
      ...['format', 'version', 'made_at', 'account', 'authenticators', 'sessions', 'linked_services', 'consents'],
      ...['withdrawals', 'notices', 'data_requests', 'disclosures', 'events', 'complete'],
    ]);
    expect(copy).toMatchObject({
      ...{ format: 'senid-account', version: 1, complete: true },
      account: { fullName: 'Đặng Thị Ngọc Huyền', identityNumbers: [{ number: citizen.identifier }] },
      linked_services: [{ clientId: 'hotel' }],
      consents: [{ clientId: 'hotel', state: 'given' }],
      authenticators: [{ kind: 'password' }],
    });
    expect((copy.events as { type: string }[]).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['subscriber.viewed', 'subscriber.data_downloaded', 'session.started']),
    );
    // From which office, never who; and no bearer value, hash or key.
    for (const secret of [
      officer.operator.operatorId,
      officer.operator.name,
      other.citizen.id,
      other.citizen.identifier,
      citizen.password,
    ])
      expect(file.text).not.toContain(secret);
    expect(file.text).not.toMatch(/argon2|"uid"|binding/);
  });

  test('names each page that an officer had open; the same page is another look five minutes later', async () => {
    const { citizen, browser } = await linked();
    const officer = await seated(server, ['intake']);
    const found = await (await officer.browser.open(`${server.issuer}/operator/people`)).submit(
      { identifier: citizen.identifier, reason: 'counter_visit', note: '' },
      { form: 'find' },
    );
    await found.follow('/counter');
    later(299);
    await officer.browser.open(found.url);
    const read = async () => (await at(browser, '/data/viewed')).words.match(/Đã mở[^.\d]*/g);
    const [counter, person] = ['Đã mở trang làm việc tại quầy ', 'Đã mở trang thông tin tài khoản của bạn '];
    expect(await read()).toEqual([counter, person]);
    later(2);
    await officer.browser.open(found.url);
    expect(await read()).toEqual([person, counter, person]);
  });

  test('takes a fresh proof: after five minutes nothing is handed out, and nothing journalled', async () => {
    const { citizen, browser } = await linked();
    const page = await at(browser, '/data');
    later(400);
    const asked = await page.submit({}, { form: 'download-form' });
    expect(new URL(asked.url).pathname).toMatch(/^\/interaction\//);
    expect(new URL((await at(browser, '/data/print')).url).pathname).toMatch(/^\/interaction\//);
    const types = ['subscriber.data_downloaded'] as const;
    expect(await server.app.parts.journal.query({ subscriberId: citizen.id, types })).toEqual([]);
    const again = await signIn(asked, citizen);
    expect(new URL(again.url).pathname).toBe('/account/data');
    expect((await again.submit({}, { form: 'download-form' })).text).toContain('"senid-account"');
    expect(await server.app.parts.journal.query({ subscriberId: citizen.id, types })).toHaveLength(1);
  });

  test('of somebody with many receipts comes a page at a time, and is whole', async () => {
    const { citizen, browser } = await linked();
    await server.database.execute({
      text: `INSERT INTO disclosure_receipts (subscriber_id, id, client_id, legal_basis, claims, carrier, at)
        SELECT $1, gen_random_uuid(), 'hotel', 'test', ARRAY['name'], 'userinfo', now() - n * interval '1 minute'
        FROM generate_series(1, 1234) AS n`,
      values: [citizen.id],
    } as never);
    const file = await (await at(browser, '/data')).submit({}, { form: 'download-form' });
    const { disclosures, complete } = file.json<{ disclosures: { id: string }[]; complete: boolean }>();
    expect([new Set(disclosures.map(({ id }) => id)).size, complete]).toEqual([disclosures.length, true]);
    expect(disclosures.length).toBeGreaterThanOrEqual(1234);
  });

  test('is a page to be printed, too', async () => {
    const { citizen, browser } = await linked();
    const page = await at(browser, '/data/print');
    expect(page.words).toContain('Đặng Thị Ngọc Huyền');
    expect(page.words.replaceAll(' ', '')).toContain(citizen.identifier);
    expect(page.words).toContain('Bên hotel');
  });
});

describe('requests', () => {
  test('a correction is asked for, shown with its dates, answered by the data protection role, and read', async () => {
    const { citizen, browser } = await linked();
    const form = await at(browser, '/data/requests/new');
    const empty = await form.submit({ statement: ' ' }, { form: 'ask-form' });
    expect(empty.words).toContain('Chọn một việc');
    expect(empty.words).toContain('Viết vài chữ');
    const missing = await form.submit(
      { kind: 'rectify', subject: '', statement: 'Sai tên đệm.' },
      { form: 'ask-form' },
    );
    expect(missing.words).toContain('Chọn mục cần sửa');
    const sent = await form.submit(
      { kind: 'rectify', subject: 'name', statement: 'Tên đệm là <b>Bảo</b>.' },
      { form: 'ask-form' },
    );
    expect(sent.words).toContain('Chúng tôi đã nhận yêu cầu của bạn');
    expect(sent.words).toMatch(/Sửa thông tin: Họ tên .* Xác nhận trước hết ngày .* Trả lời trước hết ngày/);
    expect(sent.text).not.toContain('<b>Bảo</b>');

    const [request] = await server.app.parts.dataRequests.of(citizen.id);
    const url = `${server.issuer}/operator/data-requests`;
    const officer = await seated(server, ['data_protection']);
    expect((await officer.browser.open(url)).words).toContain('Sửa thông tin: Họ tên');
    let page = await officer.browser.open(`${url}/${request!.id}`);
    expect(page.words).toContain('Đặng Thị Ngọc Huyền');
    page = await page.submit({}, { form: 'acknowledge' });
    expect(page.words).toContain('Đã xác nhận.');
    const short = await page.submit({ extension: 'bận' }, { form: 'extend' });
    expect([short.status, short.words.includes('ít nhất 10 ký tự')]).toEqual([422, true]);
    page = await page.submit({ extension: 'Cơ sở dữ liệu dân cư chưa trả lời.' }, { form: 'extend' });
    expect(page.words).toContain('Đã gia hạn và báo cho người dân');
    expect(page.forms.map(({ id }) => id)).not.toContain('extend');
    page = await page.submit({ outcome: 'granted', reason: 'Đã sửa tên đệm theo giấy khai sinh.' }, { form: 'decide' });
    expect(page.words).toContain('Đã trả lời và báo cho người dân');

    const read = await at(browser, '/data');
    expect(read.words).toMatch(/Đã làm theo yêu cầu .* Đã sửa tên đệm theo giấy khai sinh/);
    expect(read.words).not.toContain(officer.operator.name);
    const queued = await server.app.parts.journal.query({ subscriberId: citizen.id, types: ['notice.queued'] });
    expect(queued.map(({ detail }) => detail?.notice)).toEqual(['data_request_answered', 'data_request_answered']);
    expect((await at(browser, '/data/viewed')).words).toContain('Trả lời yêu cầu về dữ liệu');
  });

  test('who is not of the role sees none, and nobody sees somebody else’s', async () => {
    const { browser } = await linked();
    const form = await at(browser, '/data/requests/new');
    await form.submit({ kind: 'object', subject: '', statement: 'Không muốn.' }, { form: 'ask-form' });
    for (const role of ['security', 'auditor', 'intake', 'sysadmin'] as const) {
      const other = await seated(server, [role]);
      expect((await other.browser.open(`${server.issuer}/operator/data-requests`)).status).toBe(403);
    }
    const stranger = await linked();
    expect((await at(stranger.browser, '/data')).words).not.toContain('Không muốn.');
  });

  test('erasing takes away links, consents and optional contacts, and refuses the account with the reason', async () => {
    const { citizen, browser, token } = await linked();
    const page = await at(browser, '/data/erase');
    expect((await page.submit({}, { form: 'erase-form' })).words).toContain('Chọn ít nhất một mục');
    const done = await page.submit(
      { links: 'yes', consents: 'yes', optional: 'yes', account: 'yes' },
      { form: 'erase-form' },
    );
    expect(done.words).toMatch(/Xóa Nhận lúc .* Đã làm một phần .* lưu vĩnh viễn/);
    expect((await hotel.userinfo(token)).status).toBe(401);
    expect(await server.app.parts.accountLinks.of(citizen.id)).toEqual([]);
    const person = await server.app.parts.subscribers.find(citizen.id);
    expect([person?.email, person?.phone, person?.fullName]).toEqual([
      ...[undefined, expect.any(String), 'Đặng Thị Ngọc Huyền'],
    ]);
    const only = await (await at(browser, '/data/erase')).submit({ account: 'yes' }, { form: 'erase-form' });
    expect(only.words).toMatch(/Từ chối .* Không xóa được tài khoản/);
    expect(person?.state).toBe('active');
  });

  test('erasing takes a fresh proof', async () => {
    const { citizen, browser } = await linked();
    const page = await at(browser, '/data/erase');
    later(400);
    const asked = await page.submit({ links: 'yes' }, { form: 'erase-form' });
    expect(new URL(asked.url).pathname).toMatch(/^\/interaction\//);
    expect(await server.app.parts.accountLinks.of(citizen.id)).toHaveLength(1);
  });
});

describe('lock my account now', () => {
  test('ends everything, tells the addresses, and lets nobody in; thinking better of it changes nothing', async () => {
    const { citizen, browser, token } = await linked();
    const kept = await (await at(browser, '/lock')).submit({}, { form: 'lock-form', button: 'cancel' });
    expect(new URL(kept.url).pathname).toBe('/account');
    const locked = await (await at(browser, '/lock')).submit({}, { form: 'lock-form', button: 'continue' });
    expect([new URL(locked.url).pathname, locked.words.includes('Tài khoản đã khóa')]).toEqual([
      '/account/locked',
      true,
    ]);
    expect((await hotel.userinfo(token)).status).toBe(401);
    expect((await at(browser, '')).url).toContain('/interaction/');
    const tried = await signIn(await at(createBrowser(), ''), citizen);
    expect(tried.status).toBe(403);
    const [notice] = await server.app.parts.journal.query({
      subscriberId: citizen.id,
      types: ['notice.queued'],
      limit: 1,
    });
    expect(notice?.detail).toEqual({ notice: 'account_locked', media: ['sms', 'mail'] });
    const [lock] = await server.app.parts.subscribers.locks(citizen.id);
    expect(lock).toMatchObject({ ground: 'holder_request' });
  });

  test('and nothing is broken afterwards', async () => {
    vi.useRealTimers();
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
