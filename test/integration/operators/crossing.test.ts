import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperatorWish, Role } from '../../../src/domain/operators/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import {
  accept,
  agree,
  numberOf,
  type OperatorsStand,
  operatorsStand,
  type Present,
  present,
  theFirst,
  theSecond,
} from '../../support/operators.ts';

let stand: OperatorsStand;
let one: Present;
let two: Present;
beforeAll(async () => {
  stand = await operatorsStand();
  one = await theFirst(stand);
  two = await theSecond(stand, one);
});
afterAll(() => stand.end());

const ROUNDS = 50;

const hired = async (human: number, roles: Role[]): Promise<Present> => {
  const identityNumber = numberOf(human);
  const value: OperatorWish = {
    ...{ id: `0197d000-0000-7000-8000-${String(human).padStart(12, '0')}`, office: '01', roles, state: 'invited' },
    ...{ identityNumber, name: `Số ${human}`, email: `no${human}@sen.example` },
  };
  await agree(stand, value, { proposer: two.acting, approver: one.acting });
  const { passkey } = await accept(stand.operators, { code: stand.mails.at(-1)?.code ?? '', identityNumber });
  return present(stand.operators, passkey);
};

const valueNow = async (id: string): Promise<OperatorWish> => {
  const { createdAt: _, lastSeenAt: __, person: ___, ...value } = (await stand.operators.find(id))!;
  return value;
};

/** What `by` proposes about `about`, ready for somebody to agree. */
const proposed = async (about: Present, by: Present, to: Partial<OperatorWish>) => {
  const value = { ...(await valueNow(about.id)), ...to };
  const drafted = await stand.approvals.draft({ kind: 'operator', value, reason: 'a race', by: by.acting });
  if (!drafted.drafted) throw new Error(drafted.reason);
  const { id, revision } = drafted.request;
  const step = await stand.approvals.propose(id, { revision, by: by.acting });
  if (!step.done) throw new Error(step.reason);
  return step.request;
};

/** Deadlocks that PostgreSQL has ended in this database: each connection reports its own when it ends. */
const deadlocks = async (): Promise<number> => {
  await stand.database.execute(
    sql`SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  const row = await stand.database.row<{ count: number }>(
    sql`SELECT deadlocks AS count FROM pg_stat_database WHERE datname = current_database()`,
  );
  return row!.count;
};

test('two who approve what concerns the other, while both are suspended: each act ends, and none in a deadlock', async () => {
  const three = await hired(3, ['sysadmin', 'approver']);
  const four = await hired(4, ['sysadmin', 'approver']);
  const ends = new Set<string>();
  for (let round = 1; round <= ROUNDS; round += 1) {
    const aboutThree = await proposed(three, four, { name: `Số Ba ${round}` });
    const aboutFour = await proposed(four, three, { name: `Số Bốn ${round}` });
    const acts = [
      () => stand.approvals.approve(aboutThree.id, { revision: aboutThree.revision, by: one.acting }),
      () => stand.approvals.approve(aboutFour.id, { revision: aboutFour.revision, by: two.acting }),
      () => stand.operators.suspend(three.id, four.acting),
      () => stand.operators.suspend(four.id, three.acting),
      () => stand.operators.suspend(three.id, two.acting),
      () => stand.operators.suspend(four.id, one.acting),
    ];
    // Another one first each time: whoever begins has the best chance to be the first of all.
    const turned = [...acts.slice(round % acts.length), ...acts.slice(0, round % acts.length)];
    for (const outcome of await Promise.all(turned.map((act) => act()))) {
      ends.add(typeof outcome === 'string' ? outcome : outcome.done ? 'made' : outcome.reason);
    }
    for (const { id } of [three, four]) {
      const value = await valueNow(id);
      expect(value.state).toBe('suspended');
      const back = await agree(stand, { ...value, state: 'active' }, { proposer: one.acting, approver: two.acting });
      expect(back).toMatchObject({ done: true });
    }
  }
  expect([...ends].sort()).toEqual(expect.arrayContaining(['made', 'stale', 'suspended']));
  expect(await deadlocks()).toBe(0);
}, 120_000);
