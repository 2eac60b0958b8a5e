import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OperatorWish } from '../../../src/domain/operators/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import {
  accept,
  agree,
  numberOf,
  type OperatorsStand,
  operatorsStand,
  type Present,
  present,
  signInWith,
  theFirst,
  theSecond,
} from '../../support/operators.ts';

let stand: OperatorsStand;
let one: Present;
let two: Present;
beforeEach(async () => {
  stand = await operatorsStand();
  one = await theFirst(stand);
  two = await theSecond(stand, one);
});
afterEach(() => stand.end());

const valueNow = async (id: string): Promise<OperatorWish> => {
  const found = await stand.operators.find(id);
  if (!found) throw new Error('no such operator');
  const { createdAt: _, lastSeenAt: __, person: ___, ...value } = found;
  return value;
};
/** `two` proposes about `one`, or about whom it says; `one` approves. */
const change = async (id: string, to: Partial<OperatorWish>) =>
  agree(stand, { ...(await valueNow(id)), ...to }, { proposer: two.acting, approver: one.acting });
const applied = { done: true, request: { state: 'applied' } };

describe('a change of an operator', () => {
  test('is made by two, ends every session of theirs, and is journalled with who agreed', async () => {
    expect(await stand.operators.acting(two.token)).toBeDefined();
    expect(await change(two.id, { roles: ['approver', 'rp_admin'] })).toMatchObject(applied);
    expect(await stand.operators.find(two.id)).toMatchObject({ roles: ['approver', 'rp_admin'], state: 'active' });
    expect(await stand.operators.acting(two.token)).toBeUndefined();
    expect(await stand.operators.acting(one.token)).toBeDefined();
    const [event] = await stand.journal.query({ types: ['operator.changed'] });
    expect(event).toMatchObject({ actor: { kind: 'operator', id: one.id }, detail: { operator: two.id } });
  });

  test('is not approved by who proposed it', async () => {
    const value = { ...(await valueNow(two.id)), roles: ['approver' as const] };
    const outcome = await agree(stand, value, { proposer: one.acting, approver: one.acting });
    expect(outcome).toMatchObject({ done: false, reason: 'own_proposal' });
  });

  test('is not approved by somebody whose role went meanwhile', async () => {
    await change(two.id, { roles: ['rp_admin'] });
    const outcome = await agree(
      stand,
      { ...(await valueNow(one.id)), name: 'Tên Mới' },
      { proposer: one.acting, approver: two.acting },
    );
    expect(outcome).toMatchObject({ done: false, reason: 'forbidden' });
  });

  test('that was drafted before another one was made is stale', async () => {
    const value = { ...(await valueNow(two.id)), name: 'Tên Cũ' };
    const draft = await stand.approvals.draft({ kind: 'operator', value, reason: 'r', by: one.acting });
    if (!draft.drafted) throw new Error(draft.reason);
    await change(one.id, { name: 'Không Liên Quan' });
    await stand.operators.suspend(two.id, 'command line');
    const step = { revision: draft.request.revision, by: one.acting };
    expect(await stand.approvals.propose(draft.request.id, step)).toMatchObject({ done: false, reason: 'stale' });
  });

  test.each<[string, Partial<OperatorWish>, string]>([
    ['another person', { identityNumber: numberOf(9) }, 'person'],
    ['an office that is none', { office: 'nowhere' }, 'office'],
    ['the address of another', { email: 'first1@sen.example' }, 'email'],
  ])('to %s finds no way', async (_, to, path) => {
    const outcome = await change(two.id, to);
    expect(outcome).toMatchObject({ done: false, reason: 'faulty', findings: [{ level: 'error', path }] });
  });

  test.each<[string, unknown, string]>([
    ['a role that is none', { roles: ['root'] }, 'roles.0'],
    ['a member that is none', { password: 'x' }, 'password'],
    ['no name', { name: '\u0000' }, 'name'],
    ['a hash in place of the number', { person: 'x'.repeat(43) }, 'person'],
    ['a number that is none', { identityNumber: '09709000000' }, 'identityNumber'],
    ['nobody', { id: '00000000-0000-4000-8000-0000000000aa' }, 'identityNumber'],
  ])('with %s is not even drafted', async (_, wrong, path) => {
    const value = { ...(await valueNow(two.id)), ...(wrong as object) };
    const draft = await stand.approvals.draft({ kind: 'operator', value, reason: 'r', by: one.acting });
    expect(draft).toMatchObject({ drafted: false, reason: 'faulty', faults: [{ path }] });
  });
});

describe('an invitation of two', () => {
  const NEW = '00000000-0000-4000-8000-0000000000ab';
  const wish: OperatorWish = {
    ...{ id: NEW, identityNumber: numberOf(4), name: 'Phan Văn Tư', email: 'fourth@sen.example' },
    ...{ office: '01', roles: ['approver'], state: 'invited' },
  };
  const proposed = async (to: OperatorWish = wish) => {
    const draft = await stand.approvals.draft({ kind: 'operator', value: to, reason: 'r', by: two.acting });
    if (!draft.drafted) throw new Error(draft.reason);
    const { id, revision } = draft.request;
    const step = await stand.approvals.propose(id, { revision, by: two.acting });
    if (!step.done) throw new Error(step.reason);
    return step.request;
  };
  const approve = ({ id, revision }: { id: string; revision: number }, identityNumber?: string) =>
    stand.approvals.approve(id, { revision, by: one.acting, ...(identityNumber ? { identityNumber } : {}) });

  test('names the human twice: whoever agrees types the number, or nobody comes in', async () => {
    const request = await proposed();
    for (const number of [undefined, numberOf(5), 'x'])
      expect(await approve(request, number)).toEqual({ done: false, reason: 'wrong_person' });
    expect(await stand.operators.find(NEW)).toBeUndefined();
    expect((await stand.approvals.find(request.id))?.state).toBe('proposed');
    expect(await approve(request, `${numberOf(4).slice(0, 3)} ${numberOf(4).slice(3)}`)).toMatchObject(applied);
    expect((await stand.operators.find(NEW))?.person).toBe(stand.operators.personOf(numberOf(4)));
  });

  test('is nothing to guess at: five wrong numbers, one by one or at once, and that account approves nothing for a day', async () => {
    const request = await proposed();
    const wrong = (n: number) => approve(request, numberOf(100 + n));
    const refusals = await Promise.all(Array.from({ length: 12 }, (_, n) => wrong(n)));
    const reasons = refusals.map((step) => (step.done ? 'done' : step.reason));
    expect(reasons.filter((reason) => reason === 'wrong_person')).toHaveLength(5);
    expect(reasons.filter((reason) => reason === 'waits')).toHaveLength(7);
    // The right one opens nothing now, and neither does anything else that this account would agree to.
    expect(await approve(request, numberOf(4))).toEqual({ done: false, reason: 'waits', retryAfter: 86_400 });
    const other = await proposed({ ...(await valueNow(one.id)), name: 'Trần Thị Khác' });
    expect(await approve(other)).toMatchObject({ done: false, reason: 'waits' });
    expect(await stand.operators.find(NEW)).toBeUndefined();
    const told = await stand.journal.query({ types: ['operator.refused'] });
    expect(told).toHaveLength(5);
    expect(told.map(({ detail }) => detail?.tries).reverse()).toEqual([1, 2, 3, 4, 5]);
    expect(told[0]).toMatchObject({
      actor: { kind: 'operator', id: one.id },
      detail: { why: 'approval', operator: one.id, change: request.id, subject: NEW, way: 'console' },
    });
    const everything = await stand.database.row<{ all: string }>(
      sql`SELECT string_agg(t, '') AS all FROM (SELECT j::text AS t FROM journal_incoming j
        UNION ALL SELECT w::text FROM approval_wrong_numbers w) AS rows`,
    );
    for (const human of [4, 100, 105]) expect(everything?.all).not.toContain(numberOf(human));
    stand.clock.advance(86_399);
    expect(await approve(request, numberOf(4))).toEqual({ done: false, reason: 'waits', retryAfter: 1 });
    stand.clock.advance(1);
    expect(await wrong(50)).toMatchObject({ reason: 'wrong_person' });
    expect(await approve(request, numberOf(4))).toMatchObject(applied);
  });

  test('is not guessed by who says nothing, who may not, or who refuses', async () => {
    const request = await proposed();
    for (let n = 0; n < 6; n += 1) {
      expect(await approve(request)).toMatchObject({ reason: 'wrong_person' });
      expect(await approve(request, '  ')).toMatchObject({ reason: 'wrong_person' });
      const own = { revision: request.revision, by: two.acting, identityNumber: numberOf(7) };
      expect(await stand.approvals.approve(request.id, own)).toMatchObject({ reason: 'own_proposal' });
    }
    const told = await stand.journal.query({ types: ['operator.refused'] });
    expect(told.map(({ detail }) => [detail?.why, detail?.tries])).toEqual(Array(6).fill(['own_proposal', undefined]));
    for (let n = 0; n < 5; n += 1) await approve(request, numberOf(100 + n));
    const no = await stand.approvals.refuse(request.id, { revision: request.revision, by: one.acting });
    expect(no).toMatchObject({ done: true });
  });

  test('anew, after a lost passkey, names the human again', async () => {
    const request = await proposed({ ...(await valueNow(two.id)), state: 'invited' });
    expect(await approve(request)).toEqual({ done: false, reason: 'wrong_person' });
    expect(await approve(request, numberOf(2))).toMatchObject(applied);
  });

  test('tells nobody the hash, and keeps it when something else of it is amended', async () => {
    const person = stand.operators.personOf(numberOf(4)) ?? '';
    const request = await proposed();
    const { identityNumber: _, ...rest } = wish;
    const amended = await stand.approvals.amend(request.id, {
      ...{ value: { ...rest, name: 'Phan Thị Tư' }, reason: 'r', revision: request.revision, by: two.acting },
    });
    if (!amended.drafted) throw new Error(amended.reason);
    const again = await stand.approvals.propose(request.id, { revision: amended.request.revision, by: two.acting });
    if (!again.done) throw new Error(again.reason);
    const found = await stand.approvals.find(request.id);
    const list = await stand.approvals.list({ kinds: ['operator'] });
    const done = await approve(again.request, numberOf(4));
    expect(done).toMatchObject(applied);
    const told = JSON.stringify([request, amended, again, found, list, done]);
    expect(told).toContain('Phan Thị Tư');
    expect(told).not.toContain(person);
    expect(told).not.toContain('"person"');
    expect(await stand.operators.find(NEW)).toMatchObject({ person, name: 'Phan Thị Tư' });
  });
});

describe('access', () => {
  test('is taken away by one, at once, with every session', async () => {
    expect(await stand.operators.suspend(two.id, one.acting)).toBe('suspended');
    expect(await stand.operators.acting(two.token)).toBeUndefined();
    expect(await signInWith(stand.operators, two.passkey)).toMatchObject({ signedIn: false, reason: 'wrong' });
    expect(await stand.operators.suspend(two.id, one.acting)).toBe('no_access');
    const [event] = await stand.journal.query({ types: ['operator.suspended'] });
    expect(event).toMatchObject({ actor: { kind: 'operator', id: one.id }, detail: { operator: two.id } });
  });

  test('is not taken by somebody of themselves, nor without the role', async () => {
    expect(await stand.operators.suspend(one.id, one.acting)).toBe('self');
    await change(two.id, { roles: ['approver', 'rp_admin'] });
    expect(await stand.operators.suspend(one.id, two.acting)).toBe('forbidden');
    expect(await stand.operators.suspend('nobody', one.acting)).toBe('unknown');
    expect((await stand.operators.find(one.id))?.state).toBe('active');
  });

  test('two who suspend each other at once: one of them still stands', async () => {
    const outcomes = await Promise.all([
      stand.operators.suspend(two.id, one.acting),
      stand.operators.suspend(one.id, two.acting),
    ]);
    expect(outcomes.sort()).toEqual(['forbidden', 'suspended']);
  });

  test('is given back by two', async () => {
    const three = await third();
    await stand.operators.suspend(three.id, one.acting);
    expect(await change(three.id, { state: 'active' })).toMatchObject(applied);
    expect(await present(stand.operators, three.passkey)).toMatchObject({ id: three.id });
  });

  test('is given back to nobody without a passkey, nor to who is retired', async () => {
    const three = await third({ comes: false });
    await stand.operators.suspend(three.id, one.acting);
    expect(await change(three.id, { state: 'active' })).toMatchObject({
      reason: 'faulty',
      findings: [{ path: 'state' }],
    });
    expect(await change(three.id, { state: 'retired' })).toMatchObject(applied);
    expect(await change(three.id, { state: 'invited' })).toMatchObject({
      reason: 'faulty',
      findings: [{ path: 'state' }],
    });
  });

  test('of somebody invited begins with the invitation, never with a change', async () => {
    const three = await third({ comes: false });
    expect(await change(three.id, { state: 'active' })).toMatchObject({
      reason: 'faulty',
      findings: [{ path: 'state' }],
    });
  });

  test('after a lost passkey: the old ones open nothing, and a new invitation is on its way', async () => {
    const three = await third();
    const mails = stand.mails.length;
    expect(await change(three.id, { state: 'invited', identityNumber: numberOf(3) })).toMatchObject(applied);
    expect(stand.mails).toHaveLength(mails + 1);
    expect(await stand.operators.acting(three.token)).toBeUndefined();
    expect(await signInWith(stand.operators, three.passkey)).toMatchObject({ signedIn: false });
    expect(await stand.operators.passkeys(three.id)).toEqual([]);
    const claim = { code: stand.mails.at(-1)?.code ?? '', identityNumber: numberOf(3) };
    const { passkey } = await accept(stand.operators, claim);
    expect(await present(stand.operators, passkey)).toMatchObject({ id: three.id });
  });

  test('of who is retired ends, and their human may come again as somebody new', async () => {
    const three = await third();
    expect(await change(three.id, { state: 'retired' })).toMatchObject(applied);
    expect(await stand.operators.acting(three.token)).toBeUndefined();
    expect(await signInWith(stand.operators, three.passkey)).toMatchObject({ signedIn: false });
    await third({ id: '00000000-0000-4000-8000-0000000000cc' });
  });

  async function third({ comes = true, id = '00000000-0000-4000-8000-0000000000aa' } = {}): Promise<Present> {
    const identityNumber = numberOf(3);
    const value: OperatorWish = {
      ...{ id, identityNumber, name: 'Đỗ Thị Ba', email: 'third@sen.example' },
      ...{ office: '01', roles: ['rp_admin'], state: 'invited' },
    };
    expect(await agree(stand, value, { proposer: two.acting, approver: one.acting })).toMatchObject(applied);
    if (!comes) return { id } as Present;
    const { passkey } = await accept(stand.operators, { code: stand.mails.at(-1)?.code ?? '', identityNumber });
    return present(stand.operators, passkey);
  }
});

test('standing is held: a role that is taken away waits for who asked, and is seen afterwards', async () => {
  const order: string[] = [];
  let taking: Promise<unknown> = Promise.resolve();
  await stand.database.transaction(async (transaction) => {
    const standing = await stand.operators.standing(transaction, [two.id]);
    expect(standing.get(two.id)).toMatchObject({ state: 'active', roles: ['approver', 'sysadmin'] });
    taking = stand.operators.suspend(two.id, one.acting).then(() => order.push('suspended'));
    await transaction.execute(sql`SELECT pg_sleep(0.3)`);
    order.push('asked');
  });
  await taking;
  expect(order).toEqual(['asked', 'suspended']);
  const now = await stand.operators.standing(stand.database, [two.id, 'command line']);
  expect([...now.keys()]).toEqual([two.id]);
  expect(now.get(two.id)).toMatchObject({ state: 'suspended' });
});

describe('offices', () => {
  test('are the nation and its 34 provinces, and communes below', async () => {
    const offices = await stand.operators.offices();
    expect(offices.filter(({ kind }) => kind === 'province')).toHaveLength(34);
    expect(offices[0]).toMatchObject({ id: 'vn', kind: 'nation' });
    const commune = { id: '00004', parentId: '01', name: { vi: 'Phường Ba Đình', en: 'Ba Dinh Ward' } };
    expect(await stand.operators.addOffice(commune, one.acting)).toEqual({ added: true });
    expect((await stand.operators.offices()).at(-1)).toEqual({ ...commune, kind: 'commune' });
    expect(await stand.operators.addOffice(commune, one.acting)).toEqual({ added: false, reason: 'taken' });
  });

  test.each([
    ['below a commune', { id: '2', parentId: '00004' }, 'taken'],
    ['below nothing', { id: '2', parentId: 'nowhere' }, 'taken'],
    ['with an address for a code', { id: 'A/B', parentId: '01' }, 'faulty'],
  ])('do not stand %s', async (_, where, reason) => {
    const name = { vi: 'Xã Thử', en: 'Thu Commune' };
    await stand.operators.addOffice({ id: '00004', parentId: '01', name: { vi: 'A', en: 'A' } }, one.acting);
    expect(await stand.operators.addOffice({ ...where, name }, one.acting)).toEqual({ added: false, reason });
  });

  test('are added by who may propose operators', async () => {
    const auditor = { ...one.acting, roles: ['auditor' as const] };
    const office = { id: '2', parentId: '01', name: { vi: 'A', en: 'A' } };
    expect(await stand.operators.addOffice(office, auditor)).toEqual({ added: false, reason: 'forbidden' });
  });
});

describe('the list', () => {
  test('goes by name, page by page, and finds by a part of name or address', async () => {
    const all = await stand.operators.list();
    expect(all.map(({ id }) => id)).toEqual([two.id, one.id]);
    const [first] = await stand.operators.list({ limit: 1 });
    expect((await stand.operators.list({ limit: 1, after: first?.id ?? '' })).map(({ id }) => id)).toEqual([one.id]);
    expect((await stand.operators.list({ named: 'thi ĐẦU' })).map(({ id }) => id)).toEqual([one.id]);
    expect((await stand.operators.list({ named: 'van nhi' })).map(({ id }) => id)).toEqual([two.id]);
    expect((await stand.operators.list({ named: '%' })).length).toBe(0);
    expect((await stand.operators.list({ office: '01', state: 'active' })).map(({ id }) => id)).toEqual([two.id]);
  });
});
