import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newToken } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { aRegistered, asking, officeOn, photo, photoNow } from '../../support/applications.ts';
import { freshDatabase } from '../../support/database.ts';
import { testSealer } from '../../support/people.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.end());

/** The office with these people. */
const office = (...people: ReturnType<typeof aRegistered>[]) => officeOn(fresh.database, people);

describe('an application for level 1', () => {
  test('is approved when register, telephone and face agree, and becomes an account with the name as it is written', async () => {
    const lan = aRegistered({ fullName: 'Đặng Thị Ngọc Huyền' });
    const it = office(lan);
    // Whoever types on another keyboard types decomposed letters: it is the same name.
    const reference = await it.handIn(lan, { fullName: 'Đặng Thị Ngọc Huyền'.normalize('NFD').normalize('NFC') });
    expect((await it.row(reference))?.state).toBe('SUBMITTED');
    expect(await it.work()).toEqual(['decided']);
    expect(await it.row(reference)).toMatchObject({ state: 'APPROVED', activation: 'issued' });
    expect(await it.subscribers.locate(lan.person.identityNumber)).toBeUndefined();

    const token = newToken();
    const code = await it.longCodeTo(lan.phone);
    expect(code).not.toBe('');
    expect(await it.applications.openActivation(token, code.toLowerCase().replace('-', ' '), asking())).toEqual({
      asked: true,
    });
    expect(await it.applications.issued(token)).toBeUndefined();
    expect(await it.applications.confirmActivation(token, await it.codeTo(lan.phone))).toBe('confirmed');
    expect(await it.applications.issued(token)).toMatchObject({ fullName: 'Đặng Thị Ngọc Huyền', phone: lan.phone });
    expect(await it.applications.issue(token)).toBe('issued');
    expect(await it.applications.issue(token)).toBe('issued');
    const account = await it.subscribers.locate(lan.person.identityNumber);
    expect(account).toMatchObject({
      accountLevel: 1,
      phone: lan.phone,
      phoneVerified: true,
      test: true,
      state: 'active',
    });
    expect(Buffer.from(account?.fullName ?? '')).toEqual(Buffer.from('Đặng Thị Ngọc Huyền'));
    await it.authenticators.install(account!.id, { kind: 'password', password: 'tám chiếc thuyền giấy' });
    await it.applications.activated(token);
    expect((await it.row(reference))?.activation).toBe('active');
    // The account rests on a record of how it was proofed, which says how and not who.
    const proofing = await fresh.database.row(
      sql`SELECT channel, face_matched, policy, evidence FROM proofing_records WHERE subscriber_id = ${account!.id}`,
    );
    expect(proofing).toMatchObject({ channel: 'remote', face_matched: true, policy: 'level-1-online@2024-07-01' });
    expect(JSON.stringify(proofing)).not.toContain(lan.person.identityNumber);
    expect(await it.applications.issued(token)).toBeUndefined();
  });

  test('a code to one telephone confirms no other, and a refused telephone leaves the draft as it was', async () => {
    const victim = aRegistered();
    const it = office(victim);
    const { applications } = it;
    const [mine, token] = ['+84912777001', newToken()];
    await applications.identify(token, it.identityOf(victim), 'vi');
    for (let asked = true; asked; ) ({ asked } = await applications.askPhone(token, victim.phone, asking()));
    expect(await applications.askPhone(token, mine, asking())).toEqual({ asked: true });
    const code = await it.codeTo(mine);
    expect(await applications.askPhone(token, victim.phone, asking())).toMatchObject({ reason: 'throttled' });
    expect(await applications.draft(token)).toMatchObject({ phone: mine, phoneConfirmed: false });
    expect(await applications.confirmPhone(token, code)).toBe('confirmed');
    expect(await applications.draft(token)).toMatchObject({ phone: mine, phoneConfirmed: true });

    // Nor one that is awaited beside another telephone by any other way: the code is of a browser and of a telephone.
    const other = newToken();
    await applications.identify(other, it.identityOf(victim), 'vi');
    await applications.askPhone(other, '+84912777002', asking());
    const sealer = testSealer('applications');
    const drafts = await fresh.database.rows<{ id: string; applicant: Buffer }>(
      sql`SELECT id, applicant FROM enrolment_applications WHERE state = 'DRAFT'`,
    );
    const said = drafts
      .map(({ id, applicant }) => ({ id, applicant: JSON.parse(sealer.open(applicant, id)) as { phone?: string } }))
      .find(({ applicant }) => applicant.phone === '+84912777002')!;
    const moved = sealer.seal(JSON.stringify({ ...said.applicant, phone: victim.phone }), said.id);
    await fresh.database.execute(
      sql`UPDATE enrolment_applications SET applicant = ${moved}, revision = revision + 1 WHERE id = ${said.id}`,
    );
    expect(await applications.draft(other)).toMatchObject({ phone: victim.phone });
    expect(await applications.confirmPhone(other, await it.codeTo('+84912777002'))).toBe('wrong');
  });

  test('is kept from nobody by who else writes its number: not the code, not the activation, not its standing', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const reference = await it.handIn(lan);
    await it.work();
    const code = await it.longCodeTo(lan.phone);
    // A stranger's telephones, and a name that is not hers.
    const stranger = { ...it.identityOf(lan), fullName: 'Ai Đó', birthdate: '1971-01-01' };
    for (let n = 0; n < 30; n += 1) {
      const token = newToken();
      await it.applications.identify(token, stranger, 'vi');
      expect(await it.applications.askPhone(token, `+84987${String(n).padStart(2, '0')}1234`, asking())).toEqual({
        asked: true,
      });
    }
    const came = async (ask: () => Promise<unknown>): Promise<number> => {
      const before = (await it.messagesTo(lan.phone)).length;
      await ask();
      return (await it.messagesTo(lan.phone)).length - before;
    };
    const filling = newToken();
    await it.applications.identify(filling, it.identityOf(lan), 'vi');
    expect(await came(() => it.applications.askPhone(filling, lan.phone, asking()))).toBe(1);
    expect(await came(() => it.applications.openActivation(newToken(), code, asking()))).toBe(1);
    expect(await came(() => it.applications.askStatus(newToken(), reference, asking()))).toBe(1);
  });

  /** Three times with more than an hour between them, so that a day has no more codes of any sort left. */
  async function allDay(it: ReturnType<typeof office>, ask: () => Promise<unknown>): Promise<void> {
    for (const round of [1, 2, 3]) {
      for (let n = 0; n < 5; n += 1) await ask();
      if (round < 3) it.clock.advance(4_000);
    }
  }
  const activates = async (it: ReturnType<typeof office>, { phone }: { phone: string }): Promise<string> => {
    const token = newToken();
    const opened = await it.applications.openActivation(token, await it.longCodeTo(phone), asking());
    if (opened === 'closed' || !opened.asked) return 'no code';
    return it.applications.confirmActivation(token, await it.codeTo(phone));
  };

  test('nor by whoever asks for codes to her telephone', async () => {
    const [lan, other] = [aRegistered(), aRegistered()];
    const it = office(lan, other);
    await it.handIn(lan);
    await it.work();
    await allDay(it, async () => {
      const token = newToken();
      await it.applications.identify(token, it.identityOf(other), 'vi');
      await it.applications.askPhone(token, lan.phone, asking());
    });
    expect(await activates(it, lan)).toBe('confirmed');
  });

  test('nor by whoever has handed in others with her number, and asks how they stand', async () => {
    const [lan, ...others] = [aRegistered(), aRegistered(), aRegistered()];
    const it = office(lan, ...others);
    await it.handIn(lan);
    await it.work();
    for (const other of others) {
      const reference = await it.handIn(other, { identityNumber: lan.person.identityNumber });
      await allDay(it, () => it.applications.askStatus(newToken(), reference, asking()));
    }
    expect(await activates(it, lan)).toBe('confirmed');
  });

  test('bounds the codes to one telephone of it, and says so', async () => {
    const lan = aRegistered();
    const it = office(lan);
    await it.handIn(lan);
    await it.work();
    const code = await it.longCodeTo(lan.phone);
    const before = (await it.messagesTo(lan.phone)).length;
    const said: string[] = [];
    for (let n = 0; n < 7; n += 1) {
      const opened = await it.applications.openActivation(newToken(), code, asking());
      said.push(opened === 'closed' ? opened : opened.asked ? 'sent' : opened.reason);
    }
    expect(said).toEqual([...Array(5).fill('sent'), ...Array(2).fill('throttled')]);
    expect((await it.messagesTo(lan.phone)).length - before).toBe(5);
  });

  test('every button pressed twice at once does what it does once, and hands in one application', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const { applications: all } = it;
    const token = newToken();
    const twice = <T>(press: () => Promise<T>): Promise<T[]> => Promise.all([press(), press()]);
    await all.identify(token, it.identityOf(lan), 'vi');
    expect(await twice(() => all.identify(token, it.identityOf(lan), 'vi'))).toEqual(['kept', 'kept']);
    expect(await twice(() => all.askPhone(token, lan.phone, asking()))).toEqual([{ asked: true }, { asked: true }]);
    await all.askPhone(token, lan.phone, asking());
    const code = await it.codeTo(lan.phone);
    expect(await twice(() => all.confirmPhone(token, code))).toContain('confirmed');
    expect(await all.draft(token)).toMatchObject({ phoneConfirmed: true });
    expect(await twice(() => all.consent(token))).toEqual([true, true]);
    await twice(async () => all.picture(token, await photo('red')));
    const [first, second] = await twice(() => all.submit(token));
    expect(first).toMatchObject({ submitted: true });
    expect(second).toEqual(first);
    // And a third time, later.
    expect(await all.submit(token)).toEqual(first);
    expect((await it.messagesTo(lan.phone)).filter((text) => !/#\d{6}$/.test(text))).toHaveLength(1);
  });

  test('keeps the picture sealed and without what the camera wrote, and not beyond the decision', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const pictures = () => fresh.database.rows<{ picture: Buffer }>(sql`SELECT picture FROM application_pictures`);
    // Of others, that wait still.
    const before = await pictures();
    await it.handIn(lan);
    const kept = (await pictures()).find(({ picture }) => !before.some((one) => one.picture.equals(picture)));
    expect(kept).toBeDefined();
    expect(kept?.picture.includes(Buffer.from('JFIF'))).toBe(false);
    expect((await photo('red')).includes('where it was taken')).toBe(true);
    await it.work();
    expect((await pictures()).some(({ picture }) => picture.equals(kept!.picture))).toBe(false);
  });

  const refusals: [
    string,
    string,
    Parameters<typeof aRegistered>[0],
    Parameters<ReturnType<typeof office>['handIn']>[1],
  ][] = [
    ['a number that nobody has', 'no_such_number', {}, { identityNumber: '098000000000' }],
    ['another name', 'name_differs', {}, { fullName: 'Nguyễn Thị Lan' }],
    ['a name without its marks', 'name_differs', {}, { fullName: 'Nguyen Thi Lan Anh' }],
    ['another birth date', 'birthdate_differs', {}, { birthdate: '1990-05-18' }],
    ['less of a birth date than the register knows', 'birthdate_differs', {}, { birthdate: '1990' }],
    ['a cancelled number', 'number_cancelled', { standing: 'cancelled' }, {}],
    ['somebody who died', 'deceased', { standing: 'deceased' }, {}],
    ['a card that is over', 'document_expired', { documentExpiresOn: '2026-03-01' }, {}],
    ['a telephone in nobody’s name', 'phone_not_own', {}, { phone: '+84911999999' }],
    ['another face', 'face_differs', {}, { face: 'blue' }],
    ['a child that gave another year', 'birthdate_differs', { birthdate: '2015-05-05' }, { birthdate: '1990-05-05' }],
    ['a citizen’s number as a foreigner’s', 'no_such_number', {}, { accountType: 'foreigner' }],
  ];
  test.each(refusals)('is refused for %s: %s', async (_, reason, person, said) => {
    const lan = aRegistered(person);
    const it = office(lan);
    const reference = await it.handIn(lan, said);
    expect(await it.work()).toEqual(['decided']);
    expect(await it.row(reference)).toMatchObject({ state: 'REFUSED', reason, activation: null });
    const told = (await it.messagesTo(said?.phone ?? lan.phone)).at(-1);
    // Whoever knows a stranger's number learns one thing from every way in which it may not fit.
    if (reason === 'face_differs') expect(told).toContain('không khớp');
    else expect(told).toMatch(/^SenID: chúng tôi chưa xác nhận được thông tin/);
    expect(await it.subscribers.locate(lan.person.identityNumber)).toBeUndefined();
  });

  test('is refused for a telephone that is another account’s, and for somebody who has an account: who has it is told', async () => {
    const [lan, minh] = [aRegistered(), aRegistered({ face: 'green' })];
    const it = office(lan, minh);
    const { contacts: _, documentExpiresOn: __, ...person } = lan.person;
    await it.subscribers.register(
      { ...person, phone: lan.phone, phoneVerified: true, locale: 'vi', test: true },
      { by: { kind: 'system' } },
    );
    const own = await it.handIn(lan);
    const stranger = await it.handIn(lan, { phone: minh.phone });
    const other = await it.handIn(minh, { phone: lan.phone, face: 'green' });
    await it.work();
    expect([await it.row(own), await it.row(stranger), await it.row(other)]).toMatchObject([
      { reason: 'has_account' },
      { reason: 'has_account' },
      { reason: 'phone_in_use' },
    ]);
    const toHer = (await it.messagesTo(lan.phone)).filter((text) => text.includes('bạn đã có tài khoản'));
    expect(toHer).toHaveLength(2);
    const toStranger = await it.messagesTo(minh.phone);
    expect(toStranger.at(-1)).toMatch(/chưa xác nhận được/);
    expect(toStranger.join()).not.toContain('đã có tài khoản');
  });

  test('asks for another picture when one tells nothing, and decides by that', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const reference = await it.handIn(lan, { face: 'white' });
    expect(await it.work()).toEqual(['asked']);
    expect((await it.messagesTo(lan.phone)).at(-1)).toContain(reference);
    const token = await it.lookingAt(reference, lan.phone);
    expect(await it.applications.standing(token)).toMatchObject({ state: 'NEEDS_INFO', overdue: false });
    expect(await it.applications.answer(token, Buffer.from('no picture'))).toEqual({
      taken: false,
      reason: 'unreadable',
    });
    expect(await it.applications.answer(token, await photoNow('red'))).toMatchObject({ taken: true });
    expect(await it.applications.answer(token, await photo('blue'))).toEqual({ taken: false, reason: 'over' });
    expect(await it.work()).toEqual(['decided']);
    expect((await it.row(reference))?.state).toBe('APPROVED');
  });

  test('asks for another one in place of a picture that has come before, and takes the next that a camera makes', async () => {
    const [lan, minh] = [aRegistered(), aRegistered()];
    const it = office(lan, minh);
    const picture = await photoNow('red');
    const sent = async (who: typeof lan): Promise<string> => {
      const token = await it.fill(who);
      expect(await it.applications.picture(token, picture)).toMatchObject({ taken: true });
      const submitted = await it.applications.submit(token);
      return submitted.submitted ? submitted.reference : submitted.reason;
    };
    const first = await sent(lan);
    expect(await it.work()).toEqual(['decided']);
    expect((await it.row(first))?.state).toBe('APPROVED');
    const reference = await sent(minh);
    expect(await it.work()).toEqual(['asked']);
    const { id } = (await it.row(reference))!;
    const [check] = await fresh.database.rows<{ result: string; detail: object }>(
      sql`SELECT result, detail FROM application_checks WHERE application_id = ${id} AND kind = 'face_match'`,
    );
    expect(check).toMatchObject({ result: 'inconclusive', detail: { outcome: 'match', reused: true } });
    const token = await it.lookingAt(reference, minh.phone);
    expect(await it.applications.answer(token, await photoNow('red'))).toMatchObject({ taken: true });
    expect(await it.work()).toEqual(['decided']);
    expect((await it.row(reference))?.state).toBe('APPROVED');
  });

  test('takes three pictures, and no fourth', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const reference = await it.handIn(lan, { face: 'grey' });
    await it.work();
    const token = await it.lookingAt(reference, lan.phone);
    await it.applications.answer(token, await photo('grey'));
    await it.work();
    await it.applications.answer(token, await photo('grey'));
    await it.work();
    expect(await it.row(reference)).toMatchObject({ state: 'REFUSED', reason: 'picture_unusable' });
  });

  test('that is not answered is closed after its days', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const reference = await it.handIn(lan, { face: 'white' });
    await it.work();
    expect(await it.applications.settleNext()).toBe(false);
    it.clock.advance(7 * 86_400);
    while (await it.applications.settleNext());
    expect(await it.row(reference)).toMatchObject({ state: 'REFUSED', reason: 'not_answered' });
    expect((await it.messagesTo(lan.phone)).at(-1)).toContain('đã đóng hồ sơ');
  });

  describe('of a foreigner, whose name is written in another order', () => {
    const foreigner = (documentExpiresOn: string | undefined, accountType: 'foreigner' | 'citizen' = 'foreigner') => {
      const made = aRegistered({ accountType, fullName: 'Anna-Lena Müller', nationality: 'DEU' });
      const { documentExpiresOn: _, ...person } = made.person;
      return { ...made, person: { ...person, ...(documentExpiresOn ? { documentExpiresOn } : {}) } };
    };

    test.each([
      ['a residence card that is good today', '2026-03-02', { state: 'APPROVED', reason: null }],
      ['one that had its last day yesterday', '2026-03-01', { state: 'REFUSED', reason: 'document_expired' }],
      ['one of which no last day is known', undefined, { state: 'REFUSED', reason: 'card_undated' }],
    ])('with %s', async (_, until, comesTo) => {
      const anna = foreigner(until);
      const it = office(anna);
      const reference = await it.handIn(anna);
      expect(await it.work()).toEqual(['decided']);
      expect(await it.row(reference)).toMatchObject(comesTo);
      const form = await fresh.database.row(
        sql`SELECT form FROM enrolment_applications WHERE reference = ${reference}`,
      );
      expect(form).toEqual({ form: 'FOREIGN_L1' });
      // Somebody at a counter looks at the card; who has not even the telephone learns nothing of it (abuse case 41).
      if (until === undefined) {
        expect((await it.messagesTo(anna.phone)).at(-1)).toContain('thẻ cư trú');
        const other = await it.handIn(anna, { phone: '+84911999998' });
        await it.work();
        expect(await it.row(other)).toMatchObject({ state: 'REFUSED', reason: 'phone_not_own' });
      }
    });

    test('whose card the register has issued anew without a last day, before and after the approval', async () => {
      const [anna, ben] = [foreigner('2035-01-01'), foreigner('2035-01-01')];
      const it = office(anna, ben);
      const undated = async (who: typeof anna) => {
        for (const write of await it.applications.saidSince(who.person.identityNumber, { card: {} }))
          await writeTogether(fresh.database, [write]);
      };
      const { token, reference } = await it.approved(anna);
      await undated(anna);
      expect(await it.row(reference)).toMatchObject({ state: 'APPROVED', activation: 'lapsed' });
      expect(await it.applications.issue(token)).toBe('closed');

      // The register was asked, the telephones' register is silent, and meanwhile another card is issued.
      it.telephone.behave('unreachable');
      const silent = await it.handIn(ben);
      expect(await it.work()).toEqual(['waiting']);
      await undated(ben);
      it.telephone.behave('well');
      it.clock.advance(60);
      expect(await it.work()).toEqual(['decided']);
      expect(await it.row(silent)).toMatchObject({ state: 'REFUSED', reason: 'card_undated' });
    });

    test('while a citizen’s card may have no last day', async () => {
      const ba = foreigner(undefined, 'citizen');
      const it = office(ba);
      const reference = await it.handIn(ba);
      await it.work();
      expect(await it.row(reference)).toMatchObject({ state: 'APPROVED' });
    });
  });

  test.each([
    ['one word', 'Sương', '1971'],
    ['many words', 'Công Tằng Tôn Nữ Thị Hoàng Thục Uyên', '1955-03'],
    ['an apostrophe', "H'Hen Niê", '1992-05-15'],
  ])('of somebody whose name has %s, and whose birth date is known in part', async (_, fullName, birthdate) => {
    const person = aRegistered({ fullName, birthdate });
    const it = office(person);
    const reference = await it.handIn(person);
    await it.work();
    expect(await it.row(reference)).toMatchObject({ state: 'APPROVED' });
    const token = newToken();
    await it.applications.openActivation(token, await it.longCodeTo(person.phone), asking());
    await it.applications.confirmActivation(token, await it.codeTo(person.phone));
    await it.applications.issue(token);
    const account = await it.subscribers.locate(person.person.identityNumber);
    expect(account).toMatchObject({ fullName, birthdate });
  });

  test('of somebody under 14 is not begun', async () => {
    const child = aRegistered({ birthdate: '2013-03-02' });
    const it = office(child);
    const token = newToken();
    const said = (birthdate: string) => it.applications.identify(token, { ...it.identityOf(child), birthdate }, 'vi');
    // It is 2 March 2026 in Viet Nam.
    expect(await said('2012-03-03')).toBe('too_young');
    expect(await said('2012-03-02')).toBe('kept');
    // Of whom the year alone is known is as young as that allows.
    expect(await said('2012')).toBe('too_young');
  });
});
