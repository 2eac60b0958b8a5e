import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { createDataRequests, overdueOf } from '../../../src/domain/data-requests/index.ts';
import { createSimulatedPopulationRegistry } from '../../../src/domain/registry/index.ts';
import type { Clock } from '../../../src/platform/clock.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { freshDatabase } from '../../support/database.ts';

const officer = { kind: 'operator', id: newId() } as const;
const NUMBER = '097204012345';
const end = (day: string): Date => new Date(`${day}T23:59:59.999+07:00`);

describe('data requests and their clocks', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let now = new Date('2026-11-26T10:00:00+07:00');
  const clock: Clock = { now: () => now };
  const told: [number: number, of: string][] = [];
  const register = createSimulatedPopulationRegistry({
    clock,
    entries: [
      {
        person: {
          ...{ identityNumber: NUMBER, accountType: 'citizen', fullName: 'Nguyễn Thị Bảo Trân', birthdate: '1994' },
          ...{ nationality: 'VNM', contacts: {} },
        },
      },
    ],
  } as never);
  beforeAll(async () => {
    fresh = await freshDatabase();
  });
  afterAll(() => fresh.end());

  const requests = () =>
    createDataRequests({
      ...{ database: fresh.database, clock, register },
      sealer: createSealer(new Secret(Buffer.alloc(32, 7)), 'data-requests'),
      journal: createJournal({ database: fresh.database, clock }),
      identityNumber: async () => NUMBER,
      tell: async ({ number }, of) => {
        told.push([number, of]);
        return [];
      },
    });
  const ask = (kind: 'copy' | 'object' | 'rectify', subscriberId = newId()) =>
    requests().receive({
      ...{ subscriberId, kind, statement: 'Xin bản sao hồ sơ giấy.' },
      ...(kind === 'rectify' ? { subject: 'name' as const } : {}),
    });

  test('two working days and 15 days; 20 where others have to act; sealed in the table', async () => {
    const copy = await ask('copy');
    expect([copy.acknowledgeBy, copy.decideBy]).toEqual([end('2026-11-30'), end('2026-12-11')]);
    const object = await ask('object');
    expect(object.decideBy).toEqual(end('2026-12-16'));
    const { row } = (await fresh.database.row<{ row: string }>({
      text: 'SELECT r::text AS row FROM data_requests r WHERE id = $1',
      values: [copy.id],
    } as never))!;
    expect(row).not.toContain('Xin bản sao');
    expect(row).not.toContain(Buffer.from('Xin bản sao').toString('hex'));
  });

  test('the same form sent twice at once is one request, with one clock, and nobody else’s key is', async () => {
    const [id, subscriberId] = [newId(), newId()];
    const asked = { id, subscriberId, kind: 'rectify', subject: 'name', statement: 'Tên tôi viết sai.' } as const;
    const both = await Promise.all([requests().receive(asked), requests().receive(asked)]);
    expect(new Set(both.map(({ number }) => number)).size).toBe(1);
    expect(await requests().of(subscriberId)).toHaveLength(1);
    const rows = await fresh.database.rows<{ type: string }>({
      text: "SELECT type FROM journal_incoming WHERE subscriber_id = $1 AND type = 'data_request.received'",
      values: [subscriberId],
    } as never);
    expect(rows).toHaveLength(1);
    await expect(requests().receive({ ...asked, subscriberId: newId() })).rejects.toThrow();
  });

  test('late is a fact: of an acknowledgement first, then of the decision', async () => {
    const request = await ask('copy');
    expect(overdueOf(request, end('2026-11-30'))).toBeUndefined();
    expect(overdueOf(request, new Date(end('2026-11-30').getTime() + 1))).toBe('acknowledgement');
    expect(await requests().acknowledge(request.id, officer)).toEqual({ done: true });
    expect(told.at(-1)).toEqual([request.number, 'acknowledged']);
    const acknowledged = (await requests().find(request.id))!;
    expect(overdueOf(acknowledged, end('2026-12-11'))).toBeUndefined();
    expect(overdueOf(acknowledged, new Date(end('2026-12-11').getTime() + 1))).toBe('decision');
    const before = now;
    now = new Date('2026-12-20T10:00:00+07:00');
    expect((await requests().counts()).overdue).toBeGreaterThanOrEqual(2);
    now = before;
  });

  test('is extended once, by 15 days from its end, also by two at once; decided once; the person is told of each', async () => {
    const request = await ask('object');
    told.length = 0;
    const both = await Promise.all(
      [1, 2, 3].map(() => requests().extend(request.id, { reason: 'Phải hỏi bên đã nhận dữ liệu.', by: officer })),
    );
    expect(both.filter(({ done }) => done)).toHaveLength(1);
    const extended = (await requests().find(request.id))!;
    expect(extended.decideBy).toEqual(end('2026-12-31'));
    expect(extended.extension?.reason).toBe('Phải hỏi bên đã nhận dữ liệu.');
    expect(await requests().extend(request.id, { reason: 'Một lần nữa thôi.', by: officer })).toEqual({
      ...{ done: false, reason: 'extended' },
    });
    const decision = { outcome: 'refused', reason: 'Luật buộc lưu lịch sử năm năm.', by: officer } as const;
    const decided = await Promise.all([1, 2].map(() => requests().decide(request.id, decision)));
    expect(decided.filter(({ done }) => done)).toHaveLength(1);
    expect(await requests().acknowledge(request.id, officer)).toEqual({ done: false, reason: 'decided' });
    expect((await requests().find(request.id))?.decision).toMatchObject({ outcome: 'refused', by: officer.id });
    expect(new Set(told.map((one) => one.join(' ')))).toEqual(new Set([`${request.number} answered`]));
  });

  test('a correction goes to the register, once; while it is silent it waits, and its clocks go on', async () => {
    const taken = await ask('rectify');
    expect(taken.handedOver?.caseNumber).toMatch(/.+/);
    register.behave('unreachable');
    const waiting = await ask('rectify');
    expect([waiting.handedOver, waiting.decideBy]).toEqual([undefined, end('2026-12-16')]);
    expect(await requests().handOver()).toBe(0);
    register.behave('well');
    expect(await requests().handOver()).toBe(1);
    expect(await requests().handOver()).toBe(0);
    expect((await requests().find(waiting.id))?.handedOver).toBeDefined();
  });

  test('open ones are listed by their end, page by page, each once', async () => {
    for (let count = 0; count < 7; count += 1) await ask(count % 2 === 0 ? 'copy' : 'object');
    const seen: { id: string; decideBy: Date }[] = [];
    let after: string | undefined;
    do {
      const page = await requests().open({ limit: 3, ...(after === undefined ? {} : { after }) });
      seen.push(...page.requests);
      after = page.next;
    } while (after !== undefined);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect(seen.length).toBe((await requests().counts()).open);
    expect(seen.map(({ decideBy }) => decideBy.getTime())).toEqual(
      seen.map(({ decideBy }) => decideBy.getTime()).sort((a, b) => a - b),
    );
    expect(await requests().open({ after: 'nonsense' })).toEqual({ requests: [] });
  });
});
