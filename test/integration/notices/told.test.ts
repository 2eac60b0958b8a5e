import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MessagePayload } from '../../../src/domain/notices/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { signedIn } from '../../support/attack.ts';
import { seated } from '../../support/console.ts';
import { freshDatabase } from '../../support/database.ts';
import { createBrowser } from '../../support/http-client.ts';
import { aCitizen, type Citizen } from '../../support/newcomers.ts';
import { plainClient } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { bindPasskey, signIn } from '../../support/sign-in.ts';

let server: TestServer;
const statements: string[] = [];
beforeAll(async () => {
  const onStatement = (text: string): void => void statements.push(text);
  // Writes that an act of several parts puts together are sent from here, and read like the server's own.
  const fresh = await freshDatabase({ template: 'template_sandbox', onStatement });
  server = await startServer({ jobs: false, onStatement, fresh });
});
afterAll(() => server.end());

const someone = (more: Parameters<typeof aCitizen>[1] = {}) =>
  aCitizen(server, { totp: false, ...more, person: { phoneVerified: true } });
const by = { kind: 'operator', id: newId() } as const;
const subscriberOf = async ({ id }: Citizen) => (await server.app.parts.subscribers.find(id))!;

/** What each event is, how it comes about, and the statement of the change itself, which must carry its notices. */
const TABLE: readonly [
  event: string,
  notice: string,
  change: RegExp,
  prepare: (citizen: Citizen) => Promise<() => Promise<unknown>>,
][] = [
  [
    'a new authenticator',
    'authenticator_bound',
    /INSERT INTO authenticators/,
    async (citizen) => () => bindPasskey(server.issuer, citizen),
  ],
  [
    'an authenticator that is taken away',
    'authenticator_unbound',
    /DELETE FROM authenticators/,
    async ({ id }) => {
      const { authenticators } = server.app.parts;
      const { id: authenticatorId } = await authenticators.install(id, { kind: 'totp', secret: 'A'.repeat(32) });
      const authority = { by: 'operator', operatorId: by.id } as const;
      return () => authenticators.unbind({ subscriberId: id, accountLevel: 1, authenticatorId, authority });
    },
  ],
  [
    'a recovery that begins at a counter',
    'recovery_started',
    /INSERT INTO recoveries/,
    async ({ id }) =>
      () =>
        server.app.parts.recoveries.counter.begin({ subscriberId: id, officer: by.id, ground: 'counter_visit' }),
  ],
  [
    'a lock',
    'account_locked',
    /INSERT INTO subscriber_locks/,
    async ({ id }) =>
      () =>
        server.app.parts.subscribers.lock(id, 'holder_request', { kind: 'subscriber', id }),
  ],
  [
    'an unlocking',
    'account_unlocked',
    /UPDATE subscriber_locks SET lifted_at/,
    async ({ id }) => {
      const lock = await server.app.parts.subscribers.lock(id, 'holder_request', { kind: 'subscriber', id });
      return () => server.app.parts.subscribers.unlock(id, lock.id, by);
    },
  ],
  [
    'an account that is closed',
    'account_closed',
    /UPDATE subscribers SET state = 'closed'/,
    async ({ id }) =>
      () =>
        server.app.parts.subscribers.close(id, by),
  ],
  [
    'a level that counts no more since a recovery',
    'level_lowered',
    /UPDATE subscribers SET reproofing_required_since = \$/,
    async (citizen) => async () =>
      writeTogether(
        server.database,
        await server.app.parts.subscribers.requireReproofing(await subscriberOf(citizen), { kind: 'system' }),
      ),
  ],
  [
    'an authenticator that is frozen',
    'authenticator_frozen',
    /UPDATE authenticators SET status = 'disabled'/,
    async ({ id }) => {
      const { authenticators } = server.app.parts;
      const [first] = await authenticators.of(id);
      return async () => writeTogether(server.database, await authenticators.freeze(id, [first!.id]));
    },
  ],
  [
    'a frozen authenticator that is given back',
    'authenticator_reinstated',
    /UPDATE authenticators SET status = 'active'/,
    async ({ id }) => {
      const { authenticators, cases } = server.app.parts;
      const frozen = (await authenticators.of(id)).map((one) => one.id);
      const report = cases.open({ subscriberId: id, session: 'a'.repeat(32), signedInAt: new Date(), frozen });
      await writeTogether(server.database, [...report.writes, ...(await authenticators.freeze(id, frozen))]);
      const end = { outcome: 'own_after_all', reason: 'Đúng là chủ tài khoản.', by } as const;
      return async () => cases.close(report.id, end, await authenticators.reinstate(id, frozen, by));
    },
  ],
  [
    'a sign-in from a browser that was never seen',
    'sign_in_unusual',
    /INSERT INTO sessions/,
    async (citizen) => {
      await signIn(await createBrowser({ headers: { 'user-agent': AGENTS.firefox } }).open(account()), citizen);
      return async () =>
        signIn(await createBrowser({ headers: { 'user-agent': AGENTS.chrome } }).open(account()), citizen);
    },
  ],
  [
    'a sign-in after many failures',
    'sign_in_after_failures',
    /INSERT INTO journal_incoming/,
    async ({ id, password }) => {
      const { authenticators } = server.app.parts;
      const answer = (typed: string) =>
        authenticators.answer({
          ...{ kind: 'password', sessionKey: newId(), subscriberId: id, response: { password: typed } },
          address: '203.0.113.7',
        });
      for (let n = 0; n < 10; n += 1) await answer('sai mật khẩu');
      // The pause that follows has passed.
      await server.database.execute(sql`UPDATE authentication_throttles SET last_at = now() - interval '1 hour'`);
      return () => answer(password);
    },
  ],
];

const account = (): string => `${server.issuer}/account`;
const AGENTS = {
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  chrome:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
};

const sentTo = ({ id }: Citizen) => server.app.parts.notices.sentTo(id);

describe('told to two addresses, in the transaction of the change', () => {
  test.each(TABLE)('%s', async (_, notice, change, prepare) => {
    const citizen = await someone();
    const act = await prepare(citizen);
    const before = (await sentTo(citizen)).map(({ id }) => id);
    statements.length = 0;
    await act();
    const told = (await sentTo(citizen)).filter(({ id, kind }) => !before.includes(id) && kind === notice);
    expect(told.map(({ medium, state }) => [medium, state]).sort()).toEqual([
      ['mail', 'queued'],
      ['sms', 'queued'],
    ]);
    const together = statements.filter((text) => change.test(text) && text.includes('INSERT INTO sent_messages'));
    expect(together).toHaveLength(1);
    expect(together[0]!.split('INSERT INTO outbox').length - 1).toBeGreaterThanOrEqual(2);
  });

  test('a closed account ends what was open, with a logout to whoever was signed in to, in that act; of the dead nobody is told', async () => {
    const { subscribers, deliveries } = server.app.parts;
    const citizen = await someone();
    const party = await plainClient(server.issuer, server.client('sandbox-confidential'));
    const { tokens } = await signedIn(party, citizen, { scope: 'openid profile' });
    statements.length = 0;
    expect(await subscribers.close(citizen.id, by)).toBe(true);
    const act = statements.filter((text) => /SET state = 'closed'/.test(text));
    expect(act).toHaveLength(1);
    expect(act[0]).toContain('INSERT INTO deliveries');
    expect(await deliveries.ofSubscriber(citizen.id)).toMatchObject([
      { clientId: 'sandbox-confidential', kind: 'logout', state: 'waiting' },
    ]);
    expect((await party.userinfo(tokens.access_token)).status).toBe(401);
    const [message] = (await server.app.parts.outbox.claim('message', { limit: 200, lease: 1 }))
      .map(({ payload }) => payload as MessagePayload)
      .filter(({ notice }) => notice.kind === 'account_closed' && notice.subscriberId === citizen.id);
    expect(await server.app.parts.notices.deliver(message!)).toMatchObject({ delivered: true });

    const dead = await someone();
    await subscribers.lock(dead.id, 'death', { kind: 'system' });
    await subscribers.close(dead.id, by);
    expect(await sentTo(dead)).toEqual([]);
  });

  test('and to the second addresses of a recovery too, where they exist', async () => {
    const citizen = await someone();
    const { recoveries, subscribers, notices } = server.app.parts;
    const authority = { by: 'system' } as const;
    const subscriber = await subscriberOf(citizen);
    const asked = { subscriber, authority, sessionKey: newId(), medium: 'mail' } as const;
    const begun = await recoveries.addresses.begin({ ...asked, from: '192.0.2.7', address: 'em.gai@sen.example' });
    if (!begun.begun) throw new Error(begun.reason);
    const waiting = (await server.app.parts.outbox.claim('message', { limit: 200, lease: 1 })).map(
      ({ payload }) => payload as MessagePayload,
    );
    const sent = waiting.find(({ notice }) => notice.to.address === 'em.gai@sen.example');
    const code = String((sent!.notice.values as { code?: string }).code);
    expect(await recoveries.addresses.confirm({ ...asked, challenge: begun.challenge, code })).toEqual({
      confirmed: true,
    });
    await subscribers.lock(citizen.id, 'holder_request', { kind: 'claimant' });
    const told = (await notices.sentTo(citizen.id)).filter(({ kind }) => kind === 'account_locked');
    expect(told.map(({ to }) => to)).toContain('e•••@sen.example');
    expect(told).toHaveLength(3);
  });

  test('a browser that has opened the account before is nothing unusual; another of its kind is told of', async () => {
    const citizen = await someone();
    const unusual = async () => (await sentTo(citizen)).filter(({ kind }) => kind === 'sign_in_unusual');
    const firefox = createBrowser({ headers: { 'user-agent': AGENTS.firefox } });
    await signIn(await firefox.open(account()), citizen);
    const mark = firefox.cookies.get('senid-known');
    expect(mark).toMatch(/^[A-Za-z0-9_-]{16}$/);
    // The same browser, its session over.
    await server.database.execute(sql`UPDATE sessions SET expires_at = now() - interval '1 minute'
      WHERE account_id = ${citizen.id}`);
    const again = await signIn(await firefox.open(account()), citizen);
    expect(again.words).toContain('Tổng quan');
    expect(await unusual()).toEqual([]);
    await signIn(await createBrowser({ headers: { 'user-agent': AGENTS.firefox } }).open(account()), citizen);
    expect((await unusual()).map(({ medium }) => medium).sort()).toEqual(['mail', 'sms']);
  });

  test('whoever has always come with a passkey is told when somebody comes without; whoever never did is not', async () => {
    const weaker = async (one: Citizen) => (await sentTo(one)).filter(({ kind }) => kind === 'sign_in_weaker');
    const citizen = await someone();
    const passkey = await bindPasskey(server.issuer, citizen);
    const browser = createBrowser({ headers: { 'user-agent': AGENTS.firefox } });
    const over = () =>
      server.database.execute(sql`UPDATE sessions SET expires_at = now() - interval '1 minute'
        WHERE account_id = ${citizen.id}`);
    for (let n = 0; n < 3; n += 1) {
      await signIn(await browser.open(account()), { ...citizen, passkey }, 'passkey');
      await over();
    }
    expect(await weaker(citizen)).toEqual([]);
    expect((await signIn(await browser.open(account()), citizen)).words).toContain('Tổng quan');
    expect((await weaker(citizen)).map(({ medium }) => medium).sort()).toEqual(['mail', 'sms']);
    await over();
    await signIn(await browser.open(account()), citizen);
    expect(await weaker(citizen)).toHaveLength(2);
  });
});

describe('what became of a message', () => {
  const waitingFor = async ({ id }: Citizen) =>
    (await server.app.parts.outbox.claim('message', { limit: 500, lease: 1 })).filter(
      ({ payload }) => (payload as MessagePayload).notice.subscriberId === id,
    );

  test('is readable for whom it was for: when, to which address, and whether it arrived', async () => {
    const citizen = await someone();
    const { notices, subscribers, outbox } = server.app.parts;
    await server.database.execute(sql`DELETE FROM outbox`);
    await subscribers.lock(citizen.id, 'holder_request', { kind: 'claimant' });
    const [one, other] = await waitingFor(citizen);
    const arrived = await notices.deliver(one!.payload as MessagePayload);
    await outbox.settle([
      { message: one!, fate: { delivered: true }, writes: notices.settled(one!.payload as never, arrived, true) },
    ]);
    const refused = { delivered: false, retry: true, reason: 'unreachable', channel: 'sms' } as const;
    await outbox.settle([
      {
        message: other!,
        fate: { delivered: false, reason: 'unreachable', retryIn: 6 },
        writes: notices.settled(other!.payload as never, refused, false),
      },
    ]);
    const mine = (id: string) => async () => (await sentTo(citizen)).find((message) => message.id === id);
    const [first, second] = [one!, other!].map(({ payload }) => (payload as MessagePayload).id) as [string, string];
    expect(await mine(first)()).toMatchObject({ state: 'delivered', attempts: 1, settledAt: expect.any(Date) });
    expect(await mine(second)()).toMatchObject({ state: 'queued', attempts: 1, reason: 'unreachable' });
    await outbox.settle([
      {
        message: other!,
        fate: { delivered: false, reason: 'unreachable', retryIn: null },
        writes: notices.settled(other!.payload as never, refused, true),
      },
    ]);
    expect(await mine(second)()).toMatchObject({ state: 'failed', attempts: 2, reason: 'unreachable' });
    for (const { to } of await sentTo(citizen)) expect(to).toMatch(/•••/);

    // The console: nothing of whom, and once more by a button.
    const { browser } = await seated(server, ['security']);
    const page = await browser.open(`${server.issuer}/operator/notices?state=failed`);
    const { email, phone, fullName } = await subscriberOf(citizen);
    for (const secret of [email!, phone!, fullName]) expect(page.text).not.toContain(secret);
    expect(page.text).not.toContain('•••');
    expect(page.words).toContain('account_locked');
    const retry = page.forms.find(({ action }) => action.includes(second));
    const retried = await page.submit({}, { form: retry!.action });
    expect(retried.words).toContain('đang được gửi lại');
    expect(await mine(second)()).toMatchObject({ state: 'queued' });
    expect((await waitingFor(citizen)).map(({ payload }) => (payload as MessagePayload).id)).toEqual([second]);
    // What is under way or has arrived is not sent again.
    for (const id of [first, second, newId()]) expect(await notices.retry(id, by)).toBe(false);
  });

  test('a code whose time is over has failed, and is never sent again', async () => {
    const citizen = await someone();
    const { notices } = server.app.parts;
    const to = { medium: 'sms', address: '+84908765432' } as const;
    const values = { code: '123456', minutes: 10 };
    await writeTogether(
      server.database,
      notices.queue({ kind: 'sign_in_code', to, locale: 'vi', values, subscriberId: citizen.id }),
    );
    await server.database.execute(sql`UPDATE sent_messages SET expires_at = now() - interval '1 second'
      WHERE subscriber_id = ${citizen.id}`);
    const [code] = await sentTo(citizen);
    expect(code).toMatchObject({ state: 'failed', reason: 'expired', to: '+84 ••• ••• 432' });
    expect(await notices.retry(code!.id, by)).toBe(false);
  });

  test('the person reads what was written to them, to which address, and whether it went; a page at a time', async () => {
    const [citizen, other] = [await someone(), await someone({ phone: '+84908765499' })];
    const { notices } = server.app.parts;
    const code = (subscriberId: string, address: string) =>
      notices.queue({
        ...{ kind: 'sign_in_code', to: { medium: 'sms', address }, locale: 'vi', subscriberId },
        values: { code: '123456', minutes: 10 },
      });
    for (let n = 0; n < 20; n += 1) await writeTogether(server.database, code(citizen.id, '+84908765431'));
    await server.database.execute(sql`UPDATE sent_messages SET expires_at = now() - interval '1 second'
      WHERE subscriber_id = ${citizen.id}`);
    await writeTogether(server.database, [
      ...notices.queueToAll('level_changed', { ...(await subscriberOf(citizen)), recoveryAddresses: [] }, { level: 2 }),
      ...code(other.id, '+84908765499'),
    ]);
    const history = await signIn(await createBrowser().open(`${server.issuer}/account/history`), citizen);
    const page = await history.follow('/account/data/notices');
    const { email, phone } = await subscriberOf(citizen);
    for (const secret of [email!, phone!, '123456', '+84 ••• ••• 499']) expect(page.text).not.toContain(secret);
    expect(page.words).toMatch(/Mức tài khoản của bạn đã thay đổi Thư đến \d•••@sen.example .* Đang chờ gửi/);
    expect(page.words).toMatch(/Mã đăng nhập Tin nhắn đến \+84 ••• ••• 431 .* Không gửi nữa vì mã đã hết hạn/);
    const counted = (words: string): number => words.split('Mã đăng nhập').length - 1;
    const older = await page.follow('Cũ hơn');
    expect(counted(page.words) + counted(older.words)).toBe(20);
    expect(counted(older.words)).toBeGreaterThan(0);
  });
});
