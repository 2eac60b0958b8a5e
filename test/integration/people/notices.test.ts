import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../../src/domain/audit/index.ts';
import {
  BUDGETS,
  createNotices,
  createSimulatedChannel,
  createSmsGateway,
  isOfCodes,
  type MessageChannel,
  type MessagePayload,
  NOTICES,
  type NoticeKind,
  type Notices,
  type OutgoingMessage,
  simulatedMessages,
} from '../../../src/domain/notices/index.ts';
import { createDatabase, type Database } from '../../../src/platform/database.ts';
import { createEgress } from '../../../src/platform/egress.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createMessages } from '../../../src/platform/messages.ts';
import { createOutbox, type Outbox, sweepOutbox } from '../../../src/platform/outbox.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { testSealer } from '../../support/people.ts';

const clock = fixedClock();
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let outbox: Outbox;
const make = (database: Database, channels: MessageChannel[], budgets = BUDGETS): Notices =>
  createNotices({
    database,
    clock,
    sealer: testSealer('notices'),
    journal: createJournal({ database, clock }),
    outbox,
    messages: createMessages('views/messages'),
    channels,
    brand: 'SenID',
    host: 'sen.example',
    budgets,
  });

beforeAll(async () => {
  fresh = await freshDatabase();
  outbox = createOutbox({ database: fresh.database, sealer: testSealer('outbox') });
});
afterAll(() => fresh.end());

const lan = (changes = {}) => ({
  id: newId(),
  locale: 'vi' as const,
  fullName: 'Nguyễn Thị Lan',
  phone: '+84900000101',
  phoneVerified: true,
  email: 'lan@sen.example',
  emailVerified: true,
  recoveryAddresses: [],
  ...changes,
});
const NO_BUDGETS = Object.fromEntries(Object.keys(BUDGETS).map((purse) => [purse, []])) as unknown as typeof BUDGETS;
const code = (address: string, subscriberId?: string) => ({
  kind: 'sign_in_code' as const,
  to: { medium: 'sms' as const, address },
  ...(subscriberId === undefined ? {} : { subscriberId }),
});
const waiting = async () =>
  (await outbox.claim('message', { limit: 50, lease: 30 })).map(({ payload }) => payload as MessagePayload);

const NEVER_ASKED = {
  vi: 'Chúng tôi không bao giờ hỏi mật khẩu hay mã xác thực qua thư.',
  en: 'We never ask for a password or a code by mail.',
} as const;
const GIVE_TO_NOBODY = { vi: /Không đưa mã( này)? cho bất kỳ ai/, en: /Give it to nobody/ } as const;

describe('a notice', () => {
  test('waits with the change that it tells about, and reaches every confirmed address in the words of the person', async () => {
    const notices = make(fresh.database, [createSimulatedChannel({ database: fresh.database, clock })]);
    const person = lan();
    const writes = notices.queueToAll('authenticator_bound', person, { authenticator: 'Ứng dụng xác thực' });
    await writeTogether(fresh.database, writes);
    for (const payload of await waiting()) {
      const attempt = await notices.deliver(payload);
      expect(attempt).toMatchObject({ delivered: true });
      await writeTogether(fresh.database, notices.settled(payload, attempt, true));
    }
    const messages = await simulatedMessages(fresh.database);
    expect(messages.map(({ medium, to }) => [medium, to]).sort()).toEqual([
      ['mail', 'lan@sen.example'],
      ['sms', '+84900000101'],
    ]);
    for (const { text } of messages) {
      expect(text).toContain('Ứng dụng xác thực');
      expect(text).toContain('sen.example');
      expect(text).toContain('15:00');
    }
    expect(messages.find(({ medium }) => medium === 'mail')?.text).toContain('Nguyễn Thị Lan');
    const events = await createJournal({ database: fresh.database, clock }).query({ subscriberId: person.id });
    expect(events.map(({ type }) => type).sort()).toEqual(['notice.delivered', 'notice.delivered', 'notice.queued']);
  });

  test.each(Object.keys(NOTICES) as NoticeKind[])(
    '%s: to every address there is, also the second ones of a recovery, and no mail without the line against fishing, no code without its own',
    async (kind) => {
      const sent: OutgoingMessage[] = [];
      const kept: MessageChannel = {
        ...{ name: 'kept', media: ['sms', 'mail'] },
        send: async (message) => {
          sent.push(message);
          return { delivered: true };
        },
      };
      const notices = make(fresh.database, [kept], NO_BUDGETS);
      const values = Object.fromEntries(NOTICES[kind].values.map((name) => [name, '1'])) as never;
      const second = [
        { medium: 'sms', address: '+84900000102' },
        { medium: 'mail', address: 'em@sen.example' },
      ] as const;
      for (const locale of ['vi', 'en'] as const) {
        sent.length = 0;
        const person = { ...lan({ recoveryAddresses: second }), locale };
        await writeTogether(fresh.database, notices.queueToAll(kind, person, values));
        for (const payload of await waiting()) await notices.deliver(payload);
        const media = NOTICES[kind].media as readonly string[];
        const own = [
          { medium: 'sms', to: person.phone },
          { medium: 'mail', to: person.email },
          ...second.map(({ medium, address }) => ({ medium, to: address })),
        ];
        const expected = own.filter(({ medium }) => media.includes(medium)).map(({ to }) => to);
        expect(sent.map(({ to }) => to).sort()).toEqual(expected.sort());
        for (const message of sent) {
          if (message.medium === 'mail') expect(message.text.split(NEVER_ASKED[locale])).toHaveLength(2);
          else if (isOfCodes(NOTICES[kind].purse)) expect(message.text).toMatch(GIVE_TO_NOBODY[locale]);
        }
      }
    },
  );

  test('goes to no address that was not confirmed', () => {
    const notices = make(fresh.database, []);
    expect(notices.queueToAll('account_locked', lan({ phoneVerified: false, emailVerified: false }), {})).toEqual([]);
  });

  test('is not readable where it waits', async () => {
    const notices = make(fresh.database, []);
    const to = { medium: 'sms' as const, address: '+84900000777' };
    await writeTogether(
      fresh.database,
      notices.queue({ kind: 'sign_in_code', to, locale: 'vi', values: { code: '918273', minutes: 10 } }),
    );
    const rows = await fresh.database.rows<{ row: string }>(
      sql`SELECT o::text AS row FROM outbox o UNION ALL SELECT m::text FROM sent_messages m`,
    );
    expect(rows).not.toEqual([]);
    const everything = rows.map(({ row }) => row).join();
    for (const part of ['+84900000777', '918273']) {
      expect(everything).not.toContain(part);
      expect(everything).not.toContain(Buffer.from(part).toString('hex'));
    }
    await waiting();
  });

  test('goes over the next channel when the first is away, and is tried again when all are', async () => {
    const arrived: string[] = [];
    const server = createServer((request, response) => {
      request.resume();
      arrived.push(request.url ?? '');
      response.writeHead(200).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const gatewayAt = (url: string, timeout: number) =>
      createSmsGateway({ url, egress: createEgress({ allowOrigins: [new URL(url).origin], timeout }) });
    const dead = gatewayAt('http://127.0.0.1:9/', 300);
    const alive = gatewayAt(`http://127.0.0.1:${port}/second`, 1_000);
    const notice = {
      kind: 'account_locked' as const,
      to: { medium: 'sms' as const, address: '+84900000102' },
      locale: 'en' as const,
      values: {},
    };
    const payload: MessagePayload = { id: newId(), at: clock.now().getTime(), notice };
    expect(await make(fresh.database, [dead, alive]).deliver(payload)).toMatchObject({ delivered: true });
    expect(arrived).toEqual(['/second']);
    expect(await make(fresh.database, [dead]).deliver(payload)).toEqual({
      delivered: false,
      retry: true,
      reason: 'unreachable',
      channel: dead.name,
    });
    expect(await make(fresh.database, []).deliver(payload)).toMatchObject({ delivered: false, retry: true });
    await new Promise((resolve) => server.close(resolve));
  });
});

test('what is queued for an address that there is not weighs as much, is never sent, and goes', async () => {
  const notices = make(fresh.database, []);
  // What has been sent in one minute has no order of its own: all of it is compared, not the newest.
  const sent = async () => (await notices.sent({ limit: 1_000 })).map(({ id }) => id).sort();
  const before = { waiting: await outbox.state(), sent: await sent() };
  const values = { code: '123456', minutes: 10, hours: 0.2 };
  const to = { medium: 'sms', address: '+84900000109' } as const;
  const notice = { kind: 'lock_code', to, locale: 'vi', values } as const;
  const [real, nothing] = [notices.queue(notice), notices.queueNothing(notice)];
  expect(nothing).toHaveLength(real.length);
  await writeTogether(fresh.database, nothing);
  expect(await outbox.state()).toEqual(before.waiting);
  for (const kind of ['message', 'nothing']) expect(await outbox.claim(kind, { limit: 50, lease: 30 })).toEqual([]);
  expect(await sent()).toEqual(before.sent);
  expect(await sweepOutbox(fresh.database)).toBe(nothing.length);
});

describe('the budget of messages', () => {
  const budgets = {
    ...NO_BUDGETS,
    sign_in_code: [
      { scope: 'address', seconds: 3_600, cap: 3 },
      { scope: 'account', seconds: 86_400, cap: 5 },
      { scope: 'range', seconds: 3_600, cap: 8 },
      { scope: 'all', seconds: 3_600, cap: 20 },
    ],
    alarm: [{ scope: 'address', seconds: 3_600, cap: 2 }],
  } as const;
  const many = async (notices: Notices[], asked: Parameters<Notices['admit']>[0][]): Promise<number> => {
    const answers = await Promise.all(asked.map((one, index) => notices[index % notices.length]!.admit(one)));
    return answers.filter(({ admitted }) => admitted).length;
  };

  test('bounds what goes to one number, exactly, over two processes asking at once', async () => {
    const there = createDatabase({ url: fresh.url });
    try {
      const both = [make(fresh.database, [], budgets), make(there, [], budgets)];
      expect(await many(both, Array(40).fill(code('+84911110001')))).toBe(3);
    } finally {
      await there.close();
    }
  });

  test('bounds an account, a range of numbers, and everything together', async () => {
    clock.advance(86_400);
    const notices = make(fresh.database, [], budgets);
    const person = newId();
    const numbers = (range: string) =>
      Array.from({ length: 12 }, (_, n) => `+849${range}${String(n).padStart(4, '0')}`);
    const account = numbers('2222').flatMap((_, n) => code(`+8493${String(n).padStart(3, '0')}0000`, person));
    expect(await many([notices], account)).toBe(5);
    expect(
      await many(
        [notices],
        numbers('4444').map((number) => code(number)),
      ),
    ).toBe(8);
    expect(
      await many(
        [notices],
        numbers('5555').map((number) => code(number)),
      ),
    ).toBe(7);
    const refused = await notices.admit(code('+84966660001'));
    expect(refused).toMatchObject({ admitted: false });
    const { retryAfter } = refused as { retryAfter: number };
    clock.advance(retryAfter);
    expect(await notices.admit(code('+84966660001'))).toEqual({ admitted: true });
  });

  test('slides: around midnight, or any other moment, no more goes out than on any day', async () => {
    const daily = { ...NO_BUDGETS, sign_in_code: [{ scope: 'address', seconds: 86_400, cap: 12 }] } as const;
    const notices = make(fresh.database, [], daily);
    const midnight = 86_400_000;
    clock.advance((midnight - (clock.now().getTime() % midnight)) / 1000 + 86_400 - 60);
    const to = code('+84955550001');
    const sent: number[] = [];
    // As often as one likes, from a minute before midnight on, for three days.
    for (const until = clock.now().getTime() + 3 * midnight; clock.now().getTime() < until; ) {
      const answer = await notices.admit(to);
      if (answer.admitted) sent.push(clock.now().getTime());
      clock.advance(answer.admitted ? 20 : answer.retryAfter);
    }
    for (const begin of sent)
      expect(
        sent.filter((at) => at >= begin && at < begin + midnight).length,
        new Date(begin).toISOString(),
      ).toBeLessThanOrEqual(12);
    // And nobody waits for longer than a window and its twelfth.
    expect(sent.length).toBeGreaterThanOrEqual(2 * 12);
  });

  test('counts a clock that is behind in what is known', async () => {
    const notices = make(fresh.database, [], budgets);
    const to = code('+84955550002');
    expect(await many([notices], Array(2).fill(to))).toBe(2);
    clock.advance(-600);
    expect(await many([notices], Array(4).fill(to))).toBe(1);
    clock.advance(600);
    expect(await many([notices], Array(4).fill(to))).toBe(0);
  });

  test('that is used up by codes leaves the warnings alone', async () => {
    clock.advance(86_400);
    const notices = make(fresh.database, [], budgets);
    const to = code('+84977770001').to;
    expect(await many([notices], Array(10).fill(code('+84977770001')))).toBe(3);
    expect(await notices.admit({ kind: 'authenticator_bound', to })).toEqual({ admitted: true });
  });

  test('of each sort of code is its own: what is asked for in a stranger’s name leaves the code that locks', async () => {
    clock.advance(86_400);
    const notices = make(fresh.database, []);
    const { to } = code('+84977770002');
    const kinds = ['sign_up_code', 'sign_in_code', 'recovery_code', 'contact_code', 'lock_code'] as const;
    // Where anybody may ask for somebody else, a sixth for a network that has not asked.
    const most = { sign_up_code: 6, sign_in_code: 5, recovery_code: 6, contact_code: 5, lock_code: 6 } as const;
    for (const kind of kinds)
      expect([kind, await many([notices], Array(20).fill({ kind, to }))]).toEqual([kind, most[kind]]);
  });

  test('tells whoever has typed something only of that, and of where it comes from', async () => {
    clock.advance(86_400);
    const notices = make(fresh.database, []);
    const { to } = code('+84977770003');
    const asked = (typed: string, from: string) => notices.admitTyped({ kind: 'lock_code', to, typed, from });
    for (let n = 0; n < 5; n += 1) expect(await asked('one', '203.0.113.1')).toEqual({ admitted: true });
    expect(await asked('one', '203.0.113.1')).toMatchObject({ admitted: false, retryAfter: expect.any(Number) });
    // One more, for a network that has not asked; then there are none for anybody.
    expect(await asked('one', '198.51.100.1')).toEqual({ admitted: true });
    expect(await asked('one', '192.0.2.1')).toMatchObject({ admitted: false, retryAfter: expect.any(Number) });
    expect(await asked('another', '203.0.113.1')).toEqual({ admitted: 'silently_not' });
    const satellite = { medium: 'sms', address: '+881610000001' } as const;
    expect(await notices.admitTyped({ kind: 'lock_code', to: satellite, typed: 'x' })).toEqual({
      admitted: 'silently_not',
    });
  });

  test('keeps no number in clear, and forgets its windows', async () => {
    const rows = await fresh.database.rows<{ row: string }>(sql`SELECT b::text AS row FROM sliding_message_budgets b`);
    expect(rows.map(({ row }) => row).join()).not.toContain('8497777');
    clock.advance(4 * 86_400);
    expect(await make(fresh.database, []).sweep()).toBe(rows.length);
    expect(await fresh.database.rows(sql`SELECT FROM sliding_message_budgets`)).toEqual([]);
  });
});

test('the few that did not arrive are found without those that did', async () => {
  await fresh.database.execute(sql`
    INSERT INTO sent_messages (id, kind, medium, recipient, queued_at, state, settled_at)
    SELECT gen_random_uuid(), 'authenticator_bound', 'sms', '\\x00', now() + n * interval '1 second', 'delivered', now()
    FROM generate_series(1, 20000) AS n`);
  await fresh.database.execute(sql`ANALYZE sent_messages`);
  const notices = make(fresh.database, []);
  const read = async (): Promise<number> => {
    const row = await fresh.database.row<{ read: number }>(
      sql`SELECT (idx_tup_fetch + seq_tup_read)::int AS read FROM pg_stat_user_tables WHERE relname = 'sent_messages'`,
    );
    return row?.read ?? 0;
  };
  const settled = () => new Promise((done) => setTimeout(done, 1_200));
  await settled();
  const before = await read();
  for (let look = 0; look < 20; look += 1) await notices.sent({ state: 'failed', limit: 50 });
  await settled();
  await fresh.database.rows(sql`SELECT pg_stat_force_next_flush()`);
  // Twenty looks at twenty thousand that arrived would be four hundred thousand.
  expect((await read()) - before).toBeLessThan(20_000);
});
