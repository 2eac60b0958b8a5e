import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Subscriber } from '../../../src/domain/subscribers/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { aRegistered, type Office, officeOn } from '../../support/applications.ts';
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
    expect((await it.messagesTo(mother.phone)).at(-1)).toContain('trẻ do bạn giám hộ');
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
