import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OperatorWish } from '../../../src/domain/operators/index.ts';
import { tokenHash } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import {
  accept,
  agree,
  newPasskey,
  numberOf,
  type OperatorsStand,
  operatorsStand,
  type Present,
  present,
  theFirst,
  theSecond,
} from '../../support/operators.ts';
import type { CreationOptions } from '../../support/software-passkey.ts';

let stand: OperatorsStand;
let one: Present;
let two: Present;
beforeEach(async () => {
  stand = await operatorsStand();
  one = await theFirst(stand);
  two = await theSecond(stand, one);
});
afterEach(() => stand.end());

const HOUR = 3_600;
const NEW = '00000000-0000-4000-8000-0000000000aa';
const closed = { opened: false, reason: 'closed' };

/** A third, invited by two; the code that was mailed. */
async function invited(human = 3): Promise<{ code: string; identityNumber: string }> {
  const identityNumber = numberOf(human);
  const outcome = await agree(
    stand,
    {
      ...{ id: NEW, identityNumber, name: 'Đỗ Thị Ba', email: 'third@sen.example' },
      ...{ office: '01', roles: ['rp_admin'], state: 'invited' },
    },
    { proposer: one.acting, approver: two.acting },
  );
  expect(outcome).toMatchObject({ done: true, request: { state: 'applied' } });
  return { code: stand.mails.at(-1)?.code ?? '', identityNumber };
}
const open = (claim: { code: string; identityNumber: string }, sessionKey = 'a browser') =>
  stand.operators.openInvitation({ ...claim, sessionKey });

describe('an invitation', () => {
  test('goes to the address that two people agreed on, lasts 72 hours, and makes its holder active', async () => {
    const claim = await invited();
    expect(stand.mails).toEqual([{ email: 'third@sen.example', name: 'Đỗ Thị Ba', code: claim.code }]);
    stand.clock.advance(72 * HOUR - 1);
    const { operatorId, passkey } = await accept(stand.operators, claim);
    expect(operatorId).toBe(NEW);
    expect((await stand.operators.find(NEW))?.state).toBe('active');
    expect((await present(stand.operators, passkey)).acting).toMatchObject({ operatorId: NEW, roles: ['rp_admin'] });
    const [event] = await stand.journal.query({ types: ['operator.activated'] });
    expect(event).toMatchObject({ actor: { kind: 'operator', id: NEW } });
  });

  test('is used once', async () => {
    const claim = await invited();
    await accept(stand.operators, claim);
    expect(await open(claim)).toEqual(closed);
  });

  test('that two browsers hold at once binds one passkey', async () => {
    const claim = await invited();
    const opened = [];
    for (const browser of ['one browser', 'another']) {
      const found = await open(claim, browser);
      if (!found.opened) throw new Error('closed');
      const response = newPasskey().create(found.request as CreationOptions);
      opened.push({ code: claim.code, sessionKey: browser, challengeId: found.challengeId, response, address: '::1' });
    }
    const outcomes = await Promise.all(opened.map((answer) => stand.operators.acceptInvitation(answer)));
    expect(outcomes.filter(({ accepted }) => accepted)).toHaveLength(1);
    expect(await stand.operators.passkeys(NEW)).toHaveLength(1);
  });

  test('over, used, replaced, unknown and opened with a wrong number look alike', async () => {
    const claim = await invited();
    expect(await open({ ...claim, code: 'x'.repeat(43) })).toEqual(closed);
    expect(await open({ ...claim, identityNumber: numberOf(4) })).toEqual(closed);
    expect(await open({ ...claim, identityNumber: 'not a number' })).toEqual(closed);
    const again = (await present(stand.operators, one.passkey)).acting;
    expect(await stand.operators.sendInvitation(NEW, again)).toBe('sent');
    expect(await open(claim)).toEqual(closed);
    const fresh = { ...claim, code: stand.mails.at(-1)?.code ?? '' };
    stand.clock.advance(72 * HOUR);
    expect(await open(fresh)).toEqual(closed);
  });

  test('is dead after five wrong numbers, and every wrong one is in the journal', async () => {
    const claim = await invited();
    for (let wrong = 0; wrong < 5; wrong += 1)
      expect(await open({ ...claim, identityNumber: numberOf(50 + wrong) })).toEqual(closed);
    expect(await open(claim)).toEqual(closed);
    const events = await stand.journal.query({ types: ['operator.refused'] });
    expect(events.map(({ detail }) => detail)).toEqual(
      [5, 4, 3, 2, 1].map((tries) => ({ operator: NEW, why: 'invitation', tries })),
    );
  });

  test('takes no more than five guesses that are sent at once', async () => {
    const claim = await invited();
    const numbers = [51, 52, 53, 54, 55, 56, 57, 58, 59];
    await Promise.all(numbers.map((human) => open({ ...claim, identityNumber: numberOf(human) })));
    expect(await stand.journal.query({ types: ['operator.refused'] })).toHaveLength(5);
    expect(await open(claim)).toEqual(closed);
  });

  test('four wrong numbers and the right one open it, as often as its holder looks', async () => {
    const claim = await invited();
    for (let wrong = 0; wrong < 4; wrong += 1) await open({ ...claim, identityNumber: numberOf(50 + wrong) });
    for (let look = 0; look < 3; look += 1)
      expect(await open(claim)).toMatchObject({ opened: true, name: 'Đỗ Thị Ba' });
    await accept(stand.operators, claim);
  });

  test('opened in one browser is not accepted in another, nor with another code', async () => {
    const claim = await invited();
    const opened = await open(claim, 'one browser');
    if (!opened.opened) throw new Error('closed');
    const response = newPasskey().create(opened.request as CreationOptions);
    const answer = { code: claim.code, challengeId: opened.challengeId, response, address: '::1' };
    expect(await stand.operators.acceptInvitation({ ...answer, sessionKey: 'another' })).toMatchObject({
      accepted: false,
      reason: 'closed',
    });
    const other = { ...answer, code: 'y'.repeat(43), sessionKey: 'one browser' };
    expect(await stand.operators.acceptInvitation(other)).toMatchObject({ accepted: false, reason: 'closed' });
    expect((await stand.operators.find(NEW))?.state).toBe('invited');
  });

  test('takes a passkey that verifies its user, and no other', async () => {
    const claim = await invited();
    await expect(accept(stand.operators, claim, newPasskey({ userVerified: false }))).rejects.toThrow('wrong');
    await expect(accept(stand.operators, claim, newPasskey({ origin: 'https://evil.example' }))).rejects.toThrow(
      'wrong',
    );
    expect(await stand.operators.passkeys(NEW)).toEqual([]);
    await accept(stand.operators, claim);
  });

  test('is worth nothing when its holder was suspended meanwhile, even with the page open', async () => {
    const claim = await invited();
    const opened = await open(claim);
    if (!opened.opened) throw new Error('closed');
    const by = (await present(stand.operators, one.passkey)).acting;
    expect(await stand.operators.suspend(NEW, by)).toBe('suspended');
    const response = newPasskey().create(opened.request as CreationOptions);
    const answer = { code: claim.code, sessionKey: 'a browser', challengeId: opened.challengeId, response };
    expect(await stand.operators.acceptInvitation({ ...answer, address: '::1' })).toMatchObject({ reason: 'closed' });
    expect((await stand.operators.find(NEW))?.state).toBe('suspended');
  });

  test('sent anew reaches only the agreed address, and only who is invited', async () => {
    await invited();
    expect(await stand.operators.sendInvitation(two.id, one.acting)).toBe('not_invited');
    const auditor = { ...one.acting, operatorId: NEW };
    expect(await stand.operators.sendInvitation(NEW, auditor)).toBe('forbidden');
    expect(await stand.operators.sendInvitation('nobody', one.acting)).toBe('unknown');
  });
});

test('what opens again and again in a sandbox opens nothing elsewhere', async () => {
  const claim = await invited();
  await stand.database.execute(sql`UPDATE operator_invitations SET reusable = true WHERE operator_id = ${NEW}`);
  expect(await open(claim)).toEqual(closed);
});

test('nobody who writes to the table and has not the master secret comes in by an invitation of theirs', async () => {
  const claim = await invited();
  const write = (code: string) =>
    stand.database.execute(
      sql`UPDATE operator_invitations SET code_hash = ${tokenHash(code)} WHERE operator_id = ${NEW}`,
    );
  await write('a code that I know');
  expect(await open({ ...claim, code: 'a code that I know' })).toEqual(closed);
  await write(claim.code);
  expect(await open(claim)).toMatchObject({ opened: true });
});

test('one human is refused a second account, whoever agrees to it', async () => {
  const value: OperatorWish = {
    ...{ id: NEW, identityNumber: numberOf(1), name: 'Một Tên Khác', email: 'alias@sen.example' },
    ...{ office: '01', roles: ['approver'], state: 'invited' },
  };
  const outcome = await agree(stand, value, { proposer: one.acting, approver: two.acting });
  expect(outcome).toMatchObject({ done: false, reason: 'faulty', findings: [{ path: 'person', level: 'error' }] });
});

test('of two changes that bring the same human at once, one is made', async () => {
  const person = stand.operators.personOf(numberOf(7));
  const drafted = [];
  for (const n of [1, 2]) {
    const id = `00000000-0000-4000-8000-0000000000b${n}`;
    const value = {
      id,
      identityNumber: numberOf(7),
      name: 'Hai Tài Khoản',
      email: `twice${n}@sen.example`,
      office: '01',
      roles: [],
      state: 'invited',
    };
    const draft = await stand.approvals.draft({ kind: 'operator', value, reason: 'r', by: one.acting });
    if (!draft.drafted) throw new Error(draft.reason);
    const proposed = await stand.approvals.propose(draft.request.id, {
      revision: draft.request.revision,
      by: one.acting,
    });
    if (!proposed.done) throw new Error(proposed.reason);
    drafted.push(proposed.request);
  }
  const outcomes = await Promise.all(
    drafted.map(({ id, revision }) =>
      stand.approvals.approve(id, { revision, by: two.acting, identityNumber: numberOf(7) }),
    ),
  );
  expect(outcomes.filter(({ done }) => done)).toHaveLength(1);
  expect((await stand.operators.list()).filter((operator) => operator.person === person)).toHaveLength(1);
});
