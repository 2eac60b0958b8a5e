import { createRemoteJWKSet, jwtVerify } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertEntry } from '../../../src/domain/consents/store.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { type SignedIn, signedIn } from '../../support/attack.ts';
import { seated } from '../../support/console.ts';
import { type Browser, createBrowser, createSend, type Page } from '../../support/http-client.ts';
import { brokenInvariants } from '../../support/invariants.ts';
import { aListener } from '../../support/listener.ts';
import { aCitizen, aParty, type Citizen } from '../../support/newcomers.ts';
import { plainClient, type RelyingParty } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { signIn } from '../../support/sign-in.ts';

const PARTIES = ['events', 'logouts', 'silent'] as const;
const DAY = 86_400_000;

describe('linked services and consents', () => {
  let server: TestServer;
  let listener: Awaited<ReturnType<typeof aListener>>;
  const parties = {} as Record<(typeof PARTIES)[number], RelyingParty>;
  /** What the receiver of events answers. */
  let status = 202;
  beforeAll(async () => {
    listener = await aListener(({ path }, response) => {
      response.statusCode = path === '/events' ? status : 200;
      response.end();
    });
    server = await startServer({ settings: { EGRESS_ALLOWED: listener.origin } });
    for (const name of PARTIES) {
      const metadata = name === 'silent' ? {} : { backchannel_logout_uri: `${listener.origin}/logout-of-${name}` };
      const terms = name === 'events' ? { eventsUri: `${listener.origin}/events` } : {};
      const config = await aParty(server, name, metadata, undefined, terms);
      parties[name] = await plainClient(server.issuer, config);
    }
  });
  afterAll(async () => {
    await server.end();
    await listener.close();
  });

  const at = (browser: Browser, path: string): Promise<Page> => browser.open(`${server.issuer}/account${path}`);
  const scope = { scope: 'openid profile offline_access', prompt: 'consent' };
  async function everywhere(): Promise<{ citizen: Citizen; browser: Browser; signed: Record<string, SignedIn> }> {
    const citizen = await aCitizen(server, { totp: false, level: 1 });
    const signed: Record<string, SignedIn> = {};
    let browser: Browser | undefined;
    for (const name of PARTIES) {
      const done = await signedIn(parties[name], citizen, scope, browser ? { browser } : {});
      expect((await parties[name].userinfo(done.tokens.access_token)).status).toBe(200);
      signed[name] = done;
      browser = done.browser;
    }
    listener.received.length = 0;
    return { citizen, browser: browser!, signed };
  }
  const dead = async (name: (typeof PARTIES)[number], { tokens }: SignedIn): Promise<unknown[]> => [
    (await parties[name].userinfo(tokens.access_token)).status,
    (await parties[name].introspect(tokens.access_token)).json().active,
    (await parties[name].refresh(tokens.refresh_token ?? '')).status,
  ];
  const journalled = async ({ id }: Citizen): Promise<unknown[]> => {
    const types = ['consent.withdrawal_told', 'consent.withdrawal_not_told', 'consent.withdrawal_confirmed'] as const;
    const entries = await server.app.parts.journal.query({ types, subscriberId: id });
    return entries.map(({ type, actor }) => [type, actor.kind]);
  };
  const withdrawals = (citizen: Citizen) => server.app.parts.consents.withdrawals(citizen.id);

  test('are listed with what they may have, and each with what it received: items, never values', async () => {
    const { browser } = await everywhere();
    const list = await at(browser, '/services');
    for (const name of PARTIES) expect(list.words).toContain(`Bên ${name}`);
    const page = await list.follow('Bên silent');
    expect(page.words).toMatch(/Dịch vụ này đã nhận .* Họ, chữ đệm và tên .* Mục đích: thử đăng nhập/);
    const timeline = await at(browser, '/disclosures');
    for (const name of PARTIES) expect(timeline.words).toContain(`Bên ${name}`);
    for (const { text } of [page, timeline]) expect(text).not.toContain('Đặng Thị Ngọc Huyền');
  });

  test('say what each was for in the words of then, whatever the service says today; of what was not kept, that it is of today', async () => {
    const { citizen, browser } = await everywhere();
    const { consents } = server.app.parts;
    const { client_id: clientId } = parties.silent.config;
    const then = { vi: 'đặt bàn ăn tối', en: 'book a table' };
    const standing = (await consents.find(citizen.id, clientId))!;
    const about = { subscriberId: citizen.id, clientId, text: standing.text };
    const { consent, writes } = consents.give(
      { ...about, scopes: ['profile'], claims: [], purposeWords: then },
      standing,
    );
    await writeTogether(server.database, writes);
    const left = { subscriberId: citizen.id, clientId, claims: ['name'], carrier: 'userinfo' } as const;
    const disclose = async (consentId: string) =>
      writeTogether(server.database, consents.disclose({ ...left, ground: { consentId } }));
    await disclose(consent.id);
    for (const path of ['/services', `/services/${clientId}`, '/disclosures', '/data/print'])
      expect((await at(browser, path)).words, path).toContain('đặt bàn ăn tối');
    const copy = (await (await at(browser, '/data')).submit({}, { form: 'download-form' })).text;
    const { consents: agreed, disclosures } = JSON.parse(copy) as Record<string, { purposeWords?: unknown }[]>;
    expect(agreed?.[0]?.purposeWords).toEqual(then);
    expect(disclosures?.[0]?.purposeWords).toEqual(then);
    // As it was written before the words were kept.
    const { purposeWords: _, ...former } = { ...consent, id: newId() };
    await server.database.execute(insertEntry(former, 'given', consent.id));
    await disclose(former.id);
    expect((await at(browser, '/disclosures')).words).toMatch(
      /Mục đích: thử đăng nhập \(Đây là lời dịch vụ nói hôm nay; lời lúc đó chưa được lưu lại\.\).*Mục đích: đặt bàn ăn tối(?! \()/,
    );
    expect((await at(browser, `/services/${clientId}`)).words).toContain('lời lúc đó chưa được lưu lại');
  });

  test('a withdrawal in the middle of a sign-in there: nothing is granted on what was agreed to before', async () => {
    const { citizen, browser } = await everywhere();
    const started = await parties.silent.begin({ scope: 'openid profile' });
    const list = await at(browser, '/services');
    // On another device, which has no grant there yet.
    const device = createBrowser();
    await signIn(await at(device, ''), citizen);
    const other = new pg.Client({ connectionString: server.databaseUrl });
    await other.connect();
    // The sign-in has read what stands, and waits where its code is written.
    await other.query('BEGIN');
    await other.query('LOCK TABLE authorization_codes IN ACCESS EXCLUSIVE MODE');
    const back = device.open(started.url);
    const waits = `SELECT count(*)::int AS n FROM pg_locks WHERE relation = 'authorization_codes'::regclass AND NOT granted`;
    await expect.poll(async () => (await other.query(waits)).rows[0].n, { timeout: 10_000 }).toBeGreaterThan(0);
    const [standing] = await server.app.parts.consents.history(citizen.id);
    expect([standing?.clientId, standing?.state]).toEqual([parties.silent.config.client_id, 'given']);
    await list.submit({}, { form: `withdraw-${standing!.clientId}` });
    expect(await withdrawals(citizen)).toHaveLength(1);
    await other.query('ROLLBACK');
    await other.end();
    const refused = await back;
    expect([refused.status, refused.location]).toEqual([400, undefined]);
    expect(
      await server.database.row(sql`SELECT count(*) AS n FROM grants WHERE account_id = ${citizen.id}
        AND client_id = ${standing!.clientId} AND revoked_at IS NULL`),
    ).toEqual({ n: 0 });
    // Whoever comes again is asked again.
    const again = await browser.open((await parties.silent.begin({ scope: 'openid profile' })).url);
    expect(again.forms.some(({ id }) => id === 'consent-form')).toBe(true);
  });

  test('a withdrawal counts at once; whoever takes events is told by one, and has confirmed once it says that it has stopped', async () => {
    const { citizen, browser, signed } = await everywhere();
    const begun = Date.now();
    const after = await (await at(browser, '/services')).submit({}, { form: 'withdraw-events' });
    expect(await dead('events', signed.events!)).toEqual([401, false, 400]);
    expect((await parties.logouts.userinfo(signed.logouts!.tokens.access_token)).status).toBe(200);
    expect(after.words).toContain('Đã rút lại sự đồng ý');
    await expect
      .poll(() => listener.received.map(({ path }) => path).sort(), { timeout: 5_000 })
      .toEqual(['/events', '/logout-of-events']);
    const event = listener.received.find(({ path }) => path === '/events')!;
    expect([event.method, event.headers['content-type'], event.headers.accept]).toEqual([
      'POST',
      'application/secevent+jwt',
      'application/json',
    ]);
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
    const { payload } = await jwtVerify(event.body, keys, {
      ...{ issuer: server.issuer, audience: 'events', typ: 'secevent+jwt' },
    });
    expect(payload.exp).toBeUndefined();
    expect(payload.sub_id).toEqual({ format: 'iss_sub', iss: server.issuer, sub: signed.events!.idToken.sub });
    expect(payload.events).toEqual({
      [`${server.issuer}/events/consent-withdrawn`]: {
        ...{ purpose: 'sign_in', event_timestamp: expect.any(Number), confirm_by: expect.any(Number) },
        confirmation_uri: expect.stringMatching(`^${server.issuer}/withdrawals/[\\w-]+/confirmation$`),
      },
    });
    expect(event.body).not.toContain(citizen.identifier);
    await expect.poll(async () => (await withdrawals(citizen))[0]?.toldAt, { timeout: 5_000 }).toBeDefined();
    const [withdrawal] = await withdrawals(citizen);
    const days = (withdrawal!.confirmBy.getTime() - begun) / DAY;
    expect([withdrawal!.told, days >= 20 && days < 26]).toEqual(['event', true]);
    // That the message was taken is a receipt, and no word of what became of the data (RFC 8935 §2.2).
    expect(withdrawal!.confirmedAt).toBeUndefined();
    const told = await at(browser, '/services');
    expect(told.words).toMatch(
      /Bên events Rút lại lúc .* Dịch vụ này đã nhận báo lúc \d\d\/\d\d\/\d{4} \d\d:\d\d, chưa xác nhận là đã ngừng dùng Hạn xác nhận/,
    );

    const { confirmation_uri: uri } = Object.values(payload.events as Record<string, { confirmation_uri: string }>)[0]!;
    const send = createSend();
    // A look says nothing, and an address that is changed or made up is nobody's.
    expect((await send(uri)).status).toBe(404);
    for (const other of [
      uri.replace(/.(?=\/confirmation$)/, (last) => (last === 'A' ? 'B' : 'A')),
      uri.replace(/[\w-]+(?=\/confirmation$)/, 'x'),
    ])
      expect((await send(other, { method: 'POST' })).status).toBe(404);
    expect((await withdrawals(citizen))[0]?.confirmedAt).toBeUndefined();
    const first = await send(uri, { method: 'POST' });
    const again = await send(uri, { method: 'POST' });
    expect([first.status, again.status, first.text]).toEqual([204, 204, '']);
    expect((await at(browser, '/services')).words).toMatch(
      /Bên events Rút lại lúc .* Đã xác nhận ngừng dùng lúc \d\d\/\d\d\/\d{4} \d\d:\d\d/,
    );
    const entries = await journalled(citizen);
    expect(entries).toEqual([
      ['consent.withdrawal_confirmed', 'client'],
      ['consent.withdrawal_told', 'system'],
    ]);
  });

  test('an event that is given up goes over to an officer’s hand; sent again, it tells them all the same', async () => {
    const { citizen, browser } = await everywhere();
    status = 400;
    await (await at(browser, '/services')).submit({}, { form: 'withdraw-events' });
    const isTried = async (): Promise<number | undefined> =>
      (await server.app.parts.deliveries.ofSubscriber(citizen.id)).find(({ kind }) => kind === 'event')?.attempts;
    await expect.poll(isTried, { timeout: 5_000 }).toBeGreaterThan(0);
    const [officer, first] = [await seated(server, ['data_protection']), (await withdrawals(citizen))[0]!];
    const list = () => officer.browser.open(`${server.issuer}/operator/data-requests`);
    const act = (step: string) => `/operator/withdrawals/${first.consentId}/${step}`;
    const offered = async (step: string) => (await list()).forms.some(({ action }) => action.endsWith(act(step)));
    expect([await offered('told'), await offered('confirmed')]).toEqual([false, false]);
    // The last attempt that there is.
    await server.database.execute({
      text: "UPDATE outbox SET attempts = 1000, due_at = now() WHERE kind = 'security_event' AND dead_at IS NULL",
      values: [],
    } as never);
    await expect.poll(async () => (await withdrawals(citizen))[0]?.givenUpAt, { timeout: 10_000 }).toBeDefined();
    expect((await at(browser, '/services')).words).toContain('Cán bộ sẽ báo cho dịch vụ này');
    expect([await offered('told'), await offered('confirmed')]).toEqual([true, false]);
    const counts = await server.app.parts.consents.withdrawalCounts();
    expect(counts.toTell).toBeGreaterThan(0);

    await (await list()).submit({}, { form: act('told') });
    expect((await at(browser, '/services')).words).toContain('Cán bộ đã báo cho dịch vụ này');
    expect(await offered('confirmed')).toBe(true);
    expect(await journalled(citizen)).toEqual([
      ['consent.withdrawal_told', 'operator'],
      ['consent.withdrawal_not_told', 'system'],
    ]);
    // Somebody mends the receiver, and what was given up is sent again.
    status = 202;
    const dead = (await server.app.parts.deliveries.ofSubscriber(citizen.id)).find(({ state }) => state === 'dead');
    expect(await server.app.parts.deliveries.replay(dead!.id, { kind: 'system' })).toEqual({ replayed: true });
    await expect
      .poll(async () => (await server.app.parts.deliveries.find(dead!.id))?.state, { timeout: 10_000 })
      .toBe('delivered');
    expect((await withdrawals(citizen))[0]?.confirmedAt).toBeUndefined();
  });

  test('an event that is refused is tried again, and nobody is told meanwhile', async () => {
    const { citizen, browser } = await everywhere();
    status = 400;
    await (await at(browser, '/services')).submit({}, { form: 'withdraw-events' });
    const tries = () => listener.received.filter(({ path }) => path === '/events');
    await expect.poll(() => tries().length, { timeout: 5_000 }).toBe(1);
    expect((await withdrawals(citizen))[0]?.toldAt).toBeUndefined();
    expect((await at(browser, '/services')).words).toContain('Đang gửi báo cho dịch vụ này');
    // When its date has come before the message has, an officer need not wait for the last attempt.
    const officer = await seated(server, ['data_protection']);
    const act = `/operator/withdrawals/${(await withdrawals(citizen))[0]!.consentId}/told`;
    const offered = async () => {
      const page = await officer.browser.open(`${server.issuer}/operator/data-requests`);
      return page.forms.some(({ action }) => action.endsWith(act));
    };
    expect(await offered()).toBe(false);
    await server.database.execute({
      text: "UPDATE consent_withdrawals SET confirm_by = now() - interval '1 day' WHERE subscriber_id = $1",
      values: [citizen.id],
    } as never);
    expect(await offered()).toBe(true);
    expect((await at(browser, '/services')).words).toContain('Quá hạn xác nhận');
    status = 202;
    await expect.poll(async () => (await withdrawals(citizen))[0]?.toldAt, { timeout: 10_000 }).toBeDefined();
    // The same event: whoever took it the first time takes it once.
    const ids = tries().map(({ body }) => JSON.parse(Buffer.from(body.split('.')[1]!, 'base64url').toString()).jti);
    expect(new Set(ids).size).toBe(1);
  });

  test('whoever only listens to logouts is told by the logout and confirms to an officer; whoever listens to nothing is told by hand, and it shows when it is late', async () => {
    const { citizen, browser } = await everywhere();
    await (await at(browser, '/services')).submit({}, { form: 'withdraw-logouts' });
    await (await at(browser, '/services')).submit({}, { form: 'withdraw-silent' });
    const of = async (clientId: string) => (await withdrawals(citizen)).find((one) => one.clientId === clientId);
    await expect.poll(async () => (await of('logouts'))?.toldAt, { timeout: 5_000 }).toBeDefined();
    expect(await of('logouts')).toMatchObject({ told: 'logout' });
    expect((await of('logouts'))?.confirmedAt).toBeUndefined();
    expect(await of('silent')).toMatchObject({ told: 'by_hand' });
    expect((await of('silent'))?.confirmedAt).toBeUndefined();
    await server.database.execute({
      text: "UPDATE consent_withdrawals SET confirm_by = now() - interval '1 day' WHERE subscriber_id = $1 AND client_id = 'silent'",
      values: [citizen.id],
    } as never);
    expect((await at(browser, '/services')).words).toContain('Quá hạn xác nhận');
    const officer = await seated(server, ['data_protection']);
    const page = await officer.browser.open(`${server.issuer}/operator/data-requests`);
    expect(page.words).toMatch(/silent .* Cần báo bằng tay Trễ hạn/);
    expect(page.text).not.toContain(citizen.id);
    const act = `/operator/withdrawals/${(await of('logouts'))!.consentId}/confirmed`;
    expect((await page.submit({}, { form: act })).words).toContain('bên nhận thông tin đã xác nhận');
    expect((await at(browser, '/services')).words).toMatch(/Bên logouts Rút lại lúc .* Đã xác nhận ngừng dùng/);
    expect((await of('silent'))?.confirmedAt).toBeUndefined();
  });

  test('an officer who has told them by hand says so, then that they have confirmed; the person reads both', async () => {
    const { citizen, browser } = await everywhere();
    await (await at(browser, '/services')).submit({}, { form: 'withdraw-silent' });
    const [withdrawal] = await withdrawals(citizen);
    const officer = await seated(server, ['data_protection']);
    const act = (step: string) => `/operator/withdrawals/${withdrawal!.consentId}/${step}`;
    const list = await officer.browser.open(`${server.issuer}/operator/data-requests`);
    // Nobody confirms what they were not told.
    expect(list.forms.some(({ action }) => action.endsWith(act('confirmed')))).toBe(false);
    expect(await server.app.parts.consents.byHand(withdrawal!.consentId, 'confirmed', { kind: 'system' })).toBe(false);
    expect((await at(browser, '/services')).words).toContain('Cán bộ sẽ báo cho dịch vụ này');

    const told = await list.submit({}, { form: act('told') });
    expect(told.words).toContain('Đã ghi: bạn đã báo');
    expect(told.words).toMatch(/silent .* Đã báo bằng tay lúc \d+/);
    expect((await at(browser, '/services')).words).toMatch(/Cán bộ đã báo cho dịch vụ này lúc \d.* Hạn xác nhận/);
    // The page of before, once more.
    expect((await list.submit({}, { form: act('told') })).words).toContain('việc này đã được ghi rồi');

    const confirmed = await told.submit({}, { form: act('confirmed') });
    expect(confirmed.words).toContain('bên nhận thông tin đã xác nhận');
    expect(confirmed.forms.some(({ action }) => action.includes(withdrawal!.consentId))).toBe(false);
    expect((await at(browser, '/services')).words).toMatch(/Bên silent Rút lại lúc .* Đã xác nhận/);
    expect(await journalled(citizen)).toEqual([
      ['consent.withdrawal_confirmed', 'operator'],
      ['consent.withdrawal_told', 'operator'],
    ]);
  });

  test('every withdrawal is in the officer’s list: what is to be told comes first, and the rest a page at a time', async () => {
    const many = await aCitizen(server, { totp: false, level: 1 });
    const waiting = (clientId: string, told: string, days: number, count: number) =>
      server.database.execute(sql`INSERT INTO consent_withdrawals
          (consent_id, subscriber_id, client_id, withdrawn_at, told, told_at, confirm_by)
        SELECT gen_random_uuid(), ${many.id}::uuid, ${clientId} || n, now(), ${told},
          CASE WHEN ${told} = 'event' THEN now() END, now() + make_interval(days => ${days}) FROM generate_series(1, ${count}::int) n`);
    await waiting('told', 'event', 1, 120);
    await waiting('hand', 'by_hand', 300, 1);
    const officer = await seated(server, ['data_protection']);
    const named = (page: Page): string[] =>
      [...page.text.matchAll(/<code>((?:told|hand)\d+)<\/code>/g)].map(([, one]) => one!);
    const first = await officer.browser.open(`${server.issuer}/operator/data-requests`);
    const seen = named(first);
    expect(seen).toContain('hand1');
    expect(first.forms.some(({ action }) => action.endsWith('/told'))).toBe(true);
    expect(first.words).toMatch(/\d{3} lần rút lại: \d+ lần cần bạn báo/);
    for (let page = first, left = 5; left > 0; left -= 1) {
      const more = /id="more-unconfirmed" href="([^"#]+)/.exec(page.text)?.[1];
      if (!more) break;
      page = await officer.browser.open(new URL(more.replaceAll('&amp;', '&'), server.issuer).href);
      expect(page.words).toContain('Về đầu danh sách');
      seen.push(...named(page));
    }
    expect([seen.length, new Set(seen).size]).toEqual([121, 121]);
    await server.database.execute(sql`DELETE FROM consent_withdrawals WHERE subscriber_id = ${many.id}::uuid`);
  });

  test('what was sent as an event is not told by hand, and of nothing nothing is written down', async () => {
    const { citizen, browser } = await everywhere();
    await (await at(browser, '/services')).submit({}, { form: 'withdraw-events' });
    const { consentId } = (await withdrawals(citizen))[0]!;
    for (const id of [consentId, newId(), 'no-such'])
      expect(await server.app.parts.consents.byHand(id, 'told', { kind: 'system' })).toBe(false);
    await expect.poll(async () => (await withdrawals(citizen))[0]?.toldAt, { timeout: 10_000 }).toBeDefined();
    expect(await journalled(citizen)).toEqual([['consent.withdrawal_told', 'system']]);
  });

  test('unlinking ends everything there and tells them; the relying party’s side sees a number and a moment, and nobody', async () => {
    const { citizen, browser, signed } = await everywhere();
    const admin = await seated(server, ['rp_admin']);
    const seen = async () => (await admin.browser.open(`${server.issuer}/operator/clients/events`)).words;
    const linked = Number(/Tài khoản đã liên kết (\d+)/.exec(await seen())?.[1]);
    expect(linked).toBeGreaterThan(0);
    const page = await at(browser, '/services/events');
    const after = await page.submit({}, { form: 'unlink' });
    expect(after.words).toContain('Đã hủy liên kết');
    expect(await dead('events', signed.events!)).toEqual([401, false, 400]);
    await expect.poll(() => listener.received.some(({ path }) => path === '/events'), { timeout: 5_000 }).toBe(true);
    const { body } = listener.received.find(({ path }) => path === '/events')!;
    const claims = JSON.parse(Buffer.from(body.split('.')[1]!, 'base64url').toString());
    expect(Object.keys(claims.events)).toEqual([`${server.issuer}/events/account-unlinked`]);
    const words = await seen();
    expect(Number(/Tài khoản đã liên kết (\d+)/.exec(words)?.[1])).toBe(linked - 1);
    expect(words).toMatch(/Hủy liên kết: \d\d\/\d\d\/\d{4}/);
    expect(words).not.toContain(String(signed.events!.idToken.sub));
    // Linked again by signing in again, under the same sub (abuse case 23).
    const again = await signedIn(parties.events, citizen, scope, { browser });
    expect(again.idToken.sub).toBe(signed.events!.idToken.sub);
    expect(Number(/Tài khoản đã liên kết (\d+)/.exec(await seen())?.[1])).toBe(linked);
  });

  test('and nothing is broken afterwards', async () => {
    expect(await brokenInvariants(server.database, server.app)).toEqual([]);
  });
});
