import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../../src/domain/operators/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { seated } from '../../support/console.ts';
import { anOfficer } from '../../support/counter.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { aLockRequest } from '../../support/lock-request.ts';
import { aCitizen, type Citizen } from '../../support/newcomers.ts';
import { anApplicant } from '../../support/people.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ jobs: false });
});
afterAll(() => server.end());

const stateOf = async ({ id }: Citizen) => (await server.app.parts.subscribers.find(id))?.state;
const openOf = async ({ id }: Citizen) =>
  (await server.app.parts.subscribers.locks(id)).filter(({ liftedAt }) => !liftedAt);

/** Takes a request in as an officer with these roles; answers their browser at its page. */
async function takenIn(
  citizen: Citizen,
  what: 'lock' | 'unlock',
  { roles = ['intake'], lock }: { readonly roles?: readonly Role[]; readonly lock?: string } = {},
) {
  const { browser, operator } = await seated(server, roles);
  const search = await browser.open(`${server.issuer}/operator/people`);
  const person = await search.submit({ identifier: citizen.identifier, reason: 'lock_request' });
  const form = await browser.open(`${person.url.split('?')[0]}/lock-request`);
  const empty = await form.submit({}, { form: 'lock-request' });
  expect(empty.status).toBe(422);
  expect(empty.words).toContain('Hãy ghi số văn bản');
  const page = await empty.submit(
    {
      what,
      ...(lock ? { lock } : {}),
      authority: 'Cơ quan điều tra',
      document: '17/YC-CQĐT',
      statement: 'Theo quyết định số 4.',
    },
    { form: 'lock-request' },
  );
  return { browser, operator, page };
}
const decide = async (url: string, roles: readonly Role[], decision: 'approved' | 'refused') => {
  const other = await seated(server, roles);
  const page = await other.browser.open(url.split('?')[0]!);
  return {
    ...other,
    page: await page.submit({ decision, reason: 'Văn bản hợp lệ, đúng thẩm quyền.' }, { form: 'decide' }),
  };
};

/** So many open ones, each about somebody else. */
async function opened(count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let one = 0; one < count; one += 1) {
    const identityNumber = `097198${String(one).padStart(6, '0')}`;
    const applicant = anApplicant({ identityNumber, phone: `+8493${1_000_000 + one}` });
    const made = await server.app.parts.subscribers.register(applicant, { by: { kind: 'system' } });
    if (!made.registered) throw new Error(made.reason);
    ids.push(await aLockRequest(server, { subscriberId: made.id }));
  }
  return ids;
}

describe('what an authority asks', () => {
  test('is taken in by one officer and decided by another; then the account is locked, and its holder is told', async () => {
    const citizen = await aCitizen(server);
    const { page, operator } = await takenIn(citizen, 'lock');
    expect(page.words).toContain('Đã ghi nhận yêu cầu');
    expect(await stateOf(citizen)).toBe('active');
    const forwarded = await page.submit({}, { form: 'forward' });
    expect(forwarded.words).toContain('Chờ cán bộ khác quyết định');
    expect(forwarded.has('decision')).toBe(false);
    const decided = await decide(page.url, ['lock_authority'], 'approved');
    expect(decided.page.words).toContain('Đã đồng ý và thực hiện');
    expect(await openOf(citizen)).toMatchObject([
      { ground: 'authority_request', authorityRef: '17/YC-CQĐT', openedBy: `operator:${decided.operator.operatorId}` },
    ]);
    const { journal } = server.app.parts;
    const types = ['lock_request.received', 'lock_request.forwarded', 'lock_request.decided', 'notice.queued'] as const;
    const events = await journal.query({ subscriberId: citizen.id, types: [...types] });
    expect(events.map(({ type }) => type).sort()).toEqual([...types].sort());
    expect(events.find(({ type }) => type === 'lock_request.decided')).toMatchObject({
      actor: { id: decided.operator.operatorId },
      detail: { decision: 'approved', received: operator.operatorId },
    });
    // Nothing of what the authority wrote stands where it cannot be sealed.
    expect(JSON.stringify(events)).not.toContain('CQĐT');
  });

  test('is lifted by another request alone: at the counter nobody can, and a refusal leaves it with its reasons', async () => {
    const citizen = await aCitizen(server);
    const by = { kind: 'operator', id: newId() } as const;
    await server.app.parts.subscribers.lock(citizen.id, 'authority_request', by, '3/YC');
    await server.app.parts.subscribers.lock(citizen.id, 'holder_request', { kind: 'claimant' });
    const refusing = await takenIn(citizen, 'unlock');
    await refusing.page.submit({}, { form: 'forward' });
    const no = await decide(refusing.page.url, ['lock_authority'], 'refused');
    expect(no.page.words).toContain('Văn bản hợp lệ, đúng thẩm quyền.');
    expect(await openOf(citizen)).toHaveLength(2);
    const lifting = await takenIn(citizen, 'unlock');
    await lifting.page.submit({}, { form: 'forward' });
    await decide(lifting.page.url, ['lock_authority'], 'approved');
    expect(await openOf(citizen)).toMatchObject([{ ground: 'holder_request' }]);
    expect(await stateOf(citizen)).toBe('locked');
    const nothing = await takenIn(citizen, 'unlock');
    expect(nothing.page.words).toContain('Tài khoản không có khóa nào do cơ quan yêu cầu');
  });

  test('lifts the lock that it names, and none that another authority had asked for; who decides sees whose it is', async () => {
    const citizen = await aCitizen(server);
    const { lockRequests } = server.app.parts;
    const words = { statement: 'Theo quyết định.', subscriberId: citizen.id };
    const ofProsecutor = { ...words, authority: 'Viện kiểm sát', document: '1/VKS' };
    const ofCourt = { ...words, authority: 'Tòa án', document: '9/TA' };
    for (const asked of [ofProsecutor, ofCourt]) {
      const id = await aLockRequest(server, asked);
      await lockRequests.forward(id, { kind: 'operator', id: newId() });
      expect(
        (await decide(`${server.issuer}/operator/lock-requests/${id}`, ['lock_authority'], 'approved')).page.status,
      ).toBe(200);
    }
    const locks = await lockRequests.askedLocks(citizen.id);
    expect(locks.map(({ document, authority }) => [document, authority]).sort()).toEqual([
      ['1/VKS', 'Viện kiểm sát'],
      ['9/TA', 'Tòa án'],
    ]);
    const court = locks.find(({ document }) => document === '9/TA')!;

    // Of two none is chosen, and without one nothing is taken in.
    const first = await takenIn(citizen, 'unlock');
    expect([first.page.status, first.page.words]).toEqual([422, expect.stringContaining('Hãy chọn khóa')]);
    const { page } = await takenIn(citizen, 'unlock', { lock: court.id });
    const forwarded = await page.submit({}, { form: 'forward' });
    expect(forwarded.words).toMatch(/Khóa được mở\s*9\/TA · Tòa án · .*Vẫn còn 1 khóa khác/);
    expect(forwarded.words).not.toContain('1/VKS');
    await decide(page.url, ['lock_authority'], 'approved');
    expect(await openOf(citizen)).toMatchObject([{ ground: 'authority_request', authorityRef: '1/VKS' }]);
    expect(await stateOf(citizen)).toBe('locked');

    // What is gone is not lifted again, by the part and by the database; nor is a lock that no authority had asked for.
    const again = aLockRequest(server, { ...ofCourt, what: 'unlock', lockId: court.id });
    await expect(again).rejects.toThrow('lock_gone');
    const own = await server.app.parts.subscribers.lock(citizen.id, 'holder_request', { kind: 'claimant' });
    for (const lock of [court.id, own.id])
      await expect(
        server.database.execute(sql`INSERT INTO lock_requests (id, subscriber_id, what, authority, document, statement, lock_id,
            received_by, received_at, forward_by)
          VALUES (${newId()}, ${citizen.id}, 'unlock', '\\x00', '\\x00', '\\x00', ${lock}, ${newId()}, now(), now())`),
      ).rejects.toMatchObject({ code: 'SL003' });
  });

  test('names its lock for good; and one of before, which names none, lifts none and is refused', async () => {
    const citizen = await aCitizen(server);
    const { lockRequests, subscribers } = server.app.parts;
    const by = { kind: 'operator', id: newId() } as const;
    const [one, other] = [
      await subscribers.lock(citizen.id, 'authority_request', by, '1/VKS'),
      await subscribers.lock(citizen.id, 'authority_request', by, '9/TA'),
    ];
    const id = await aLockRequest(server, { subscriberId: citizen.id, what: 'unlock', lockId: one!.id });
    await expect(
      server.database.execute(sql`UPDATE lock_requests SET state = 'forwarded', forwarded_by = ${newId()}, forwarded_at = now(),
        decide_by = now(), lock_id = ${other!.id} WHERE id = ${id}`),
    ).rejects.toMatchObject({ code: 'SL003' });
    await lockRequests.forward(id, by);
    await server.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(sql`UPDATE lock_requests SET lock_id = NULL WHERE id = ${id}`);
    });
    const page = `${server.issuer}/operator/lock-requests/${id}`;
    const no = await decide(page, ['lock_authority'], 'approved');
    expect([no.page.status, no.page.words]).toEqual([409, expect.stringContaining('không nêu rõ cần mở khóa nào')]);
    expect(await openOf(citizen)).toHaveLength(2);
    // Not where there is one alone either: it may be another authority's.
    await subscribers.unlock(citizen.id, other!.id, by);
    expect((await decide(page, ['lock_authority'], 'approved')).page.status).toBe(409);
    const officer = await seated(server, ['lock_authority']);
    await expect(
      server.database.execute(sql`UPDATE lock_requests SET state = 'approved', decided_by = ${officer.operator.operatorId},
        decided_at = now(), decision = '\\x00' WHERE id = ${id}`),
    ).rejects.toMatchObject({ code: 'SL003', message: expect.stringContaining('names no lock') });
    const shown = await officer.browser.open(page);
    expect(shown.words).toContain('Hãy từ chối với lý do này');
    expect(shown.words).not.toContain('Đồng ý, thực hiện ngay');
    expect((await decide(page, ['lock_authority'], 'refused')).page.words).toContain('Đã từ chối');
    expect(await openOf(citizen)).toMatchObject([{ id: one!.id }]);
  });

  test('is not for the officer whose account it is: neither taken in nor forwarded nor decided, and no lock of theirs is lifted', async () => {
    const citizen = await aCitizen(server);
    const own = await anOfficer(server, ['intake', 'lock_authority'], { number: citizen.identifier });
    const by = { kind: 'operator', id: own.operator.operatorId } as const;
    const { lockRequests } = server.app.parts;
    const asked = { subscriberId: citizen.id, what: 'lock', authority: 'a', document: 'b', statement: 'c' } as const;
    expect(await lockRequests.receive({ ...asked, by })).toEqual({ received: false, reason: 'own' });
    const { page } = await takenIn(citizen, 'lock');
    const id = new URL(page.url).pathname.split('/').at(-1)!;
    expect(await lockRequests.forward(id, by)).toEqual({ done: false, reason: 'own' });
    await page.submit({}, { form: 'forward' });
    for (const decision of ['approved', 'refused'] as const)
      expect(await lockRequests.decide(id, { decision, reason: 'Của tôi.', by })).toEqual({
        done: false,
        reason: 'own',
      });
    await decide(page.url, ['lock_authority'], 'refused');
    await server.app.parts.subscribers.lock(citizen.id, 'terms_violation', { kind: 'operator', id: newId() });
    const search = await own.browser.open(`${server.issuer}/operator/people`);
    const person = await search.submit({ identifier: citizen.identifier, reason: 'lock_request' });
    const { action, values } = person.forms.find((one) => one.action.endsWith('/unlock'))!;
    const answer = await own.browser.open(new URL(action, person.url).href, {
      ...{ method: 'POST', body: String(new URLSearchParams({ ...Object.fromEntries(values), reason: 'mistake' })) },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.words).toContain('Tài khoản này là của chính bạn');
    expect(await stateOf(citizen)).toBe('locked');
  });

  test('is refused to a lone officer: with every role, by the page, by the part and by the database', async () => {
    const citizen = await aCitizen(server);
    const { page, operator, browser } = await takenIn(citizen, 'lock', {
      roles: ['intake', 'lock_authority', 'approver'],
    });
    const forwarded = await page.submit({}, { form: 'forward' });
    expect(forwarded.words).toContain('Chờ cán bộ khác quyết định');
    const id = new URL(page.url).pathname.split('/').at(-1)!;
    const { lockRequests } = server.app.parts;
    const alone = { kind: 'operator', id: operator.operatorId } as const;
    const made = { decision: 'approved', reason: 'Tôi tự quyết định.', by: alone } as const;
    expect(await lockRequests.decide(id, made)).toEqual({ done: false, reason: 'own' });
    for (const who of [operator.operatorId, newId()])
      await expect(
        server.database.execute(sql`UPDATE lock_requests SET state = 'approved', decided_by = ${who}, decided_at = now(),
          decision = '\\x00' WHERE id = ${id}`),
      ).rejects.toMatchObject({ code: expect.stringMatching(/^(23514|SL003)$/) });
    expect(await lockRequests.decide(id, { ...made, by: { kind: 'operator', id: newId() } })).toEqual({
      ...{ done: false, reason: 'own' },
    });
    expect(await stateOf(citizen)).toBe('active');
    expect((await browser.open(page.url)).words).not.toContain('Đã đồng ý và thực hiện');
  });

  test('goes step by step, once: not decided before it is forwarded, not twice, one of a kind at a time', async () => {
    const citizen = await aCitizen(server);
    const { lockRequests } = server.app.parts;
    const [first, second] = [await seated(server, ['intake']), await seated(server, ['lock_authority'])];
    const by = (one: typeof first) => ({ kind: 'operator', id: one.operator.operatorId }) as const;
    const id = await aLockRequest(server, { subscriberId: citizen.id, by: first.operator.operatorId });
    await expect(aLockRequest(server, { subscriberId: citizen.id })).rejects.toThrow('under_way');
    const made = { decision: 'approved', reason: 'Đúng thẩm quyền.', by: by(second) } as const;
    expect(await lockRequests.decide(id, made)).toEqual({ done: false, reason: 'not_open' });
    expect(await lockRequests.forward(id, by(first))).toEqual({ done: true });
    expect(await lockRequests.forward(id, by(first))).toEqual({ done: false, reason: 'not_open' });
    const both = await Promise.all([lockRequests.decide(id, made), lockRequests.decide(id, made)]);
    expect(both.filter(({ done }) => done)).toHaveLength(1);
    expect(await openOf(citizen)).toHaveLength(1);
    await expect(server.database.execute(sql`DELETE FROM lock_requests WHERE id = ${id}`)).rejects.toMatchObject({
      code: 'SL003',
    });
  });
});

test('both terms are working days in Viet Nam, and a missed one is marked', async () => {
  const { decideUntil, forwardUntil, overdueOf } = await import('../../../src/domain/lock-requests/lock-request.ts');
  // A Friday; Monday is the first working day after it.
  const clock = fixedClock('2026-11-27T03:00:00Z');
  const now = clock.now();
  expect(forwardUntil(now).toISOString()).toBe('2026-11-30T16:59:59.999Z');
  expect(decideUntil(now).toISOString()).toBe('2026-12-01T16:59:59.999Z');
  const citizen = await aCitizen(server);
  const id = await aLockRequest(server, { subscriberId: citizen.id });
  const request = (await server.app.parts.lockRequests.find(id))!;
  expect(overdueOf(request, request.forwardBy)).toBeUndefined();
  expect(overdueOf(request, new Date(request.forwardBy.getTime() + 1))).toBe('forwarding');
});

test('and nothing is broken afterwards', () => checkInvariants(server.database, server.app));

test('of more than a page of open ones each is reached, by its term, and so is each of all', async () => {
  const { lockRequests } = server.app.parts;
  const inserted = await opened(55);
  const { browser } = await seated(server, ['intake']);
  const shown = await browser.open(`${server.issuer}/operator/lock-requests`);
  expect(shown.text).toContain('rel="next"');
  for (const open of [true, false]) {
    const seen: string[] = [];
    for (let from: string | undefined, pages = 0; pages < 9; pages += 1) {
      const page = await lockRequests.list({ open, from, limit: 20 });
      seen.push(...page.requests.map(({ id }) => id));
      from = page.next;
      if (from === undefined) break;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining([...inserted]));
  }
  const first = await lockRequests.list({ open: true, limit: 20 });
  const second = await lockRequests.list({ open: true, limit: 20, from: first.next });
  const terms = [...first.requests, ...second.requests].map((one) =>
    (one.forwarded?.decideBy ?? one.forwardBy).getTime(),
  );
  expect(terms).toEqual([...terms].sort((a, b) => a - b));
  expect(await lockRequests.list({ open: true, limit: 20, from: 'anything' })).toEqual(first);
});
