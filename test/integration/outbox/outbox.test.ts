import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DeliveryPace, startDelivery } from '../../../src/jobs/deliver-outbox.ts';
import { createDatabase } from '../../../src/platform/database.ts';
import { createOutbox, type DeliveryHandler, sweepOutbox } from '../../../src/platform/outbox.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { freshDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

let db: Awaited<ReturnType<typeof freshDatabase>>;
const sealer = createSealer(new Secret(Buffer.alloc(32, 3)), 'outbox');
const outboxOf = (database = db.database) => createOutbox({ database, sealer });
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.end());
beforeEach(async () => {
  await db.database.execute(sql`DELETE FROM outbox`);
  return async () => {
    await Promise.all(running.splice(0).map((worker) => worker.stop()));
  };
});

const faults: unknown[] = [];
const start = async (handlers: Record<string, DeliveryHandler>, pace: Partial<DeliveryPace> = {}) => {
  const worker = await startDelivery({
    database: db.database,
    outbox: outboxOf(),
    handlers,
    pace: { pollEvery: 0.05, firstDelay: 0.02, ...pace },
    failed: (error) => faults.push(error),
  });
  running.push(worker);
  return worker;
};
const add = (key: string, payload: unknown = { key }, kind = 'message', options = {}) =>
  writeTogether(db.database, [outboxOf().add(kind, key, payload, options)]);
const keyOf = (payload: unknown): string => (payload as { key: string }).key;

describe('a message', () => {
  test('is sent if and only if the change it goes with is made', async () => {
    const undone = writeTogether(db.database, [
      outboxOf().add('message', 'undone', {}),
      { statement: sql`DELETE FROM journal WHERE sequence = -1`, lost: () => new Error('lost') },
    ]);
    await expect(undone).rejects.toThrow('lost');
    expect(await outboxOf().state()).toMatchObject({ waiting: 0 });
    await add('made');
    expect(await outboxOf().state()).toMatchObject({ waiting: 1 });
  });

  // PostgreSQL chooses another way for a table that it has last seen empty: there the oldest were looked for anew beside each row.
  test('is never one more than were asked for, whatever PostgreSQL knows of the table', async () => {
    await db.database.execute(sql`VACUUM ANALYZE outbox`);
    for (let n = 0; n < 12; n += 1) await add(`one ${n}`, { key: `one ${n}` }, 'message', { receiver: 'them' });
    const claimed = async (wanted: object) =>
      (await outboxOf().claim('message', { limit: 10, lease: 600, ...wanted })).length;
    expect(await claimed({ limit: 1 })).toBe(1);
    expect(await claimed({ limit: 3 })).toBe(3);
    expect(await claimed({ room: 2 })).toBe(2);
    expect(await claimed({ limit: 50 })).toBe(6);
  });

  test('with a key that waits already is not added again', async () => {
    await add('same', { n: 1 });
    await add('same', { n: 2 });
    expect(await outboxOf().claim('message', { limit: 10, lease: 30 })).toMatchObject([
      { payload: { n: 1 }, attempt: 1 },
    ]);
  });

  test('is taken before what came after it, whatever its key', async () => {
    const keys = Array.from({ length: 20 }, (_, n) => `${(n * 7) % 20}`);
    for (const key of keys) await add(key);
    const taken = await outboxOf().claim('message', { limit: 12, lease: 30 });
    expect(taken.map(({ key }) => key)).toEqual(keys.slice(0, 12));
  });

  test('cannot be read in the table, nor moved to another row', async () => {
    await add('a', { phone: '+84900000001' });
    await add('b');
    const [row] = await db.database.rows<{ payload: Buffer }>(sql`SELECT payload FROM outbox WHERE key = 'a'`);
    expect(row?.payload.toString('latin1')).not.toContain('84900000001');
    await db.database.execute(sql`UPDATE outbox SET payload = ${row?.payload} WHERE key = 'b'`);
    await expect(outboxOf().claim('message', { limit: 10, lease: 30 })).rejects.toThrow();
  });

  test('that came too late is not sent any more, and is swept', async () => {
    await add('late', {}, 'message', { validFor: -1 });
    await add('in time', {}, 'message', { validFor: 60 });
    expect((await outboxOf().claim('message', { limit: 10, lease: 30 })).map(({ key }) => key)).toEqual(['in time']);
    expect(await sweepOutbox(db.database)).toBe(1);
  });
});

describe('delivering', () => {
  test('happens at once when a message is written, by NOTIFY', async () => {
    const sent: string[] = [];
    await start(
      {
        message: async (payload) => {
          sent.push(keyOf(payload));
          return { delivered: true };
        },
      },
      { pollEvery: 3_600 },
    );
    // LISTEN is sent after `start` has answered: until it is in place nothing would wake the worker.
    await eventually(async () => {
      await add(`n${sent.length}`);
      return sent.length;
    }).toBeGreaterThan(0);
    await eventually(() => outboxOf().state()).toMatchObject({ waiting: 0, dead: 0 });
  });

  test('is tried again later, with the number of the attempt, until it succeeds', async () => {
    const attempts: number[] = [];
    await add('stubborn');
    await start({
      message: async (_payload, attempt) => {
        attempts.push(attempt);
        return attempt < 4 ? { delivered: false, reason: 'busy' } : { delivered: true };
      },
    });
    await eventually(() => outboxOf().state()).toMatchObject({ waiting: 0 });
    expect(attempts).toEqual([1, 2, 3, 4]);
  });

  test('is given up after the last attempt, or at once when it is pointless; only then its writes are made', async () => {
    const marker = (key: string) => ({
      statement: sql`INSERT INTO journal_incoming (at, type, actor_kind, actor_id) VALUES (now(), 'x', 'system', ${key})`,
    });
    await add('hopeless');
    await add('pointless');
    const attempts: string[] = [];
    await start(
      {
        message: async (payload) => {
          const key = keyOf(payload);
          attempts.push(key);
          return {
            delivered: false,
            reason: 'no',
            final: key === 'pointless',
            writes: (retryIn) => (retryIn === null ? [marker(key)] : []),
          };
        },
      },
      { attempts: 3 },
    );
    await eventually(() => outboxOf().state()).toMatchObject({ waiting: 0, dead: 2 });
    expect(attempts.sort()).toEqual(['hopeless', 'hopeless', 'hopeless', 'pointless']);
    const rows = await db.database.rows(sql`SELECT actor_id FROM journal_incoming WHERE type = 'x' ORDER BY actor_id`);
    expect(rows).toEqual([{ actor_id: 'hopeless' }, { actor_id: 'pointless' }]);
  });

  test('survives a handler that throws, and reports it', async () => {
    await add('fault');
    await start({
      message: async (_payload, attempt) => {
        if (attempt === 1) throw new Error('our fault');
        return { delivered: true };
      },
    });
    await eventually(() => outboxOf().state()).toMatchObject({ waiting: 0, dead: 0 });
    expect(faults).toContainEqual(new Error('our fault'));
  });

  test('of a slow kind does not hold up another', async () => {
    let release = (): void => {};
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (let n = 0; n < 5; n += 1) await add(`slow ${n}`, {}, 'slow');
    await add('quick');
    let quick = 0;
    await start(
      {
        slow: async () => {
          await blocked;
          return { delivered: true };
        },
        message: async () => {
          quick += 1;
          return { delivered: true };
        },
      },
      { atOnce: 2 },
    );
    await eventually(() => quick).toBe(1);
    release();
    await eventually(() => outboxOf().state()).toMatchObject({ waiting: 0 });
  });

  test('to receivers that hang does not hold up the others, however much waits for them', async () => {
    const addTo = (receiver: string, count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, n) =>
          writeTogether(db.database, [outboxOf().add('message', `${receiver} ${n}`, { receiver }, { receiver })]),
        ),
      );
    // What waits for those that hang was queued first: it stands before everything else.
    for (const hanging of ['mute 1', 'mute 2', 'mute 3', 'mute 4']) await addTo(hanging, 60);
    for (const healthy of ['bank', 'hotel', 'clinic']) await addTo(healthy, 40);
    const underWay = new Map<string, number>();
    const most = new Map<string, number>();
    const done: string[] = [];
    const worker = await start(
      {
        message: async (payload) => {
          const { receiver } = payload as { receiver: string };
          underWay.set(receiver, (underWay.get(receiver) ?? 0) + 1);
          most.set(receiver, Math.max(most.get(receiver) ?? 0, underWay.get(receiver) ?? 0));
          await new Promise((resolve) => setTimeout(resolve, receiver.startsWith('mute') ? 600 : 2));
          underWay.set(receiver, (underWay.get(receiver) ?? 0) - 1);
          if (receiver.startsWith('mute')) return { delivered: false, reason: 'mute' };
          done.push(receiver);
          return { delivered: true };
        },
      },
      { atOnce: 12, atOnceEach: 3, slowAfter: 0.3, firstDelay: 60 },
    );
    const begun = performance.now();
    await eventually(() => done.length).toBe(120);
    // 240 attempts of 0.6 s in twelve places would take 12 s by themselves.
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(Math.max(...most.values()), 'at once to one receiver').toBeLessThanOrEqual(3);
    await worker.stop();
  });

  test('by three processes sends each of 300 messages once', async () => {
    const sent = new Map<string, number>();
    await db.database.execute(sql`SELECT 1`);
    await Promise.all(Array.from({ length: 300 }, (_, n) => add(`m${n}`)));
    const handlers = {
      message: async (payload: unknown) => {
        sent.set(keyOf(payload), (sent.get(keyOf(payload)) ?? 0) + 1);
        return { delivered: true as const };
      },
    };
    const databases = [0, 1, 2].map(() => createDatabase({ url: db.url, poolSize: 4 }));
    const workers = await Promise.all(
      databases.map((database) =>
        startDelivery({
          database,
          outbox: outboxOf(database),
          handlers,
          pace: { pollEvery: 0.05 },
          failed: (error) => faults.push(error),
        }),
      ),
    );
    await eventually(() => outboxOf().state()).toMatchObject({ waiting: 0 });
    await Promise.all(workers.map((worker) => worker.stop()));
    await Promise.all(databases.map((database) => database.close()));
    expect(sent.size).toBe(300);
    expect([...sent.values()].filter((times) => times !== 1)).toEqual([]);
  });

  test('of what a dead process had taken goes on when its lease is over', async () => {
    await add('orphan');
    expect(await outboxOf().claim('message', { limit: 1, lease: 0.2 })).toHaveLength(1);
    expect(await outboxOf().claim('message', { limit: 1, lease: 0.2 })).toHaveLength(0);
    const attempts: number[] = [];
    await start({
      message: async (_payload, attempt) => {
        attempts.push(attempt);
        return { delivered: true };
      },
    });
    await eventually(() => attempts).toEqual([2]);
  });

  test('by somebody whose lease is over changes nothing for whoever has it now', async () => {
    await add('contested');
    const [slow] = await outboxOf().claim('message', { limit: 1, lease: 0 });
    const [quick] = await outboxOf().claim('message', { limit: 1, lease: 30 });
    const marker = {
      statement: sql`INSERT INTO journal_incoming (at, type, actor_kind) VALUES (now(), 'late', 'system')`,
    };
    await outboxOf().settle([
      { message: slow!, fate: { delivered: false, reason: 'too late', retryIn: null }, writes: [marker] },
    ]);
    await outboxOf().settle([{ message: slow!, fate: { delivered: true }, writes: [marker] }]);
    expect(await outboxOf().state()).toMatchObject({ waiting: 1, dead: 0 });
    expect(await db.database.rows(sql`SELECT 1 FROM journal_incoming WHERE type = 'late'`)).toEqual([]);
    await outboxOf().settle([{ message: quick!, fate: { delivered: true } }]);
    expect(await outboxOf().state()).toMatchObject({ waiting: 0 });
  });

  test('settles what others have settled together with what they have not: one late message undoes nobody else', async () => {
    for (const key of ['late', 'in time', 'also in time']) await add(key);
    const claimed = await outboxOf().claim('message', { limit: 3, lease: 0 });
    await outboxOf().claim('message', { limit: 1, lease: 30 });
    await outboxOf().settle(claimed.map((message) => ({ message, fate: { delivered: true } })));
    const left = await db.database.rows<{ key: string }>(sql`SELECT key FROM outbox`);
    expect(left).toHaveLength(1);
  });

  test('that was given up and is revived begins anew', async () => {
    await add('again', { n: 1 });
    const [message] = await outboxOf().claim('message', { limit: 1, lease: 30 });
    await outboxOf().settle([{ message: message!, fate: { delivered: false, reason: 'no', retryIn: null } }]);
    expect(await outboxOf().claim('message', { limit: 1, lease: 30 })).toEqual([]);
    await writeTogether(db.database, [outboxOf().revive('message', 'again')]);
    expect(await outboxOf().claim('message', { limit: 1, lease: 30 })).toMatchObject([
      { payload: { n: 1 }, attempt: 1 },
    ]);
  });

  test('stops by finishing what is under way and taking no more', async () => {
    let begun = 0;
    let ended = 0;
    for (let n = 0; n < 10; n += 1) await add(`m${n}`);
    const worker = await start(
      {
        message: async () => {
          begun += 1;
          await new Promise((resolve) => setTimeout(resolve, 50));
          ended += 1;
          return { delivered: true };
        },
      },
      { atOnce: 2 },
    );
    await eventually(() => begun).toBeGreaterThan(0);
    await worker.stop();
    expect(ended).toBe(begun);
    expect(begun).toBeLessThan(10);
    expect((await outboxOf().state()).waiting).toBe(10 - begun);
  });
});
