import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createJournal } from '../../src/domain/audit/index.ts';
import {
  BUDGETS,
  createNotices,
  createSmsGateway,
  type MessagePayload,
  signInCodes,
} from '../../src/domain/notices/index.ts';
import { createEgress } from '../../src/platform/egress.ts';
import { newId } from '../../src/platform/ids.ts';
import { createMessages } from '../../src/platform/messages.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import { createOutbox } from '../../src/platform/outbox.ts';
import { sql } from '../../src/platform/sql.ts';
import { writeTogether } from '../../src/platform/unit-of-work.ts';
import { aRegistered, asking, officeOn } from '../support/applications.ts';
import { aBinder, authenticatorsOn } from '../support/authenticators.ts';
import { fixedClock } from '../support/clock.ts';
import { freshDatabase } from '../support/database.ts';
import { aListener } from '../support/listener.ts';
import { testSealer } from '../support/people.ts';
import { recoveryStand } from '../support/recovery.ts';

const ASKED = 500;
/** Milliseconds. */
const PATIENCE = 100_000;
const capOf = (scope: string): number =>
  Math.min(...BUDGETS.sign_in_code.filter((budget) => budget.scope === scope).map(({ cap }) => cap));

describe('case 40: messages are pumped', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let gateway: Awaited<ReturnType<typeof aListener>>;
  const clock = fixedClock();
  const metrics = createMetrics({ process: false });
  beforeAll(async () => {
    // 500 at once wait for ten connections, as long as it takes: here what is let through is counted, not how fast it is (case 42
    // and 59 are about that), and whoever is turned away for want of a connection has not been counted.
    fresh = await freshDatabase({ acquireTimeout: PATIENCE, statementTimeout: PATIENCE });
    gateway = await aListener((_, response) => void response.writeHead(200).end());
  });
  beforeEach(async () => {
    gateway.received.length = 0;
    await fresh.database.execute(sql`TRUNCATE sliding_message_budgets`);
  });
  afterAll(async () => {
    await fresh.end();
    await gateway.close();
  });

  const outboxOf = () => createOutbox({ database: fresh.database, sealer: testSealer('outbox') });
  const patient = () => createEgress({ allowOrigins: [gateway.origin], timeout: PATIENCE });
  const notices = () =>
    createNotices({
      ...{ database: fresh.database, clock, brand: 'SenID', host: 'sen.example', outbox: outboxOf() },
      journal: createJournal({ database: fresh.database, clock }),
      sealer: testSealer('notices'),
      messages: createMessages('views/messages'),
      channels: [createSmsGateway({ url: gateway.origin, egress: patient() })],
      count: metrics.message,
    });

  /** Asks for a code so often, sends whatever was let through, and counts what the gateway was asked to send. */
  async function pump(one: (n: number) => { phone: string; from: string; account?: string }): Promise<number> {
    const codes = signInCodes(notices());
    const asked = Array.from({ length: ASKED }, async (_, n) => {
      const { phone, from, account = newId() } = one(n);
      const message = { to: phone, code: '123456', minutes: 10, locale: 'vi' } as const;
      const admitted = await codes.admit(message, { account, from });
      if (admitted.admitted) await writeTogether(fresh.database, codes.queue(message));
      return admitted.admitted;
    });
    const admitted = (await Promise.all(asked)).filter(Boolean).length;
    const sender = notices();
    for (let taken = 1; taken > 0; ) {
      const claimed = await outboxOf().claim('message', { limit: 50, lease: PATIENCE / 1_000 });
      taken = claimed.length;
      for (const message of claimed) {
        const attempt = await sender.deliver(message.payload as MessagePayload);
        const writes = sender.settled(message.payload as MessagePayload, attempt, true);
        await outboxOf().settle([{ message, fate: { delivered: true }, writes }]);
      }
    }
    expect(gateway.received).toHaveLength(admitted);
    return gateway.received.length;
  }
  const everywhere = (n: number): string => `10.${n >> 8}.${n % 256}.1`;
  const home = (n: number): string => `+849${String(1_0000_000 + n * 10_000).padStart(8, '0')}`;

  test('to one number, from everywhere', async () => {
    expect(await pump((n) => ({ phone: '+84901112223', from: everywhere(n) }))).toBe(capOf('address'));
  });

  test('for one account, to ever new numbers', async () => {
    const account = newId();
    expect(await pump((n) => ({ phone: home(n), from: everywhere(n), account }))).toBe(capOf('account'));
  });

  test('from one network, to ever new numbers', async () => {
    expect(await pump((n) => ({ phone: home(n), from: `203.0.113.${n % 256}` }))).toBe(capOf('sender'));
  });

  test('to a range of numbers, from everywhere', async () => {
    const phone = (n: number): string => `+8490111${String(n).padStart(4, '0')}`;
    expect(await pump((n) => ({ phone: phone(n), from: everywhere(n) }))).toBe(capOf('range'));
  });

  test.each([
    ['one country far away', (n: number) => `+2376${String(70_000_000 + n * 10_000).slice(-8)}`],
    ['one dear area inside +1', (n: number) => `+1876${String(2_000_000 + n * 10_000)}`],
  ])('to ever new ranges of %s, from everywhere', async (_, phone) => {
    expect(await pump((n) => ({ phone: phone(n), from: everywhere(n) }))).toBe(capOf('area'));
  });

  test('to numbers that are nobody’s and dearest of all: not one', async () => {
    const phone = (n: number): string => `+8816${String(10_000_000 + n * 10_000)}`;
    expect(await pump((n) => ({ phone: phone(n), from: everywhere(n) }))).toBe(0);
  });

  test('what it cost stands in the metrics: messages that a gateway bills for, at home and abroad, and what was refused', async () => {
    const text = await metrics.text();
    const cost = (region: string): number =>
      Number(new RegExp(`senid_message_parts_total\\{[^}]*region="${region}"[^}]*\\} (\\d+)`).exec(text)?.[1] ?? 0);
    // A Vietnamese sentence is UCS-2: several parts each.
    const sent = capOf('address') + capOf('account') + capOf('sender') + capOf('range');
    expect(cost('home')).toBeGreaterThanOrEqual(2 * sent);
    expect(cost('abroad')).toBeGreaterThanOrEqual(2 * 2 * capOf('area'));
    expect(cost('nowhere')).toBe(0);
    expect(text).toMatch(/eid_message_total\{channel="none",outcome="capped"\} \d{4}/);
  });

  test('signing up asks within the same budgets: from one network, and for one browser that fills in', async () => {
    const it = officeOn(fresh.database, [], { clock });
    const askedFor = async (n: number, from: string, token: string): Promise<boolean> => {
      await it.applications.identify(token, it.identityOf(aRegistered()), 'vi');
      return (await it.applications.askPhone(token, home(n), asking(from))).asked;
    };
    const numbers = Array.from({ length: capOf('sender') + 10 }, (_, n) => n);
    const network: boolean[] = [];
    for (const n of numbers) network.push(await askedFor(n, `203.0.113.${n}`, newId()));
    expect(network.filter(Boolean)).toHaveLength(capOf('sender'));
    const browser = newId();
    const queued = async () =>
      (await fresh.database.rows(sql`SELECT FROM sent_messages WHERE kind = 'sign_up_code'`)).length;
    const before = await queued();
    // What is told of is what was typed, how often and from where, and nothing else (case 41).
    for (const n of numbers) expect(await askedFor(1_000 + n, everywhere(n), browser)).toBe(true);
    expect((await queued()) - before).toBe(capOf('account'));
    await it.decoder.close();
  });

  test('a recovery asks within the same budgets: from one network, for ever new accounts', async () => {
    const stand = await recoveryStand();
    const { recoveries } = stand.parts;
    const answers: boolean[] = [];
    for (let n = 0; n < capOf('sender') + 10; n += 1) {
      const asked = { method: 'own-phone', identifier: `0981900${String(n).padStart(5, '0')}`, locale: 'vi' } as const;
      answers.push((await recoveries.ask({ ...asked, sessionKey: newId(), address: `203.0.113.${n}` })).asked);
    }
    expect(answers.filter(Boolean)).toHaveLength(capOf('sender'));
    await stand.end();
  });

  test('the sign-in page asks within the same budgets, and says when to come again', async () => {
    const part = authenticatorsOn(fresh.database);
    const ask = () =>
      part.authenticators.begin({
        ...{ kind: 'message-otp', purpose: 'bind', sessionKey: newId(), authority: { by: 'system' } },
        ...{ subscriber: aBinder({ phone: '+84901112223' }), address: '203.0.113.9' },
      });
    const all = await Promise.all(Array.from({ length: 20 }, ask));
    expect(all.filter(({ begun }) => begun)).toHaveLength(capOf('address'));
    expect(part.messages).toHaveLength(capOf('address'));
    expect(all.find(({ begun }) => !begun)).toMatchObject({ reason: 'throttled', retryAfter: expect.any(Number) });
  });
});
