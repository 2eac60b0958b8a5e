import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLockCodes } from '../../src/domain/locks/index.ts';
import { BUDGETS } from '../../src/domain/notices/index.ts';
import type { OnlineMethod } from '../../src/domain/recovery/index.ts';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { type Holder, type RecoveryStand, recoveryStand } from '../support/recovery.ts';

type Purse = 'recovery_code' | 'lock_code';

describe('case 37: somebody who only types uses up the codes that an owner needs', { timeout: 120_000 }, () => {
  let stand: RecoveryStand;
  let locks: ReturnType<typeof createLockCodes>;
  beforeAll(async () => {
    stand = await recoveryStand();
    const { subscribers, recoveries } = stand.parts;
    locks = createLockCodes({
      ...{ database: stand.database, clock: stand.clock, subscribers },
      ...{ codes: recoveries.codes, addresses: recoveries.addresses },
    });
  });
  beforeEach(() => stand.database.execute(sql`DELETE FROM sliding_message_budgets`));
  afterAll(() => stand.end());

  /** A browser of this network, which is another one by itself each time. */
  const network = (n = randomBytes(2).readUInt16BE()) => `2001:db8:${n.toString(16)}::7`;
  const askRecovery = (
    claim: { identifier: string } | { holder: string },
    address: string,
    method: OnlineMethod = 'own-phone',
  ) => stand.parts.recoveries.ask({ method, sessionKey: newId(), address, locale: 'vi', ...claim });
  const askLock = async (identifier: string, from: string) =>
    (await locks.ask({ identifier, phone: 'own', sessionKey: newId(), from, locale: 'vi' })).sent;
  /** Asks for a code of either sort, and whether the page goes on as though it had been sent. */
  const ASK: Record<Purse, (identifier: string, from: string) => Promise<boolean>> = {
    recovery_code: async (identifier, from) => (await askRecovery({ identifier }, from)).asked,
    lock_code: askLock,
  };
  const PURSES: readonly Purse[] = ['recovery_code', 'lock_code'];
  const codesTo = async ({ addresses: [phone] }: Holder): Promise<number> =>
    (await stand.messages()).filter(({ kind, to }) => PURSES.some((purse) => purse === kind) && to.address === phone)
      .length;
  /** As when this hour has so many left of what everybody shares. */
  const leave = (purse: Purse, left: number) => {
    const { cap } = BUDGETS[purse].find(({ scope }) => scope === 'all')!;
    return stand.database.execute(
      sql`UPDATE sliding_message_budgets SET counts = ARRAY[${cap - left}::integer] WHERE scope LIKE ${`${purse} sms all %`}`,
    );
  };

  test.each(PURSES)('%s: asking about nobody takes nothing from anybody', async (purse) => {
    const holder = await stand.aHolder(1);
    await ASK[purse](holder.identifier, network());
    expect(await codesTo(holder)).toBe(1);
    await leave(purse, 5);
    for (let n = 0; n < 20; n += 1)
      expect(await ASK[purse](`09709${purse.length}${100_000 + n}`, network(n))).toBe(true);
    await ASK[purse](holder.identifier, network());
    expect(await codesTo(holder)).toBe(1);
  });

  test.each(PURSES)(
    '%s: what stands for the telephone of nobody may be somebody’s number, and takes none of theirs',
    async (purse) => {
      const holder = await stand.aHolder(1);
      const [address = ''] = holder.addresses;
      const decoy = { kind: purse, to: { medium: 'sms', address }, nobody: true } as const;
      const ask = (n: number, one: string) =>
        stand.parts.notices.admitTyped({ ...decoy, subscriberId: one, from: network(n), typed: one });
      const told = [];
      for (let n = 0; n < 40; n += 1) told.push((await ask(n, `somebody ${n}`)).admitted);
      // By itself it is used up as any other: the page goes on as it would for somebody.
      expect(told.slice(0, 5)).toEqual(Array(5).fill(true));
      expect(told.slice(-5)).toEqual(Array(5).fill('silently_not'));
      await ASK[purse](holder.identifier, network());
      expect(await codesTo(holder)).toBe(1);
    },
  );

  test.each(PURSES)('%s: what one network asks for leaves a code to whoever comes from another', async (purse) => {
    const holder = await stand.aHolder(1);
    const [phone = ''] = holder.addresses;
    const stranger = network();
    // For a day, and by each of the names that lead to the same telephone.
    for (let hour = 0; hour < 12; hour += 1) {
      for (const typed of [holder.identifier, phone]) for (let n = 0; n < 6; n += 1) await ASK[purse](typed, stranger);
      stand.clock.advance(3_600);
    }
    expect(await codesTo(holder)).toBe(8);
    expect(await ASK[purse](holder.identifier, stranger)).toBe(false);
    expect(await ASK[purse](holder.identifier, network())).toBe(true);
    expect(await codesTo(holder)).toBe(1);
  });

  test.each(PURSES)('%s: and within the hour too', async (purse) => {
    const holder = await stand.aHolder(1);
    const stranger = network();
    for (let n = 0; n < 7; n += 1) await ASK[purse](holder.identifier, stranger);
    expect(await codesTo(holder)).toBe(5);
    expect(await ASK[purse](holder.identifier, network())).toBe(true);
    expect(await codesTo(holder)).toBe(1);
  });

  test.each(PURSES)('%s: from however many networks, nobody is flooded', async (purse) => {
    const holder = await stand.aHolder(1);
    const [phone = ''] = holder.addresses;
    let came = 0;
    for (let hour = 0; hour < 6; hour += 1) {
      for (let n = 0; n < 20; n += 1) await ASK[purse](n % 2 ? phone : holder.identifier, network(hour * 20 + n));
      const now = await codesTo(holder);
      expect(now).toBeLessThanOrEqual(6);
      came += now;
      stand.clock.advance(3_600);
    }
    expect(came).toBe(12);
  });

  test('whoever has proven one half gets the code of the other, whatever strangers have asked for', async () => {
    const holder = await stand.aHolder(1);
    const [phone = ''] = holder.addresses;
    for (let hour = 0; hour < 3; hour += 1) {
      for (let n = 0; n < 20; n += 1)
        await askRecovery({ identifier: n % 2 ? phone : holder.identifier }, network(n + hour * 20));
      stand.clock.advance(3_600);
    }
    await leave('recovery_code', 0);
    expect(await askRecovery({ identifier: holder.identifier }, network())).toMatchObject({ asked: false });
    const first = await stand.prove(holder, 'printed-code');
    if (!first.proven) throw new Error(first.reason);
    const second = await stand.prove(holder, 'own-phone', { holder: first.holder });
    expect(second).toMatchObject({ proven: true, recovery: { second: 'own-phone' } });
  });

  test('and reads that there are no more, instead of waiting for one; a way that is not there has as many', async () => {
    const holder = await stand.aHolder(1, { settled: false });
    const first = await stand.prove(holder, 'printed-code');
    if (!first.proven) throw new Error(first.reason);
    // The second telephone was added a moment ago, and gets none.
    for (const [method, codes] of [
      ['own-phone', 5],
      ['second-phone', 0],
    ] as const) {
      for (let n = 0; n < 5; n += 1)
        expect(await askRecovery({ holder: first.holder }, network(n), method)).toMatchObject({ asked: true });
      const refused = await askRecovery({ holder: first.holder }, network(), method);
      expect(refused).toMatchObject({ asked: false, reason: 'throttled', retryAfter: expect.any(Number) });
      expect((await stand.messages()).filter(({ kind }) => kind === 'recovery_code')).toHaveLength(codes);
    }
  });

  test('what ended in the meantime is over, and asks for nothing', async () => {
    const holder = await stand.aHolder(1);
    const first = await stand.prove(holder, 'printed-code');
    if (!first.proven) throw new Error(first.reason);
    await stand.parts.recoveries.cancel({ holder: first.holder });
    expect(await askRecovery({ holder: first.holder }, network())).toEqual({ asked: false, reason: 'over' });
    await stand.messages();
  });
});
