import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createKnownBrowsers } from '../../src/app/known-browsers.ts';
import { createJournal } from '../../src/domain/audit/index.ts';
import {
  type AnyNotice,
  BUDGETS,
  type Budget,
  createNotices,
  type MessageChannel,
  type NoticeKind,
  type OutgoingMessage,
  simulatedMessages,
} from '../../src/domain/notices/index.ts';
import { createMessageDelivery } from '../../src/jobs/deliver-messages.ts';
import type { Database } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';
import { createMessages } from '../../src/platform/messages.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import { createOutbox, type Outbox, type Settlement } from '../../src/platform/outbox.ts';
import { sql } from '../../src/platform/sql.ts';
import { writeTogether } from '../../src/platform/unit-of-work.ts';
import { fixedClock } from '../support/clock.ts';
import { freshDatabase } from '../support/database.ts';
import { testSealer } from '../support/people.ts';
import { type Holder, type RecoveryStand, recoveryStand } from '../support/recovery.ts';

const HOUR = 3_600;
type Purse = keyof typeof BUDGETS;
const capOf = (purse: Purse, scope: Budget['scope'], medium: 'sms' | 'mail' = 'sms', seconds?: number): number =>
  Math.min(
    ...BUDGETS[purse]
      .filter(
        (one) => one.scope === scope && (one.medium ?? medium) === medium && (seconds ?? one.seconds) === one.seconds,
      )
      .map(({ cap }) => cap),
  );

/** Delivers what is due as the worker does, `atOnce` settled together; what is to be tried later is due after `again`. */
async function drain(
  outbox: Outbox,
  notices: Parameters<typeof createMessageDelivery>[0]['notices'],
  atOnce = 50,
): Promise<void> {
  const deliver = createMessageDelivery({ notices });
  for (;;) {
    const claimed = await outbox.claim('message', { limit: atOnce, lease: 600 });
    if (claimed.length === 0) return;
    const settlements: Settlement[] = [];
    for (const message of claimed) {
      const outcome = await deliver(message.payload, message.attempt, message.key);
      const retryIn = !outcome.delivered && !outcome.final ? (outcome.retryIn ?? 60) : null;
      settlements.push(
        outcome.delivered
          ? { message, fate: { delivered: true }, writes: outcome.writes ?? [] }
          : {
              ...{ message, fate: { delivered: false, reason: outcome.reason, retryIn } },
              writes: outcome.writes?.(retryIn) ?? [],
            },
      );
    }
    await outbox.settle(settlements);
  }
}
const again = (database: Database) => database.execute(sql`UPDATE outbox SET due_at = now() WHERE dead_at IS NULL`);

describe('case 40: what happens with one account is made to happen again and again', () => {
  let stand: RecoveryStand;
  let holder: Holder;
  beforeAll(async () => {
    stand = await recoveryStand();
  });
  beforeEach(async () => {
    await stand.database.execute(sql`TRUNCATE sliding_message_budgets, outbox, simulated_messages`);
    holder = await stand.aHolder(1);
    await stand.database.execute(sql`TRUNCATE sliding_message_budgets, simulated_messages`);
  });
  afterAll(() => stand.end());

  const deliver = () => drain(stand.parts.outbox, stand.parts.notices);
  const arrivedAt = async (to: string) => (await simulatedMessages(stand.database, { limit: 500, to })).reverse();
  const listed = async (kinds: readonly NoticeKind[], state: string) =>
    (await stand.parts.notices.sentTo(holder.id, { limit: 500 })).filter(
      (one) => kinds.includes(one.kind) && one.state === state,
    );
  const heldEvents = async () =>
    (await stand.parts.journal.query({ subscriberId: holder.id, types: ['notice.held'], limit: 500 })).length;

  test('a bot with the password signs in from one fresh browser after another: told a few times, then once with how many', async () => {
    const { parts, clock } = stand;
    const browsers = createKnownBrowsers(
      { settings: { issuer: 'https://sen.example' } as never, sealer: () => testSealer('known browsers') },
      parts,
    );
    // A fresh browser brings no cookie.
    const fresh = { cookies: { get: () => undefined }, append: () => {}, req: {} } as never;
    const detail = { browser: 'Chrome', system: 'Windows', proofs: ['password'] };
    const signIn = async (): Promise<void> => {
      const writes = await browsers.sessionStarted(fresh, { subscriberId: holder.id, detail });
      const started = { type: 'session.started', actor: { kind: 'subscriber', id: holder.id } } as const;
      await writeTogether(stand.database, [
        parts.journal.append({ ...started, subscriberId: holder.id, detail }),
        ...writes,
      ]);
    };
    const SIGN_INS = 40;
    for (let n = 0; n <= SIGN_INS; n += 1) await signIn();
    await deliver();
    const [sms, mail] = [capOf('sign_in', 'address'), capOf('sign_in', 'address', 'mail')];
    for (const address of holder.addresses)
      expect(await arrivedAt(address), address).toHaveLength(address.startsWith('+') ? sms : mail);
    // Nothing of it is lost: it stands in the list, in the journal, and one message for each address is still to come.
    const kinds = ['sign_in_unusual'] as const;
    expect(await listed(kinds, 'delivered')).toHaveLength(2 * (sms + mail));
    expect(await listed(kinds, 'queued')).toHaveLength(4);
    expect(await listed(kinds, 'held')).toHaveLength(4 * SIGN_INS - 2 * (sms + mail) - 4);
    expect(await heldEvents()).toBe(4 * SIGN_INS - 2 * (sms + mail));

    clock.advance(HOUR + 300);
    await again(stand.database);
    await deliver();
    for (const address of holder.addresses) {
      const cap = address.startsWith('+') ? sms : mail;
      const all = await arrivedAt(address);
      expect(all).toHaveLength(cap + 1);
      expect(all.at(-1)!.text, 'says how many it stands for').toContain(` ${SIGN_INS - cap - 1} tin khác`);
      for (const { text } of all.slice(0, -1)) expect(text).not.toContain('tin khác');
    }
    expect(await listed(kinds, 'queued')).toEqual([]);
  });

  test('locked and unlocked in turns: as many alarms as there is room for, and no more', async () => {
    const { subscribers } = stand.parts;
    const by = { kind: 'operator', id: newId() } as const;
    for (let n = 0; n < 20; n += 1) {
      const lock = await subscribers.lock(holder.id, 'holder_request', { kind: 'claimant' });
      await subscribers.unlock(holder.id, lock.id, by);
    }
    await deliver();
    const [own, , second] = holder.addresses as [string, string, string];
    for (const phone of [own, second]) expect(await arrivedAt(phone)).toHaveLength(capOf('alarm', 'address'));
    expect(await listed(['account_locked', 'account_unlocked'], 'held')).toHaveLength(
      2 * (40 - capOf('alarm', 'address') - 1),
    );
  });

  test('all day, to both numbers of one account: no more than the account has', async () => {
    const { subscribers, notices } = stand.parts;
    const person = (await subscribers.find(holder.id))!;
    const reachable = await stand.parts.recoveries.addresses.reachable(person);
    for (let hour = 0; hour < 5; hour += 1) {
      for (let n = 0; n < 14; n += 1)
        await writeTogether(stand.database, notices.queueToAll('account_unlocked', reachable, {}));
      await again(stand.database);
      await deliver();
      stand.clock.advance(HOUR + 300);
    }
    const phones = holder.addresses.filter((address) => address.startsWith('+'));
    const arrived = await Promise.all(phones.map(arrivedAt));
    expect(arrived.flat()).toHaveLength(capOf('alarm', 'account'));
  });

  test('who has used up the room of everyday notices, and that of sign-ins, has not used up that of alarms', async () => {
    const { subscribers, notices, recoveries } = stand.parts;
    const reachable = await recoveries.addresses.reachable((await subscribers.find(holder.id))!);
    const everyday = (n: number) =>
      n % 2
        ? notices.queueToAll('name_corrected', reachable, {})
        : notices.queueToAll('sign_in_unusual', reachable, { device: '?' });
    for (let n = 0; n < 50; n += 1) await writeTogether(stand.database, everyday(n));
    await deliver();
    expect(await listed(['name_corrected'], 'held')).not.toEqual([]);
    const before = (await arrivedAt(holder.addresses[0]!)).length;
    await recoveries.counter.begin({ subscriberId: holder.id, officer: newId(), ground: 'counter_visit' });
    await deliver();
    for (const address of holder.addresses)
      expect((await arrivedAt(address)).at(-1)!.text).toContain('/recover/cancel/');
    expect(await arrivedAt(holder.addresses[0]!)).toHaveLength(before + 1);
  });

  test('what holds a code waits for its turn and is never folded into another', async () => {
    const { subscribers, notices, recoveries } = stand.parts;
    const reachable = await recoveries.addresses.reachable((await subscribers.find(holder.id))!);
    for (let n = 0; n < 30; n += 1)
      await writeTogether(stand.database, notices.queueToAll('account_unlocked', reachable, {}));
    for (const cancel of ['https://sen.example/1', 'https://sen.example/2'])
      await writeTogether(stand.database, notices.queueToAll('recovery_started', reachable, { cancel }));
    await deliver();
    const [own] = holder.addresses as [string];
    expect((await arrivedAt(own)).filter(({ text }) => text.includes('https://'))).toEqual([]);
    stand.clock.advance(HOUR + 300);
    await again(stand.database);
    await deliver();
    const links = (await arrivedAt(own)).flatMap(({ text }) => /https:\S+/.exec(text)?.[0] ?? []);
    expect(links.sort()).toEqual(['https://sen.example/1', 'https://sen.example/2']);
  });
});

describe('case 40: the budgets of notices, and those abroad and in all', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  const clock = fixedClock();
  const sent: OutgoingMessage[] = [];
  const gateway: MessageChannel = {
    ...{ name: 'kept', media: ['sms', 'mail'] },
    send: async (message) => {
      sent.push(message);
      return { delivered: true };
    },
  };
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  beforeEach(async () => {
    sent.length = 0;
    clock.advance(2 * 24 * HOUR);
    await fresh.database.execute(sql`TRUNCATE sliding_message_budgets, outbox`);
  });
  afterAll(() => fresh.end());

  const metrics = createMetrics({ process: false });
  const parts = (database: Database = fresh.database, budgets = BUDGETS) => {
    const outbox = createOutbox({ database, sealer: testSealer('outbox') });
    const notices = createNotices({
      ...{ database, clock, outbox, budgets, brand: 'SenID', host: 'sen.example', channels: [gateway] },
      journal: createJournal({ database, clock }),
      sealer: testSealer('notices'),
      messages: createMessages('views/messages'),
      count: metrics.message,
    });
    return { outbox, notices };
  };
  /** The table as it is, with the caps of one scope small enough to be reached in a test. */
  const scaled = (scope: Budget['scope'], cap: number): typeof BUDGETS =>
    Object.fromEntries(
      Object.entries(BUDGETS).map(([purse, all]) => [
        purse,
        all.map((one) =>
          one.scope === scope ? { ...one, cap, ...(one.kept && { kept: { ...one.kept, last: 5 } }) } : one,
        ),
      ]),
    ) as unknown as typeof BUDGETS;

  const KIND = { alarm: 'account_unlocked', notice: 'name_corrected', sign_in: 'sign_in_unusual' } as const;
  const to = (purse: keyof typeof KIND, address: string, subscriberId = newId()): AnyNotice =>
    ({
      ...{ kind: KIND[purse], to: { medium: 'sms', address }, locale: 'vi' },
      values: { device: '?' },
      subscriberId,
    }) as never;
  async function pump(
    address: (n: number) => string,
    purse: keyof typeof KIND,
    { budgets = BUDGETS, times, account }: { budgets?: typeof BUDGETS; times: number; account?: string },
  ) {
    const { notices, outbox } = parts(fresh.database, budgets);
    await writeTogether(
      fresh.database,
      Array.from({ length: times }, (_, n) => notices.queue(to(purse, address(n), account) as never)).flat(),
    );
    await drain(outbox, notices);
    return sent.length;
  }
  const pad = (n: number, length: number): string => String(n).padStart(length, '0');
  const inOneRange = (n: number): string => `+8490111${pad(n, 4)}`;
  const home = (n: number): string => `+849${pad(1_0000_000 + n * 10_000, 8)}`;
  const COUNTRIES = [33, 44, 49, 61, 65, 66, 81, 82, 86, 237] as const;
  const everywhere = (n: number): string => `+${COUNTRIES[n % COUNTRIES.length]}${pad(600_000_000 + n * 10_000, 9)}`;
  const PURSES = ['alarm', 'notice', 'sign_in'] as const;

  const CAP = 15;
  test.each(
    PURSES.flatMap((purse) =>
      (
        [
          ['one range of numbers', 'range', inOneRange],
          ['one dear area', 'area', (n: number) => `+2376${pad(10_000_000 + n * 10_000, 8)}`],
          ['abroad together', 'abroad', everywhere],
          ['in all', 'all', home],
          ['one account, to ever new numbers', 'account', home],
        ] as const
      ).map((row) => [purse, ...row] as const),
    ),
  )('%s: %s', async (purse, _, scope, address) => {
    const account = scope === 'account' ? { account: newId() } : {};
    expect(await pump(address, purse, { budgets: scaled(scope, CAP), times: 2 * CAP, ...account })).toBe(CAP);
  });

  // Who has a few accounts, and numbers in one country, could else keep every alarm from everybody there.
  test.each([
    ['area', (account: number) => `+8190${pad(account, 4)}0000`],
    ['abroad', (account: number) => everywhere(900 + account)],
    ['range', (account: number) => inOneRange(900 + account)],
  ] as const)('alarm: what a few accounts use up of one %s is not what others have', async (scope, numberOf) => {
    const budgets = scaled(scope, CAP);
    const account = newId();
    for (const other of [1, 2]) await pump(() => numberOf(other), 'alarm', { budgets, times: CAP, account: newId() });
    // Of the last five only the second has had one, who had none before.
    expect(sent).toHaveLength(CAP - 5 + 1);
    await pump(() => numberOf(3), 'alarm', { budgets, times: 2, account });
    expect(sent, 'one for somebody who has had none').toHaveLength(CAP - 5 + 2);
    expect(sent.at(-1)!.to).toBe(numberOf(3));
  });

  test('alarm: what has no account takes nothing of what is kept for accounts', async () => {
    const budgets = scaled('area', CAP);
    const { notices, outbox } = parts(fresh.database, budgets);
    const inSomebodysName = (n: number) =>
      notices.queue({
        ...{ kind: 'application_in_your_name', to: { medium: 'sms', address: `+8190${pad(n, 4)}7777` }, locale: 'vi' },
        values: { stop: 'x' },
      } as never);
    await writeTogether(fresh.database, Array.from({ length: 2 * CAP }, (_, n) => inSomebodysName(n)).flat());
    await drain(outbox, notices);
    expect(sent).toHaveLength(CAP - 5);
    expect(await pump(() => '+819099997777', 'alarm', { budgets, times: 1, account: newId() })).toBe(CAP - 5 + 1);
  });

  test('alarm: one of this morning takes nobody out of what is kept for this hour', async () => {
    const budgets = scaled('area', CAP);
    const victim = newId();
    expect(await pump(() => '+819088880000', 'alarm', { budgets, times: 1, account: victim })).toBe(1);
    clock.advance(3 * HOUR);
    for (const other of [1, 2])
      await pump(() => `+81908888000${other}`, 'alarm', { budgets, times: CAP, account: newId() });
    const before = sent.length;
    expect(await pump(() => '+819088880000', 'alarm', { budgets, times: 1, account: victim })).toBe(before + 1);
  });

  test.each(PURSES)('%s: one address', async (purse) => {
    const cap = capOf(purse, 'address');
    expect(await pump(() => '+84901112223', purse, { times: 2 * cap })).toBe(cap);
  });

  test.each([
    ['abroad', everywhere],
    ['all', home],
  ] as const)('codes: %s together', async (scope, address) => {
    const { notices } = parts(fresh.database, scaled(scope, 25));
    const code = (n: number) =>
      notices.admit({
        kind: 'sign_in_code',
        to: { medium: 'sms', address: address(n) },
        subscriberId: newId(),
        from: `10.0.${n}.1`,
      });
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => code(n)));
    expect(answers.filter(({ admitted }) => admitted)).toHaveLength(25);
  });

  test('nothing goes to a number that is nobody’s, and mail neither counts for a gateway nor is bounded by a domain', async () => {
    expect(await pump((n) => `+8816${pad(10_000_000 + n * 10_000, 8)}`, 'alarm', { times: 30 })).toBe(0);
    const { notices, outbox } = parts(fresh.database, scaled('all', 10));
    const mail = (n: number) => ({ ...to('alarm', ''), to: { medium: 'mail', address: `a${n}@sen.example` } }) as never;
    await writeTogether(fresh.database, Array.from({ length: 120 }, (_, n) => notices.queue(mail(n))).flat());
    await drain(outbox, notices);
    expect(sent).toHaveLength(120);
    // What was held back is counted.
    expect(await metrics.text()).toMatch(/eid_message_total\{channel="none",outcome="capped"\} \d{3}/);
  });

  test('a worker that dies at any statement: each message is sent, or told of by one that is', async () => {
    const QUEUED = 6;
    const cap = 2;
    const budgets = { ...BUDGETS, alarm: [{ scope: 'address', seconds: HOUR, cap }] } as const;
    const { notices, outbox } = parts(fresh.database, budgets);
    let deaths = 0;
    for (let at = 1; at <= 14; at += 1) {
      const [address, subscriberId] = [`+8490222${pad(at, 4)}`, newId()];
      sent.length = 0;
      const queued = Array.from({ length: QUEUED }, () => notices.queue(to('alarm', address, subscriberId) as never));
      await writeTogether(fresh.database, queued.flat());
      const doomed = dyingAt(fresh.database, at);
      await drain(outbox, parts(doomed.database, budgets).notices, 1).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
        deaths += 1;
      });
      for (let tries = 0; tries < 3; tries += 1) {
        await again(fresh.database);
        await drain(outbox, notices);
        clock.advance(HOUR + 300);
      }
      const told = sent.map(({ text }) => 1 + Number(/Còn (\d+) tin khác/.exec(text)?.[1] ?? 0));
      // A death between counting and settling sends one twice; nothing is ever told of less often than it happened.
      expect(
        told.reduce((sum, n) => sum + n, 0),
        `died at ${at}`,
      ).toBeGreaterThanOrEqual(QUEUED);
      expect(sent.length, `died at ${at}`).toBeLessThanOrEqual(cap + 2);
      expect(new Set(sent.map(({ reference }) => reference)).size, `died at ${at}`).toBe(cap + 1);
      const states = (await notices.sentTo(subscriberId)).map(({ state }) => state);
      expect(states.sort(), `died at ${at}`).toEqual([
        ...Array(cap + 1).fill('delivered'),
        ...Array(QUEUED - cap - 1).fill('held'),
      ]);
    }
    expect(deaths).toBeGreaterThan(10);
  });
});

class Killed extends Error {}

/** A database whose process dies when the answer of its n-th statement arrives. */
function dyingAt(database: Database, at: number): { readonly database: Database } {
  let sent = 0;
  const dying =
    <Arguments extends unknown[], Answer>(one: (...args: Arguments) => Promise<Answer>) =>
    async (...args: Arguments): Promise<Answer> => {
      if (sent >= at) throw new Killed();
      const answer = await one(...args);
      sent += 1;
      if (sent >= at) throw new Killed();
      return answer;
    };
  return {
    database: {
      ...database,
      rows: dying(database.rows) as Database['rows'],
      row: dying(database.row) as Database['row'],
      execute: dying(database.execute),
    },
  };
}
