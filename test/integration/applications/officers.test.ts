import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSimulatedTelephoneRegistry } from '../../../src/domain/registry/index.ts';
import { newToken } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { aRegistered, asking, officeOn } from '../../support/applications.ts';
import { freshDatabase } from '../../support/database.ts';

const DAY = 86_400;
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.end());
const office = (...people: ReturnType<typeof aRegistered>[]) => officeOn(fresh.database, people);

describe('what officers of a counter see and do', () => {
  const by = { kind: 'operator', id: '0b0e7b1e-7c1c-4b0e-9f1b-3f1f6f1f1f1e' } as const;
  const lapsedOf = async (it: ReturnType<typeof officeOn>, who: ReturnType<typeof aRegistered>) => {
    const reference = await it.handIn(who);
    await it.work();
    it.clock.advance(7 * DAY + 1);
    while (await it.applications.settleNext());
    expect(await it.row(reference)).toMatchObject({ state: 'APPROVED', activation: 'lapsed' });
    return (await it.applications.soughtOnline(reference))!;
  };
  const asked = { reason: 'was_away', by } as const;

  test('an activation that has lapsed is issued anew, with its reason, and another code goes to the telephone', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const found = await lapsedOf(it, lan);
    const former = await it.longCodeTo(lan.phone);
    expect(await it.applications.reissue(found, asked)).toEqual({ reissued: true });
    expect(await it.applications.reissue(found, asked)).toEqual({ reissued: false, reason: 'not_lapsed' });
    const code = await it.longCodeTo(lan.phone);
    expect(code).not.toBe(former);
    const [event] = await fresh.database.rows<{ actor_id: string; detail: object }>(
      sql`SELECT actor_id, detail FROM journal_incoming WHERE type = 'application.reissued' AND detail->>'application' = ${found.id}`,
    );
    expect(event).toMatchObject({ actor_id: by.id, detail: { reason: 'was_away' } });
    const token = newToken();
    expect(await it.applications.openActivation(token, former, asking())).toBe('closed');
    expect(await it.applications.openActivation(token, code, asking())).toEqual({ asked: true });
    expect(await it.applications.confirmActivation(token, await it.codeTo(lan.phone))).toBe('confirmed');
    expect(await it.applications.issue(token)).toBe('issued');
    expect(await it.subscribers.locate(lan.person.identityNumber)).toMatchObject({ state: 'active', accountLevel: 1 });
  });

  test('it lapses again in its time, and an account that was made and left is another one then', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const { token, reference } = await it.approved(lan);
    expect(await it.applications.issue(token)).toBe('issued');
    it.clock.advance(7 * DAY + 1);
    while (await it.applications.settleNext());
    const found = (await it.applications.soughtOnline(reference))!;
    expect((await it.subscribers.find(found.accountId!))?.state).toBe('closed');
    expect(await it.applications.reissue(found, asked)).toEqual({ reissued: true });
    const again = (await it.applications.soughtOnline(lan.person.identityNumber))!;
    expect(again.accountId).not.toBe(found.accountId);
    it.clock.advance(7 * DAY + 1);
    while (await it.applications.settleNext());
    expect(await it.row(reference)).toMatchObject({ activation: 'lapsed' });
  });

  test('whoever the register knows is told of it with a code, which stops it for as long as one of a new application', async () => {
    const [phone, email] = ['+84912777002', 'kin2@kin.example'];
    const lan = aRegistered({ contacts: { phone, email } });
    const it = office(lan);
    const found = await lapsedOf(it, lan);
    const former = await it.longCodeTo(phone);
    // On the last days of the code that came with the application.
    it.clock.advance(22 * DAY);
    expect(await it.applications.reissue(found, asked)).toEqual({ reissued: true });
    const [first, second, ...more] = await it.messagesTo(phone);
    expect(first).toMatch(/có người vừa đăng ký tài khoản/);
    expect(second).toMatch(/một cơ quan vừa gửi mã mới cho hồ sơ đăng ký/);
    expect(more).toEqual([]);
    const code = await it.longCodeTo(phone);
    expect(code).not.toBe(former);
    expect(await it.longCodeTo(email)).toBe(code);
    it.clock.advance(6 * DAY);
    const token = newToken();
    await it.applications.openActivation(token, await it.longCodeTo(lan.phone), asking());
    await it.applications.confirmActivation(token, await it.codeTo(lan.phone));
    expect(await it.applications.issue(token)).toBe('issued');
    it.clock.advance(23 * DAY);
    expect(await it.applications.stop(code)).toBe('locked');
    it.clock.advance(2 * DAY);
    expect(await it.applications.stop(code)).toBe('unknown');
  });

  test('the code that came with the application stops it too, by itself where nobody is told of the reissue', async () => {
    const lan = aRegistered({ contacts: { phone: '+84912777003' } });
    const it = office(lan);
    const found = await lapsedOf(it, lan);
    const former = await it.longCodeTo('+84912777003');
    it.clock.advance(22 * DAY);
    it.population.amend(lan.person.identityNumber, (one) => ({ ...one, person: { ...one.person, contacts: {} } }));
    expect(await it.applications.reissue(found, asked)).toEqual({ reissued: true });
    expect(await it.messagesTo('+84912777003')).toHaveLength(1);
    it.clock.advance(6 * DAY);
    expect(await it.applications.stop(former)).toBe('stopped');
    expect(await it.row(found.reference)).toMatchObject({ activation: 'lapsed' });
  });

  test.each([
    ['that its holder has stopped', 'stopped'],
    ['of somebody who has died since', 'register_differs'],
    ['of somebody whose telephone is another one’s by now', 'phone_not_own'],
    ['of somebody who has an account by now', 'has_account'],
    ['beside another one of the number', 'already_open'],
    ['of which nobody knows any more whose it was', 'forgotten'],
  ] as const)('but not one %s', async (_, reason) => {
    const known = { phone: '+84912777001', email: 'kin@kin.example' };
    const lan = aRegistered({ contacts: known });
    const it = office(lan);
    const { person } = lan;
    let found: Awaited<ReturnType<typeof lapsedOf>>;
    if (reason === 'stopped') {
      const { reference } = await it.approved(lan);
      expect(await it.applications.stop(await it.longCodeTo(known.email))).toBe('stopped');
      found = (await it.applications.soughtOnline(reference))!;
    } else found = await lapsedOf(it, lan);
    if (reason === 'register_differs')
      it.population.amend(person.identityNumber, (one) => ({ ...one, standing: 'deceased' }));
    const held = { [lan.phone]: '098190999999' };
    const other =
      reason === 'phone_not_own'
        ? createSimulatedTelephoneRegistry({ clock: it.clock, holders: held, timeout: 20 })
        : undefined;
    const asks = officeOn(fresh.database, [lan], { clock: it.clock, ...(other ? { telephone: other } : {}) });
    if (reason === 'has_account') {
      const { contacts: __, documentExpiresOn: ___, ...newcomer } = person;
      await it.subscribers.register({ ...newcomer, locale: 'vi', test: true }, { by: { kind: 'system' } });
    }
    if (reason === 'already_open') {
      await it.handIn(lan);
      await it.work();
    }
    if (reason === 'forgotten') {
      it.clock.advance(40 * DAY);
      await it.applications.sweep();
      found = (await it.applications.findOnline(found.id))!;
    }
    const who = reason === 'register_differs' ? it : asks;
    expect(await who.applications.reissue(found, asked)).toEqual({ reissued: false, reason });
  });

  test('what is late is listed a page at a time by its term, and nobody is named', async () => {
    const lan = aRegistered();
    const it = office(lan);
    it.telephone.behave('unreachable');
    const reference = await it.handIn(lan);
    await it.work();
    expect(await it.applications.waitingCounts()).toEqual({ overdue: 0, open: 1, lapsed: 0 });
    it.clock.advance(4 * DAY);
    await fresh.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(sql`INSERT INTO enrolment_applications SELECT (jsonb_populate_record(a,
        jsonb_build_object('id', gen_random_uuid(), 'reference', 'R0000-' || lpad(n::text, 5, '0'), 'state', 'SUBMITTED',
          'due_at', a.due_at + n * interval '1 second', 'stop_hash', NULL))).*
        FROM enrolment_applications a, generate_series(1, 60) n WHERE a.reference = ${reference}`);
    });
    const first = await it.applications.waiting('overdue');
    expect(first.rows).toHaveLength(50);
    expect(first.rows[0]).toMatchObject({ reference, state: 'CHECKING', waitingFor: 'telephone_register' });
    expect(JSON.stringify(first)).not.toContain(lan.person.identityNumber);
    const second = await it.applications.waiting('overdue', first.next);
    expect(second.rows).toHaveLength(11);
    expect(second.next).toBeUndefined();
    expect(new Set([...first.rows, ...second.rows].map(({ id }) => id)).size).toBe(61);
    expect(await it.applications.waitingCounts()).toEqual({ overdue: 61, open: 61, lapsed: 0 });
    expect((await it.applications.waiting('overdue', 'nonsense')).rows).toHaveLength(50);
    // Along its index, not by sorting what waits.
    const plan = await fresh.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL enable_seqscan = off`);
      return transaction.rows<{ 'QUERY PLAN': string }>(sql`EXPLAIN SELECT id FROM enrolment_applications
        WHERE state IN ('SUBMITTED', 'CHECKING') AND due_at < now() ORDER BY due_at, id LIMIT 51`);
    });
    const said = plan.map((line) => line['QUERY PLAN']).join(' ');
    expect(said).toContain('enrolment_applications_waiting');
    expect(said).not.toContain('Sort');
  });
});
