import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { groundsFor, permissionFor } from '../../../src/domain/locks/index.ts';
import { ROLES, type Role } from '../../../src/domain/operators/index.ts';
import { LOCK_GROUNDS, type LockGround } from '../../../src/domain/subscribers/index.ts';
import { seated } from '../../support/console.ts';
import { sendForm } from '../../support/forgery.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { aCitizen, type Citizen } from '../../support/newcomers.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ jobs: false });
});
afterAll(() => server.end());

const GROUNDS = Object.keys(LOCK_GROUNDS) as LockGround[];
const stateOf = async ({ id }: Citizen) => (await server.app.parts.subscribers.find(id))?.state;
const openOf = async ({ id }: Citizen) =>
  (await server.app.parts.subscribers.locks(id)).filter(({ liftedAt }) => !liftedAt);

/** The page of a person, found with a reason, by somebody with these roles. */
async function at(citizen: Citizen, roles: readonly Role[]) {
  const { browser, operator } = await seated(server, roles);
  const search = await browser.open(`${server.issuer}/operator/people`);
  const page = await search.submit({ identifier: citizen.identifier, reason: 'lock_request' });
  expect(page.url).toContain('/operator/people/');
  return { browser, operator, page };
}

test('each role locks and lifts on the grounds of its own, and nobody alone what an authority asked or a death', () => {
  expect(groundsFor(['intake'])).toEqual(['holder_request']);
  expect(groundsFor(['security'])).toEqual(['security_suspected']);
  for (const role of ['auditor', 'rp_admin', 'approver', 'sysadmin', 'data_protection'] as const)
    expect([role, groundsFor([role])]).toEqual([role, []]);
  const nobodys = ['death', 'number_cancelled', 'authority_request'];
  expect(GROUNDS.filter((ground) => permissionFor(ground) === undefined)).toEqual(nobodys);
  expect([...groundsFor([...ROLES])].sort()).toEqual(GROUNDS.filter((ground) => !nobodys.includes(ground)).sort());
});

describe('at the counter', () => {
  test('the holder’s lock is lifted with a reason, by intake, and journalled with who and why', async () => {
    const citizen = await aCitizen(server);
    await server.app.parts.subscribers.lock(citizen.id, 'holder_request', { kind: 'claimant' });
    const { page, operator } = await at(citizen, ['intake']);
    expect(page.words).toContain('Chủ tài khoản yêu cầu');
    const [lock] = await openOf(citizen);
    const without = await page.submit({}, { form: `lift-${lock?.id}` });
    expect(without.words).toContain('Hãy chọn lý do mở khóa');
    expect(await stateOf(citizen)).toBe('locked');
    const lifted = await page.submit({ reason: 'holder_present' }, { form: `lift-${lock?.id}` });
    expect(lifted.words).toContain('Đã mở khóa');
    expect(await stateOf(citizen)).toBe('active');
    const { journal } = server.app.parts;
    const events = await journal.query({ subscriberId: citizen.id, types: ['subscriber.unlocked'] });
    expect(events).toMatchObject([
      {
        actor: { kind: 'operator', id: operator.operatorId },
        detail: { ground: 'holder_request', reason: 'holder_present' },
      },
    ]);
    const told = await journal.query({ subscriberId: citizen.id, types: ['notice.queued'], limit: 1 });
    expect(told).toMatchObject([{ detail: { notice: 'account_unlocked' } }]);
  });

  test('an account is locked on a ground of the officer’s, at once', async () => {
    const citizen = await aCitizen(server);
    const { page, operator } = await at(citizen, ['lock_authority']);
    const locked = await page.submit({ ground: 'terms_violation' }, { form: 'lock-form' });
    expect(locked.words).toContain('Tài khoản đã khóa');
    expect(await openOf(citizen)).toMatchObject([
      { ground: 'terms_violation', openedBy: `operator:${operator.operatorId}` },
    ]);
    expect((await page.submit({ ground: '' }, { form: 'lock-form' })).words).toContain('Hãy chọn căn cứ khóa');
    expect(await openOf(citizen)).toHaveLength(1);
  });

  test('of two grounds each role sees and lifts its own, and the account opens with the last', async () => {
    const citizen = await aCitizen(server);
    const { subscribers } = server.app.parts;
    const own = await subscribers.lock(citizen.id, 'holder_request', { kind: 'claimant' });
    const security = await subscribers.lock(citizen.id, 'security_suspected', { kind: 'operator', id: 'x' });
    const intake = await at(citizen, ['intake']);
    expect(intake.page.forms.map(({ id }) => id)).toContain(`lift-${own.id}`);
    expect(intake.page.forms.map(({ id }) => id)).not.toContain(`lift-${security.id}`);
    const one = await intake.page.submit({ reason: 'holder_present' }, { form: `lift-${own.id}` });
    expect(one.words).toContain('còn bị khóa vì căn cứ khác');
    const other = await at(citizen, ['security']);
    const last = await other.page.submit({ reason: 'ground_gone' }, { form: `lift-${security.id}` });
    expect(last.words).toContain('Tài khoản dùng lại được');
    expect(await stateOf(citizen)).toBe('active');
  });

  test('a form that is sent for another ground than one’s own is refused: it locks and lifts nothing', async () => {
    const citizen = await aCitizen(server);
    const { subscribers } = server.app.parts;
    const { browser, page } = await at(citizen, ['intake']);
    for (const ground of GROUNDS.filter((one) => one !== 'holder_request' && permissionFor(one)))
      expect((await sendForm(browser, page, 'lock-form', { ground })).status).toBe(403);
    for (const ground of ['death', 'authority_request', 'whim'])
      expect((await sendForm(browser, page, 'lock-form', { ground })).headers.location).toContain('ground-missing');
    expect(await openOf(citizen)).toEqual([]);
    // By a page that was shown while there was something to lift.
    await subscribers.lock(citizen.id, 'holder_request', { kind: 'claimant' });
    const death = await subscribers.lock(citizen.id, 'death', { kind: 'system' });
    const order = await subscribers.lock(citizen.id, 'authority_request', { kind: 'operator', id: 'x' }, 'VKS 12/2026');
    const lifting = (await at(citizen, [...ROLES])).page;
    const officer = await at(citizen, [...ROLES]);
    const form = officer.page.forms.find(({ id }) => id?.startsWith('lift-'));
    for (const lock of [death.id, order.id])
      expect((await sendForm(officer.browser, officer.page, form?.id ?? '', { lock, reason: 'mistake' })).status).toBe(
        403,
      );
    expect(lifting.forms.filter(({ id }) => id?.startsWith('lift-'))).toHaveLength(1);
    expect((await openOf(citizen)).map(({ ground }) => ground).sort()).toEqual([
      'authority_request',
      'death',
      'holder_request',
    ]);
  });
});

test('and nothing is broken afterwards', async () => {
  await checkInvariants(server.database, server.app);
});
