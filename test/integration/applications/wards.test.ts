import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGuardianships, holdAt } from '../../../src/domain/guardianships/index.ts';
import type { Subscriber } from '../../../src/domain/subscribers/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { aRegistered, type Office, officeOn } from '../../support/applications.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { aProofing } from '../../support/people.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.end());

/** Somebody with an account of this level. */
async function anAccount(it: Office, who: ReturnType<typeof aRegistered>, level: 1 | 2 = 2): Promise<Subscriber> {
  const { contacts: _, documentExpiresOn: __, ...person } = who.person;
  const registered = await it.subscribers.register(
    { ...person, phone: who.phone, phoneVerified: true, locale: 'vi', test: true },
    { by: { kind: 'system' }, ...(level === 2 ? { proofing: aProofing() } : {}) },
  );
  if (!registered.registered) throw new Error(registered.reason);
  return (await it.subscribers.find(registered.id))!;
}

/** A family: a guardian of the register, and a child of this year in their care. */
function aFamily(birthdate: string) {
  const mother = aRegistered();
  const child = aRegistered({
    fullName: 'Nguyễn Gạo Nếp',
    birthdate,
    guardians: [{ identityNumber: mother.person.identityNumber }],
  });
  return { mother, child };
}

describe('a guardian’s application for a child', () => {
  test('is not refused because five others have tried with the child’s number', async () => {
    const { mother, child } = aFamily('2016-04-05');
    const others = Array.from({ length: 5 }, () => aRegistered());
    const it = officeOn(fresh.database, [mother, child, ...others]);
    for (const one of [...others, mother]) {
      const submitted = await it.applications.submitForWard(await anAccount(it, one), it.identityOf(child), 'vi');
      if (!submitted.submitted) throw new Error(submitted.reason);
      await it.work();
      expect(await it.row(submitted.reference)).toMatchObject({ state: one === mother ? 'APPROVED' : 'REFUSED' });
    }
  });

  test.each([
    ['of ten years', '2016-04-05'],
    ['of two years: level 1, and never a sign-in of its own', '2024-01-15'],
    ['whose year alone is known', '2016'],
  ])('%s becomes an account of level 1 without any authenticator', async (_, birthdate) => {
    const { mother, child } = aFamily(birthdate);
    const it = officeOn(fresh.database, [mother, child]);
    const guardian = await anAccount(it, mother);
    const submitted = await it.applications.submitForWard(guardian, it.identityOf(child), 'vi');
    if (!submitted.submitted) throw new Error(submitted.reason);
    expect(await it.work()).toEqual(['decided']);
    while (await it.applications.settleNext());
    expect(await it.row(submitted.reference)).toMatchObject({ state: 'APPROVED', activation: 'active' });
    const account = await it.subscribers.locate(child.person.identityNumber);
    expect(account).toMatchObject({ fullName: 'Nguyễn Gạo Nếp', accountLevel: 1, birthdate });
    expect(account?.phone).toBeUndefined();
    expect(await it.authenticators.of(account!.id)).toEqual([]);
    expect((await it.messagesTo(mother.phone)).at(-1)).toContain('của người bạn giám hộ đã được lập');
    expect(await it.applications.ofGuardian(guardian.id)).toMatchObject([
      { state: 'APPROVED', accountId: account!.id },
    ]);
    // Nothing more is left of the application than how it was decided.
    const row = await fresh.database.row(
      sql`SELECT applicant IS NULL AS gone FROM enrolment_applications WHERE reference = ${submitted.reference}`,
    );
    expect(row).toEqual({ gone: true });
  });

  test('is refused for somebody whom the register knows as nobody’s guardian', async () => {
    const [{ mother }, { child }] = [aFamily('2016-04-05'), aFamily('2016-04-06')];
    const it = officeOn(fresh.database, [mother, child]);
    const guardian = await anAccount(it, mother);
    const submitted = await it.applications.submitForWard(guardian, it.identityOf(child), 'vi');
    if (!submitted.submitted) throw new Error(submitted.reason);
    await it.work();
    expect(await it.row(submitted.reference)).toMatchObject({ state: 'REFUSED', reason: 'not_guardian' });
    expect((await it.messagesTo(mother.phone)).at(-1)).toContain('chưa xác nhận được');
    expect(await it.subscribers.locate(child.person.identityNumber)).toBeUndefined();
  });

  test('tells in the copy of the data, as on the page, neither why it was refused nor what the register holds', async () => {
    const [{ mother }, { child }] = [aFamily('2016-04-05'), aFamily('2016-04-06')];
    const it = officeOn(fresh.database, [mother, child]);
    const guardian = await anAccount(it, mother);
    const identity = it.identityOf(child);
    const typed = [identity, { ...identity, fullName: 'Tên Khác' }, { ...identity, birthdate: '2017-01-01' }];
    const before: unknown[] = [];
    for (const one of [...typed, { ...identity, identityNumber: '097216999999' }]) {
      const submitted = await it.applications.submitForWard(guardian, one, 'vi');
      if (!submitted.submitted) throw new Error(submitted.reason);
      before.push(
        (await it.applications.ofAccount(guardian.id)).find(({ reference }) => reference === submitted.reference)
          ?.state,
      );
      await it.work();
      expect(await it.row(submitted.reference)).toMatchObject({ state: 'REFUSED' });
    }
    const kept = await it.applications.ofAccount(guardian.id);
    expect(before).toEqual(Array(4).fill('CHECKING'));
    for (const { reference: _, submittedAt: __, applicant, consent: ___, ...told } of kept) {
      expect(told).toEqual({ form: 'WARD_L1', state: 'REFUSED', forWard: true, checks: [] });
      expect(applicant ?? {}).not.toHaveProperty('person');
    }
    expect(kept).toHaveLength(4);
  });

  test('is refused when the guardian’s account is of level 1, or was locked meanwhile', async () => {
    const families = [aFamily('2016-04-05'), aFamily('2016-04-05')] as const;
    const it = officeOn(
      fresh.database,
      families.flatMap(({ mother, child }) => [mother, child]),
    );
    const [one, two] = [await anAccount(it, families[0].mother, 1), await anAccount(it, families[1].mother)];
    const references = [];
    for (const [guardian, { child }] of [
      [one, families[0]],
      [two, families[1]],
    ] as const) {
      const submitted = await it.applications.submitForWard(guardian, it.identityOf(child), 'vi');
      if (submitted.submitted) references.push(submitted.reference);
    }
    await it.subscribers.lock(two.id, 'holder_request', { kind: 'subscriber', id: two.id });
    await it.work();
    for (const reference of references)
      expect(await it.row(reference)).toMatchObject({ state: 'REFUSED', reason: 'not_guardian' });
    expect(references).toHaveLength(2);
  });

  test('comes to nothing when the guardian is locked between the approval and the account', async () => {
    const { mother, child } = aFamily('2016-04-05');
    const it = officeOn(fresh.database, [mother, child]);
    const guardian = await anAccount(it, mother);
    const submitted = await it.applications.submitForWard(guardian, it.identityOf(child), 'vi');
    if (!submitted.submitted) throw new Error(submitted.reason);
    await it.work();
    expect(await it.row(submitted.reference)).toMatchObject({ state: 'APPROVED', activation: 'issued' });
    await it.subscribers.lock(guardian.id, 'death', { kind: 'system' });
    while (await it.applications.settleNext());
    expect(await it.row(submitted.reference)).toMatchObject({ state: 'APPROVED', activation: 'lapsed' });
    expect(await it.subscribers.locate(child.person.identityNumber)).toBeUndefined();
  });

  test('is not begun for somebody of 14, and refused when the register says that they are', async () => {
    const { mother, child } = aFamily('2012-03-02');
    const it = officeOn(fresh.database, [mother, child]);
    const guardian = await anAccount(it, mother);
    const identity = it.identityOf(child);
    expect(await it.applications.submitForWard(guardian, identity, 'vi')).toEqual({
      submitted: false,
      reason: 'of_age',
    });
    const year = aFamily('1990');
    const its = officeOn(fresh.database, [year.mother, year.child]);
    const second = await anAccount(its, year.mother);
    const said = { ...its.identityOf(year.child), birthdate: '2016' };
    const submitted = await its.applications.submitForWard(second, said, 'vi');
    if (!submitted.submitted) throw new Error(submitted.reason);
    await its.work();
    expect(await its.row(submitted.reference)).toMatchObject({ state: 'REFUSED', reason: 'birthdate_differs' });
  });
});

const DAY = 86_400;

/** A child whose account was made through its mother, some days before it is fourteen. */
async function aWardAccount(level: 1 | 2 = 1) {
  const { mother, child } = aFamily('2012-03-05');
  const it = officeOn(fresh.database, [mother, child], { clock: fixedClock() });
  const guardian = await anAccount(it, mother);
  const submitted = await it.applications.submitForWard(guardian, it.identityOf(child), 'vi');
  if (!submitted.submitted) throw new Error(submitted.reason);
  await it.work();
  while (await it.applications.settleNext());
  const account = async () => (await it.subscribers.locate(child.person.identityNumber))!;
  const { id } = await account();
  if (level === 2) {
    // How a child reaches it is the counter's business.
    await fresh.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(sql`UPDATE subscribers SET account_level = 2 WHERE id = ${id}`);
    });
  }
  const told: string[] = [];
  const guardianships = createGuardianships({
    ...{ database: fresh.database, clock: it.clock, journal: it.journal, authenticators: it.authenticators },
    told: async (_, kind) => {
      told.push(kind);
      return [];
    },
  });
  const hold = async () => holdAt((await guardianships.ofWard(id))!, it.clock.now());
  const activate = async (token: string) =>
    it.applications.activating(token, (writes) =>
      it.authenticators.bind({
        ...{ kind: 'password', sessionKey: token, response: { password: 'chín mây' }, authority: { by: 'system' } },
        subscriber: { id, label: 'A', displayName: 'A', locale: 'vi', ownData: [] },
        along: { phone: child.phone, writes },
      }),
    );
  return { it, id, mother, child, guardian, account, guardianships, told, hold, activate };
}

describe('the hand-over at fourteen', () => {
  test('by her own telephone and face the ward takes over the same account; both are told; the guardian looks on, and then no more', async () => {
    const { it, id, mother, child, guardian, account, guardianships, told, hold, activate } = await aWardAccount();
    expect(await hold()).toBe('holding');
    it.clock.advance(4 * DAY);
    const { reference, token } = await it.approved(child);
    expect(await it.row(reference)).toMatchObject({ state: 'APPROVED', activation: 'issued', account_id: id });
    expect((await it.applications.issued(token))?.accountId).toBe(id);
    expect(await it.applications.issue(token)).toBe('issued');
    // Until something is bound it is the guardian's.
    expect(await hold()).toBe('holding');
    expect(await activate(token)).toMatchObject({ verified: true });
    expect(await account()).toMatchObject({ id, phone: child.phone, phoneVerified: true, accountLevel: 1 });
    expect((await it.authenticators.of(id)).map(({ kind }) => kind).sort()).toEqual(['message-otp', 'password']);
    expect(await it.row(reference)).toMatchObject({ activation: 'active' });
    expect(await hold()).toBe('view_only');
    expect((await it.messagesTo(child.phone)).at(-1)).toContain('tự nhận tài khoản mà người giám hộ lập');
    expect((await it.messagesTo(mother.phone)).at(-1)).toContain('đã tự nhận tài khoản');
    const entries = await it.journal.query({
      subscriberId: id,
      types: ['guardianship.handed_over', 'guardianship.began'],
    });
    expect(entries.map(({ type, detail }) => [type, detail?.guardian])).toEqual([
      ['guardianship.handed_over', guardian.id],
      ['guardianship.began', guardian.id],
    ]);
    // Whose word the first application was, and that the second was hers.
    const kept = await it.applications.ofAccount(id);
    expect(kept.map(({ form, consentGivenBy }) => [form, consentGivenBy])).toEqual([
      ['APP_L1', undefined],
      ['WARD_L1', 'guardian'],
    ]);
    expect(await guardianships.endNext()).toBe(false);
    it.clock.advance(30 * DAY);
    expect(await hold()).toBe('ended');
    while (await guardianships.endNext());
    expect((await guardianships.ofWard(id))?.endedAt).toEqual(it.clock.now());
    expect(told).toContain('guardianship_ended');
  });

  test('not a day before, not by another’s telephone, and not once she signs in', async () => {
    const { it, id, child, hold, activate } = await aWardAccount();
    const early = await it.handIn(child, { birthdate: '2012-03-01' });
    await it.work();
    expect(await it.row(early)).toMatchObject({ state: 'REFUSED' });
    it.clock.advance(4 * DAY);
    const stolen = await it.handIn(child, { phone: '+84912999999' });
    await it.work();
    expect(await it.row(stolen)).toMatchObject({ state: 'REFUSED', reason: 'phone_not_own' });
    const face = await it.handIn(child, { face: 'green' });
    await it.work();
    expect(await it.row(face)).toMatchObject({ state: 'REFUSED', reason: 'face_differs' });
    expect([await hold(), await it.authenticators.of(id)]).toEqual(['holding', []]);
    const { token } = await it.approved(child);
    await it.applications.issue(token);
    await activate(token);
    it.clock.advance(DAY + 1);
    const again = await it.handIn(child);
    await it.work();
    expect(await it.row(again)).toMatchObject({ state: 'REFUSED', reason: 'has_account' });
  });

  test('an activation that lapses leaves the account as it was, with its guardian', async () => {
    const { it, child, account, hold } = await aWardAccount();
    it.clock.advance(4 * DAY);
    const reference = await it.handIn(child);
    await it.work();
    it.clock.advance(8 * DAY);
    while (await it.applications.settleNext());
    expect(await it.row(reference)).toMatchObject({ activation: 'lapsed' });
    expect((await account()).state).toBe('active');
    expect(await hold()).toBe('holding');
  });

  test('level 2 of a child counts again after a re-proofing in presence: what is taken over from afar is level 1', async () => {
    const { it, id, child, account, activate } = await aWardAccount(2);
    expect((await account()).accountLevel).toBe(2);
    it.clock.advance(4 * DAY);
    const { token } = await it.approved(child);
    expect(await it.applications.issue(token)).toBe('issued');
    // Nothing is lower before somebody holds it.
    expect((await account()).accountLevel).toBe(2);
    await activate(token);
    expect(await account()).toMatchObject({
      ...{ accountLevel: 1, recordedLevel: 2, reproofingGround: 'handed_over' },
      ...{ phone: child.phone, phoneVerified: true },
    });
    const [lowered] = await it.journal.query({ subscriberId: id, types: ['subscriber.reproofing_required'] });
    expect(lowered).toMatchObject({
      actor: { kind: 'subscriber', id },
      detail: { from: 2, to: 1, ground: 'handed_over' },
    });
    expect((await it.messagesTo(child.phone)).at(-1)).toContain('Mức 2 dùng lại được sau khi bạn xác minh');
  });

  test('level 2 of a child stays with an activation that lapses', async () => {
    const { it, child, account, hold } = await aWardAccount(2);
    it.clock.advance(4 * DAY);
    const { token } = await it.approved(child);
    expect(await it.applications.issue(token)).toBe('issued');
    it.clock.advance(8 * DAY);
    while (await it.applications.settleNext());
    expect((await account()).accountLevel).toBe(2);
    expect(await hold()).toBe('holding');
  });

  test('invariant 3, in the database: nobody looks after an account without level 2 that stands', async () => {
    const { it, guardian } = await aWardAccount();
    const begin = (who: string) =>
      fresh.database.execute(sql`INSERT INTO guardianships (ward_id, guardian_id, application_id, began_at)
        VALUES (gen_random_uuid(), ${who}, gen_random_uuid(), now())`);
    const low = aRegistered();
    const one = await anAccount(officeOn(fresh.database, [low]), low, 1);
    await expect(begin(one.id)).rejects.toMatchObject({ code: 'SL003' });
    await begin(guardian.id);
    await it.subscribers.lock(guardian.id, 'holder_request', { kind: 'subscriber', id: guardian.id });
    await expect(begin(guardian.id)).rejects.toMatchObject({ code: 'SL003' });
    await expect(
      fresh.database.execute(sql`UPDATE guardianships SET guardian_id = ${one.id} WHERE guardian_id = ${guardian.id}`),
    ).rejects.toMatchObject({ code: 'SL003' });
  });
});
