import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase } from '../../../src/platform/database.ts';
import { sql } from '../../../src/platform/sql.ts';
import {
  accept,
  numberOf,
  type OperatorsStand,
  operatorsStand,
  present,
  theFirst,
  theSecond,
} from '../../support/operators.ts';

let stand: OperatorsStand;
beforeEach(async () => {
  stand = await operatorsStand();
});
afterEach(() => stand.end());

const first = (human = 1) => ({
  name: 'Trần Thị Đầu',
  email: `first${human}@sen.example`,
  office: 'vn',
  identityNumber: numberOf(human),
});
const second = (human = 2) => ({ ...first(human), roles: ['approver', 'sysadmin'] as const });
const HOUR = 3_600;

describe('the first operator', () => {
  test('has what it takes to invite others, in a journal that names no number, and one code', async () => {
    const begun = await stand.operators.bootstrap(first());
    expect(begun.begun).toBe(true);
    if (!begun.begun) return;
    expect(Buffer.from(begun.code, 'base64url').length).toBeGreaterThanOrEqual(16);
    expect(begun.expiresAt.getTime() - stand.clock.now().getTime()).toBe(HOUR * 1000);
    const operator = await stand.operators.find(begun.operatorId);
    expect(operator).toMatchObject({ state: 'invited', roles: ['approver', 'rp_admin', 'security', 'sysadmin'] });
    const [event] = await stand.journal.query({ types: ['operator.bootstrapped'] });
    expect(event).toMatchObject({
      actor: { kind: 'system', id: 'command line' },
      detail: { operator: begun.operatorId },
    });
    const everything = JSON.stringify([
      await stand.journal.query({}),
      await stand.database.rows(sql`SELECT * FROM operators`),
      await stand.database.rows(sql`SELECT code_hash::text AS hash FROM operator_invitations`),
    ]);
    expect(everything).not.toContain(numberOf(1));
    expect(everything).not.toContain(begun.code);
  });

  test('is made once, whatever runs in parallel on however many connections', async () => {
    const pools = [1, 2, 3].map(() => createDatabase({ url: stand.url, poolSize: 4 }));
    try {
      const tries = pools.flatMap((database, at) =>
        [0, 1, 2].map((each) => stand.again({ database }).bootstrap(first(at * 3 + each + 1))),
      );
      const outcomes = await Promise.all(tries);
      expect(outcomes.filter(({ begun }) => begun)).toHaveLength(1);
      expect(outcomes.filter((one) => !one.begun && one.reason === 'done_before')).toHaveLength(8);
      expect(await stand.operators.list()).toHaveLength(1);
    } finally {
      for (const database of pools) await database.close();
    }
  });

  test('is not made again while the invitation is open, nor after it was accepted', async () => {
    await stand.operators.bootstrap(first());
    expect(await stand.operators.bootstrap(first(2))).toEqual({ begun: false, reason: 'done_before' });
    stand.clock.advance(HOUR + 1);
    await theFirst(stand, 3);
    stand.clock.advance(1000 * HOUR);
    expect(await stand.operators.bootstrap(first(4))).toEqual({ begun: false, reason: 'done_before' });
  });

  test('is made again when nobody came within the hour, so that a mistyped number locks nobody out for good', async () => {
    const lost = await stand.operators.bootstrap(first());
    stand.clock.advance(HOUR + 1);
    const again = await stand.operators.bootstrap(first(2));
    expect(again.begun).toBe(true);
    if (!lost.begun || !again.begun) return;
    expect((await stand.operators.find(lost.operatorId))?.state).toBe('retired');
    await expect(accept(stand.operators, { code: lost.code, identityNumber: numberOf(1) })).rejects.toThrow('closed');
    await accept(stand.operators, { code: again.code, identityNumber: numberOf(2) });
  });

  test.each([
    ['identityNumber', { identityNumber: '12345678901' }],
    ['identityNumber', { identityNumber: '09709000000a' }],
    ['name', { name: ' ' }],
    ['email', { email: 'one@sen.example, other@sen.example' }],
    ['office', { office: 'nowhere' }],
  ])('is told what is wrong with the %s', async (path, wrong) => {
    const begun = await stand.operators.bootstrap({ ...first(), ...wrong });
    expect(begun).toMatchObject({ begun: false, reason: 'faulty', faults: [{ path }] });
    expect(await stand.operators.list()).toEqual([]);
  });
});

describe('the second operator', () => {
  test('is invited by the first alone, and then the way is closed', async () => {
    const one = await theFirst(stand);
    await theSecond(stand, one);
    expect(await stand.operators.inviteSecond(second(3), one.acting)).toEqual({ begun: false, reason: 'done_before' });
    const [event] = await stand.journal.query({ types: ['operator.invited'] });
    expect(event).toMatchObject({ actor: { kind: 'operator', id: one.id }, detail: { by: 'one' } });
  });

  test('is one, of any number invited at once', async () => {
    const one = await theFirst(stand);
    const outcomes = await Promise.all(
      [2, 3, 4, 5].map((human) => stand.operators.inviteSecond(second(human), one.acting)),
    );
    expect(outcomes.filter(({ begun }) => begun)).toHaveLength(1);
  });

  test('is another human, at another address', async () => {
    const one = await theFirst(stand);
    const same = { begun: false, reason: 'same_person' };
    expect(await stand.operators.inviteSecond({ ...second(), identityNumber: numberOf(1) }, one.acting)).toEqual(same);
    expect(await stand.operators.inviteSecond({ ...second(), email: 'FIRST1@sen.example' }, one.acting)).toEqual(same);
  });

  test('is not replaced while the invitation is open, and is once nobody has come', async () => {
    const one = await theFirst(stand);
    const lost = await stand.operators.inviteSecond(second(), one.acting);
    expect(await stand.operators.inviteSecond(second(3), one.acting)).toMatchObject({ reason: 'done_before' });
    stand.clock.advance(72 * HOUR + 1);
    const again = await present(stand.operators, one.passkey);
    const next = await stand.operators.inviteSecond(second(3), again.acting);
    expect(next.begun).toBe(true);
    if (lost.begun) expect((await stand.operators.find(lost.operatorId))?.state).toBe('retired');
  });

  test('suspending everybody else makes nobody the only one', async () => {
    const one = await theFirst(stand);
    const two = await theSecond(stand, one);
    expect(await stand.operators.suspend(two.id, one.acting)).toBe('suspended');
    stand.clock.advance(100 * HOUR);
    const again = await present(stand.operators, one.passkey);
    expect(await stand.operators.inviteSecond(second(3), again.acting)).toEqual({
      begun: false,
      reason: 'done_before',
    });
  });

  test('is not invited by somebody whose role or access is gone since they signed in', async () => {
    const one = await theFirst(stand);
    const without = { ...one.acting, operatorId: '00000000-0000-4000-8000-000000000000' };
    expect(await stand.operators.inviteSecond(second(), without)).toEqual({ begun: false, reason: 'forbidden' });
    await stand.operators.suspend(one.id, 'command line');
    expect(await stand.operators.inviteSecond(second(), one.acting)).toEqual({ begun: false, reason: 'forbidden' });
  });
});

describe('the database says so once more', () => {
  const insert = (id: string, state = 'invited', person = 'x'.repeat(43)) =>
    stand.database.execute(sql`INSERT INTO operators (id, person, name, email, office, roles, state, created_at)
      VALUES (${id}, ${person}, 'X', ${`${id}@sen.example`}, 'vn', ARRAY['approver'], ${state}, now())`);
  const ids = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);

  test('a third operator takes a change request', async () => {
    await insert(ids[0]!, 'invited', 'a'.repeat(43));
    await insert(ids[1]!, 'invited', 'b'.repeat(43));
    await expect(insert(ids[2]!, 'invited', 'c'.repeat(43))).rejects.toThrow('invited by two people');
  });

  test('nobody begins as active, and one human has one account', async () => {
    await expect(insert(ids[0]!, 'active')).rejects.toThrow('begins with an invitation');
    await insert(ids[0]!);
    await expect(insert(ids[1]!)).rejects.toThrow('operators_one_per_person');
  });

  test.each([
    ['roles', sql`roles = ARRAY['approver', 'sysadmin']`, 'changed by two people'],
    ['the address', sql`email = 'another@sen.example'`, 'changed by two people'],
    ['the person', sql`person = ${'y'.repeat(43)}`, 'never changes'],
    ['being invited, without a passkey', sql`state = 'active'`, 'given back by two people'],
    [
      'a change request that was never applied',
      sql`change_id = gen_random_uuid(), roles = ARRAY['sysadmin']`,
      'agreed on',
    ],
  ])('%s cannot be set by one statement', async (_, change, says) => {
    await insert(ids[0]!);
    await expect(stand.database.execute(sql`UPDATE operators SET ${change} WHERE id = ${ids[0]}`)).rejects.toThrow(
      says,
    );
  });

  test('suspended is not active again by one statement, and nobody is deleted', async () => {
    const one = await theFirst(stand);
    await stand.operators.suspend(one.id, 'command line');
    const back = stand.database.execute(sql`UPDATE operators SET state = 'active' WHERE id = ${one.id}`);
    await expect(back).rejects.toThrow('given back by two people');
    await expect(stand.database.execute(sql`DELETE FROM operators WHERE id = ${one.id}`)).rejects.toThrow(
      'never deleted',
    );
  });
});
