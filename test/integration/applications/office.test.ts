import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FaceResult, type PadLevel, padLacking } from '../../../src/domain/biometrics/index.ts';
import { newToken } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import type { Write } from '../../../src/platform/unit-of-work.ts';
import { aRegistered, asking, officeOn, photo } from '../../support/applications.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.end());
const office = (...people: ReturnType<typeof aRegistered>[]) => officeOn(fresh.database, people);
const silencesOf = (reference: string) =>
  fresh.database.row<{ silences: number; waiting_for: string | null }>(
    sql`SELECT silences, waiting_for FROM enrolment_applications WHERE reference = ${reference}`,
  );

/** An answer that comes when it is let go, and the moment at which it is first asked for. */
function held() {
  const [answer, asked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const hold = (): Promise<void> => {
    asked.resolve();
    return answer.promise;
  };
  return { hold, asking: asked.promise, go: answer.resolve };
}

describe('when those who are asked do not answer', () => {
  test.each([
    ['population', 'population_register'],
    ['telephone', 'telephone_register'],
    ['face', 'face_matcher'],
  ] as const)(
    'the %s: the application waits and says so, is asked again later each time, and is decided when it is back',
    async (which, silent) => {
      const lan = aRegistered();
      const it = office(lan);
      const reference = await it.handIn(lan);
      it[which].behave('unreachable');
      expect(await it.work()).toEqual(['waiting']);
      const token = await it.lookingAt(reference, lan.phone);
      expect(await it.applications.standing(token)).toMatchObject({ state: 'CHECKING', waiting: true });
      // Not before its time: 10 s, then 20 s.
      it.clock.advance(9);
      expect(await it.work()).toEqual([]);
      it.clock.advance(1);
      expect(await it.work()).toEqual(['waiting']);
      it.clock.advance(19);
      expect(await it.work()).toEqual([]);
      it.clock.advance(1);
      it[which].behave('garbage');
      expect(await it.work()).toEqual(['waiting']);
      expect(await silencesOf(reference)).toEqual({ silences: 3, waiting_for: silent });
      it[which].behave('well');
      it.clock.advance(40);
      expect(await it.work()).toEqual(['decided']);
      expect(await it.row(reference)).toMatchObject({ state: 'APPROVED' });
      expect(await silencesOf(reference)).toEqual({ silences: 0, waiting_for: null });
      // What was known before the silence was not asked again.
      const checks = await fresh.database.rows<{ kind: string }>(sql`SELECT kind FROM application_checks
      WHERE application_id = (SELECT id FROM enrolment_applications WHERE reference = ${reference}) ORDER BY number`);
      expect(checks.map(({ kind }) => kind)).toEqual([
        'phone_confirmed',
        'register_match',
        'phone_ownership',
        'face_match',
      ]);
    },
  );

  // ISO/IEC 30107-3: a rule that asks more of the engine than it has is a fault of the server's, and no applicant's.
  test.each(['none', 'active-challenge'] as const)(
    'an engine with %s, of which the rule in force asks more: who matches waits as if it were silent, and is let in when it asks no more',
    async (has) => {
      let asked: PadLevel = 'tested';
      const lan = aRegistered();
      const it = officeOn(fresh.database, [lan], { pad: { has, asked: () => asked } });
      const reference = await it.handIn(lan);
      expect(await it.work()).toEqual(['waiting']);
      expect(await silencesOf(reference)).toEqual({ silences: 1, waiting_for: 'face_matcher' });
      const token = await it.lookingAt(reference, lan.phone);
      expect(await it.applications.standing(token)).toMatchObject({ state: 'CHECKING', waiting: true });
      it.clock.advance(10);
      expect(await it.work()).toEqual(['waiting']);
      expect(await it.row(reference)).toMatchObject({ state: 'CHECKING', reason: null });
      asked = has;
      it.clock.advance(20);
      expect(await it.work()).toEqual(['decided']);
      expect(await it.row(reference)).toMatchObject({ state: 'APPROVED' });
      // That it was looked at before makes no used one of the picture.
      expect(await silencesOf(reference)).toEqual({ silences: 0, waiting_for: null });
    },
  );

  test('an engine that can do what the rule asks, and did not with this picture: that is no fault of the server’s', () => {
    const match = { outcome: 'match', pad: { level: 'none', result: 'not_performed' } } as FaceResult;
    expect(padLacking(match, { required: 'tested', has: 'tested' })).toBeUndefined();
    expect(padLacking(match, { required: 'tested', has: 'active-challenge' })?.code).toBe('face_matcher.pad');
  });

  test.each([
    ['another face', 'green'],
    ['the face on a screen', 'yellow'],
  ] as const)('by such a rule as well %s is refused, and waits for nothing', async (_, face) => {
    const lan = aRegistered();
    const it = officeOn(fresh.database, [lan], { pad: { has: 'active-challenge', asked: () => 'tested' } });
    const reference = await it.handIn(lan, { face });
    expect(await it.work()).toEqual(['decided']);
    expect(await it.row(reference)).toMatchObject({ state: 'REFUSED', reason: 'face_differs' });
  });

  test('what the register said when it was asked decides, though it says otherwise since; whoever applies anew is let in', async () => {
    const lan = aRegistered({ standing: 'deceased' });
    const it = office(lan);
    const reference = await it.handIn(lan);
    it.telephone.behave('unreachable');
    expect(await it.work()).toEqual(['waiting']);
    delete (lan as { standing?: 'deceased' }).standing;
    it.telephone.behave('well');
    it.clock.advance(10);
    await it.work();
    expect(await it.row(reference)).toMatchObject({ state: 'REFUSED', reason: 'deceased' });
    const anew = await it.handIn(lan);
    await it.work();
    expect(await it.row(anew)).toMatchObject({ state: 'APPROVED' });
  });

  test('an application over its term is marked, and still decided', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const reference = await it.handIn(lan);
    it.population.behave('unreachable');
    await it.work();
    it.clock.advance(2 * 86_400);
    await it.work();
    const token = await it.lookingAt(reference, lan.phone);
    expect(await it.applications.standing(token)).toMatchObject({ state: 'CHECKING', overdue: true });
    it.population.behave('well');
    it.clock.advance(900);
    await it.work();
    expect(await it.row(reference)).toMatchObject({ state: 'APPROVED' });
    expect(await it.applications.standing(token)).toMatchObject({ overdue: false });
  });
});

describe('several at once', () => {
  test('two applications of one number: the stranger’s is refused, and never stands in the way of the holder’s', async () => {
    const [lan, stranger] = [aRegistered(), aRegistered()];
    const it = office(lan, stranger);
    const foreign = await it.handIn(lan, { phone: stranger.phone });
    it.clock.advance(1);
    const own = await it.handIn(lan);
    // The stranger's is under the office's hands when hers comes to its turn.
    it.telephone.behave('unreachable');
    const turns = await it.work();
    expect(turns).toEqual(['waiting', 'waiting']);
    it.telephone.behave('well');
    it.clock.advance(10);
    await Promise.all([it.work(), it.work()]);
    it.clock.advance(10);
    await it.work();
    expect(await it.row(foreign)).toMatchObject({ state: 'REFUSED', reason: 'phone_not_own' });
    expect(await it.row(own)).toMatchObject({ state: 'APPROVED' });
    expect((await it.messagesTo(stranger.phone)).at(-1)).toMatch(/chưa xác nhận được/);
  });

  test('two of the holder’s own: one is approved, the other refused', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const references = [await it.handIn(lan), await it.handIn(lan)];
    await Promise.all([it.work(), it.work()]);
    it.clock.advance(10);
    await it.work();
    const rows = await Promise.all(references.map((one) => it.row(one)));
    expect(rows.map((row) => row?.reason ?? row?.state).sort()).toEqual(['APPROVED', 'already_open']);
  });

  test('four workers take four applications once each, and tell each applicant once', async () => {
    const people = [aRegistered(), aRegistered(), aRegistered(), aRegistered()];
    const offices = [office(...people), office(...people), office(...people), office(...people)];
    const [first] = offices;
    const references: string[] = [];
    for (const one of people) references.push(await first!.handIn(one));
    const done = (await Promise.all(offices.map((one) => one.work()))).flat();
    expect(done.filter((one) => one === 'decided')).toHaveLength(4);
    for (const reference of references) expect(await first!.row(reference)).toMatchObject({ state: 'APPROVED' });
    for (const { phone } of people)
      expect((await first!.messagesTo(phone)).filter((text) => text.includes('đã được duyệt'))).toHaveLength(1);
  });

  test('a worker whose lease ran out over a slow answer has lost the application: it is decided and told once', async () => {
    const lan = aRegistered();
    const clock = fixedClock();
    const { hold, asking, go } = held();
    const slow = officeOn(fresh.database, [lan], { clock, hold });
    const other = officeOn(fresh.database, [lan], { clock });
    const reference = await other.handIn(lan);
    const late = slow.applications.checkNext();
    await asking;
    clock.advance(61);
    expect(await other.work()).toContain('decided');
    go();
    expect(await late).toBe('overtaken');
    expect(await other.row(reference)).toMatchObject({ state: 'APPROVED' });
    expect((await other.messagesTo(lan.phone)).filter((text) => text.includes('đã được duyệt'))).toHaveLength(1);
  });

  test('an activation that is sent twice at once makes one account', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const { token } = await it.approved(lan);
    expect(await Promise.all([it.applications.issue(token), it.applications.issue(token)])).toEqual([
      'issued',
      'issued',
    ]);
    const accounts = await fresh.database.row(
      sql`SELECT count(*) AS n FROM identity_numbers n JOIN enrolment_applications a ON a.account_id = n.subscriber_id
        WHERE a.account_id = ${(await it.subscribers.locate(lan.person.identityNumber))!.id}`,
    );
    expect(accounts).toEqual({ n: 1 });
  });

  test('an account that was closed before it was activated is not activated', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const { token } = await it.approved(lan);
    expect(await it.applications.issue(token)).toBe('issued');
    const account = (await it.subscribers.locate(lan.person.identityNumber))!;
    await it.subscribers.close(account.id, { kind: 'operator', id: 'an-officer' });
    expect(await it.applications.issue(token)).toBe('closed');
  });
});

describe('the first authenticator', () => {
  /** Somebody who has typed both codes, and whose account is made. */
  async function issued() {
    const lan = aRegistered();
    const it = office(lan);
    const { reference, token } = await it.approved(lan);
    await it.applications.issue(token);
    const { id } = (await it.subscribers.locate(lan.person.identityNumber))!;
    const activate = (password: string, more: () => Promise<readonly Write[]> = async () => []) =>
      it.applications.activating(token, (writes) =>
        it.authenticators.bind({
          ...{ kind: 'password', sessionKey: token, response: { password }, authority: { by: 'system' } },
          subscriber: { id, label: 'A', displayName: 'A', locale: 'vi', ownData: [] },
          along: {
            phone: lan.phone,
            writes: async () => [...(await writes()), ...(await more())],
          },
        }),
      );
    const standing = async () => ({
      bound: (await it.authenticators.of(id)).map(({ kind }) => kind).sort(),
      activation: (await it.row(reference))?.activation,
    });
    const lapse = async () => {
      await fresh.database.execute(sql`UPDATE enrolment_applications SET revision = revision + 1, activation = 'lapsed',
        activation_hash = NULL WHERE reference = ${reference}`);
      return [];
    };
    return { activate, standing, lapse };
  }

  test('a password comes with codes to the telephone, and the application is done, in one act', async () => {
    const { activate, standing } = await issued();
    // Eight characters are enough: the telephone is bound beside them.
    expect(await activate('chín mây')).toMatchObject({ verified: true });
    expect(await standing()).toEqual({ bound: ['message-otp', 'password'], activation: 'active' });
  });

  test('a password that is refused binds nothing, the telephone neither', async () => {
    const { activate, standing } = await issued();
    expect(await activate('ngắn')).toMatchObject({ verified: false, reason: 'too_short' });
    expect(await standing()).toEqual({ bound: [], activation: 'issued' });
  });

  test('an application that is stopped in the same moment undoes both, and so does whatever else fails', async () => {
    const { activate, standing, lapse } = await issued();
    const failing = activate('tám chiếc thuyền giấy', async () => [
      { statement: sql`UPDATE subscribers SET account_level = 1 / 0` },
    ]);
    await expect(failing).rejects.toThrow('division by zero');
    expect(await standing()).toEqual({ bound: [], activation: 'issued' });
    const stopped = await activate('tám chiếc thuyền giấy', lapse);
    expect(stopped).toBe('overtaken');
    expect(await standing()).toEqual({ bound: [], activation: 'lapsed' });
  });
});

describe('the form', () => {
  test('asks nobody: what it sends to the database does not depend on the number (abuse case 41)', async () => {
    const [known, holder] = [aRegistered(), aRegistered()];
    const it = office(known, holder);
    const { contacts: _, documentExpiresOn: __, ...person } = holder.person;
    await it.subscribers.register({ ...person, locale: 'vi', test: true }, { by: { kind: 'system' } });
    for (const which of ['population', 'telephone', 'face'] as const) it[which].behave('garbage');
    const counts: number[][] = [];
    for (const identityNumber of [known.person.identityNumber, '098000000001', holder.person.identityNumber]) {
      const steps: number[] = [];
      const counted = async (step: () => Promise<unknown>): Promise<void> => {
        const before = fresh.database.statements;
        await step();
        steps.push(fresh.database.statements - before);
      };
      const { phone } = aRegistered();
      const token = newToken();
      await counted(() => it.applications.identify(token, { ...it.identityOf(known), identityNumber }, 'vi'));
      await counted(() => it.applications.askPhone(token, phone, asking()));
      const code = await it.codeTo(phone);
      await counted(() => it.applications.confirmPhone(token, code));
      await counted(() => it.applications.consent(token));
      const picture = await photo('red');
      await counted(() => it.applications.picture(token, picture));
      await counted(() => it.applications.submit(token));
      counts.push(steps);
    }
    expect(counts[0]).toHaveLength(6);
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[2]).toEqual(counts[0]);
  });
});

describe('the limits', () => {
  test('a telephone that hands in five applications within a day hands in no sixth; a number is looked at five times', async () => {
    const [lan, ...others] = [aRegistered(), aRegistered(), aRegistered()];
    const it = office(lan!, ...others);
    for (let n = 0; n < 5; n += 1) {
      await it.handIn(lan!, { fullName: 'Ai Đó' });
      await it.work();
      // Codes are bounded by the hour.
      it.clock.advance(3_600);
    }
    expect(await it.applications.submit(await it.fill(lan!))).toEqual({ submitted: false, reason: 'too_many' });
    const reference = await it.handIn(lan!, { phone: others[0]!.phone });
    await it.work();
    expect(await it.row(reference)).toMatchObject({ state: 'REFUSED', reason: 'too_many' });
    it.clock.advance(86_400);
    const next = await it.handIn(lan!);
    await it.work();
    expect(await it.row(next)).toMatchObject({ state: 'APPROVED' });
  });

  test.each([
    ['with a wrong name', { fullName: 'Ai Đó', birthdate: '1971-01-01' }],
    ['with the right one, from telephones of their own', {}],
  ])('what strangers hand in %s never has the holder’s own refused', async (_, typed) => {
    const [lan, ...strangers] = Array.from({ length: 7 }, () => aRegistered());
    const it = office(lan!, ...strangers);
    const references: string[] = [];
    for (const { phone } of strangers) {
      references.push(await it.handIn(lan!, { ...typed, phone }));
      await it.work();
    }
    const reasons = await Promise.all(references.map(async (one) => (await it.row(one))?.reason));
    // Who knows the name and the birth date is counted; it is refused all the same, in the same words.
    expect(reasons.at(-1)).toBe('fullName' in typed ? 'name_differs' : 'too_many');
    const own = await it.handIn(lan!);
    await it.work();
    expect(await it.row(own)).toMatchObject({ state: 'APPROVED' });
  });

  test('nor are those counted that she has stopped', async () => {
    const lan = aRegistered({ contacts: { phone: '+84912888009' } });
    const strangers = Array.from({ length: 5 }, () => aRegistered());
    const it = office(lan, ...strangers);
    it.telephone.behave('unreachable');
    for (const { phone } of strangers) await it.handIn(lan, { phone });
    await it.work();
    expect(await it.applications.stop(await it.longCodeTo('+84912888009'))).toBe('stopped');
    it.telephone.behave('well');
    it.clock.advance(10);
    await it.work();
    const sixth = await it.handIn(lan, { phone: strangers[0]!.phone });
    await it.work();
    expect(await it.row(sixth)).toMatchObject({ state: 'REFUSED', reason: 'phone_not_own' });
    const own = await it.handIn(lan);
    await it.work();
    expect(await it.row(own)).toMatchObject({ state: 'APPROVED' });
  });

  test('a code is typed five times, and works once', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const token = newToken();
    await it.applications.identify(token, it.identityOf(lan), 'vi');
    await it.applications.askPhone(token, lan.phone, asking());
    const code = await it.codeTo(lan.phone);
    const wrong = code === '000000' ? '000001' : '000000';
    for (let n = 0; n < 4; n += 1) expect(await it.applications.confirmPhone(token, wrong)).toBe('wrong');
    const answers = await Promise.all([1, 2, 3].map(() => it.applications.confirmPhone(token, code)));
    expect(answers.filter((one) => one === 'confirmed').length).toBeLessThanOrEqual(1);
    expect(await it.applications.confirmPhone(token, code)).toBe('over');
    // Another telephone is not confirmed by it.
    await it.applications.askPhone(token, '+84912999999', asking());
    expect((await it.applications.draft(token))?.phoneConfirmed).toBe(false);
  });

  test('a telephone gets five codes in an hour, and a sixth from where nobody has asked yet', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const token = newToken();
    await it.applications.identify(token, it.identityOf(lan), 'vi');
    for (let n = 0; n < 6; n += 1)
      expect(await it.applications.askPhone(token, lan.phone, asking())).toEqual({ asked: true });
    expect(await it.applications.askPhone(token, lan.phone, asking())).toMatchObject({
      asked: false,
      reason: 'throttled',
    });
  });

  test('a day after the last request nothing is known of a browser, and its draft goes; nobody is hurried before (WCAG 2.2 §2.2.1)', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const token = await it.fill(lan);
    it.clock.advance(24 * 3_600 - 1);
    await it.applications.sweep();
    expect(await it.applications.draft(token)).toBeDefined();
    it.clock.advance(24 * 3_600);
    expect(await it.applications.draft(token)).toBeUndefined();
    expect(await it.applications.submit(token)).toEqual({ submitted: false, reason: 'incomplete' });
    it.clock.advance(3_600);
    await it.applications.sweep();
    const drafts = await fresh.database.row(
      sql`SELECT count(*) AS n FROM enrolment_applications
        WHERE state = 'DRAFT' AND begun_at < ${new Date(it.clock.now().getTime() - 3_600_000)}`,
    );
    expect(drafts).toEqual({ n: 0 });
  });
});

describe('whoever the number belongs to', () => {
  test('is told of an application in their name, once a day, and stops it', async () => {
    const [lan, thief] = [
      aRegistered({ contacts: { phone: '+84912888001', email: 'lan@sen.example' } }),
      aRegistered(),
    ];
    const it = office(lan, thief);
    const reference = await it.handIn(lan, { phone: lan.phone, face: 'grey' });
    await it.work();
    const [told] = await it.messagesTo('+84912888001');
    expect(told).toContain('/sign-up/stop');
    expect(told).not.toMatch(/https?:/);
    expect((await it.messagesTo('lan@sen.example')).join()).toContain(await it.longCodeTo('+84912888001'));
    expect(await it.applications.stop('AAAAA-AAAAA-AAAA')).toBe('unknown');
    expect(await it.applications.stop((await it.longCodeTo('+84912888001')).toLowerCase())).toBe('stopped');
    expect(await it.row(reference)).toMatchObject({ state: 'REFUSED', reason: 'stopped_by_holder' });
    // Somebody who tries again the same day does not make her telephone ring again, and learns nothing.
    await it.handIn(lan, { phone: thief.phone });
    await it.work();
    expect(await it.messagesTo('+84912888001')).toHaveLength(1);
  });

  test('stops one while somebody is silent: it stays as it was until all have answered, as one of a number that is nobody’s', async () => {
    const lan = aRegistered({ contacts: { phone: '+84912888005' } });
    const nobody = aRegistered();
    const it = office(lan);
    it.telephone.behave('unreachable');
    const theirs = await it.handIn(lan);
    const nobodys = await it.handIn(nobody);
    expect(await it.work()).toEqual(['waiting', 'waiting']);
    const code = await it.longCodeTo('+84912888005');
    const sent = await it.messagesTo(lan.phone);
    const seen = async () => {
      const looked = await it.applications.standing(token);
      return [looked?.state, looked?.waiting, looked?.told];
    };
    const token = await it.lookingAt(theirs, lan.phone);
    for (let n = 0; n < 2; n += 1) {
      expect(await it.applications.stop(code)).toBe('stopped');
      expect(await seen()).toEqual(['CHECKING', true, undefined]);
    }
    it.clock.advance(10);
    expect(await it.work()).toEqual(['waiting', 'waiting']);
    expect(await seen()).toEqual(['CHECKING', true, undefined]);
    expect((await it.messagesTo(lan.phone)).join()).not.toMatch(/chưa xác nhận được/);

    it.telephone.behave('well');
    it.clock.advance(20);
    expect(await it.work()).toEqual(['decided', 'decided']);
    expect(await it.row(theirs)).toMatchObject({ state: 'REFUSED', reason: 'stopped_by_holder' });
    expect(await it.row(nobodys)).toMatchObject({ state: 'REFUSED', reason: 'no_such_number' });
    expect(await seen()).toEqual(['REFUSED', false, 'details']);
    expect((await it.messagesTo(lan.phone)).length).toBeGreaterThan(sent.length);
  });

  test('stops what was approved already, and locks an account that came of it', async () => {
    const lan = aRegistered({ contacts: { phone: '+84912888002' } });
    const it = office(lan);
    const { reference, token } = await it.approved(lan);
    await it.applications.issue(token);
    const { id } = (await it.subscribers.locate(lan.person.identityNumber))!;
    // Whoever has it has locked it, and could open it again.
    await it.subscribers.lock(id, 'holder_request', { kind: 'subscriber', id });
    expect(await it.applications.stop(await it.longCodeTo('+84912888002'))).toBe('locked');
    expect(await it.row(reference)).toMatchObject({ activation: 'lapsed' });
    expect((await it.subscribers.locks(id)).map(({ ground }) => ground).sort()).toEqual([
      ...['holder_request', 'security_suspected'],
    ]);
    expect(await it.applications.issued(token)).toBeUndefined();
  });

  test('stops everything of the number with one code, also what was handed in after it and what became an account', async () => {
    const lan = aRegistered({ contacts: { phone: '+84912888003' } });
    const thief = aRegistered();
    const it = office(lan, thief);
    const first = await it.handIn(lan, { phone: thief.phone });
    await it.work();
    expect(await it.row(first)).toMatchObject({ state: 'REFUSED', reason: 'phone_not_own' });
    const code = await it.longCodeTo('+84912888003');
    const second = await it.handIn(lan, { face: 'white' });
    expect(await it.work()).toEqual(['asked']);
    expect(await it.applications.stop(code)).toBe('stopped');
    expect(await it.row(second)).toMatchObject({ state: 'REFUSED', reason: 'stopped_by_holder' });
    const { reference, token } = await it.approved(lan);
    await it.applications.issue(token);
    expect(await it.applications.stop(code)).toBe('locked');
    expect(await it.row(reference)).toMatchObject({ activation: 'lapsed' });
    expect((await it.subscribers.locate(lan.person.identityNumber))?.state).toBe('locked');
  });

  test('is told of one that is approved, with a code, whatever they were told of others that day', async () => {
    const lan = aRegistered({ contacts: { phone: '+84912888004' } });
    const thief = aRegistered();
    const it = office(lan, thief);
    await it.handIn(lan, { phone: thief.phone });
    await it.work();
    expect(await it.messagesTo('+84912888004')).toHaveLength(1);
    const own = await it.handIn(lan);
    await it.work();
    expect(await it.row(own)).toMatchObject({ state: 'APPROVED' });
    const told = await it.messagesTo('+84912888004');
    expect(told).toHaveLength(2);
    expect(told[1]).toContain('/sign-up/stop');
    expect(await it.applications.stop(await it.longCodeTo('+84912888004'))).toBe('stopped');
    expect(await it.row(own)).toMatchObject({ activation: 'lapsed' });
  });

  test('stops for good what has lapsed already: it is written down, and no officer issues it anew', async () => {
    const lan = aRegistered({ contacts: { phone: '+84912888006' } });
    const it = office(lan);
    const reference = await it.handIn(lan);
    await it.work();
    it.clock.advance(7 * 86_400 + 1);
    while (await it.applications.settleNext());
    const { id } = (await it.row(reference))!;
    const stops = () =>
      fresh.database.rows(
        sql`SELECT 1 FROM journal_incoming WHERE type = 'application.stopped' AND detail->>'application' = ${id}`,
      );
    for (let n = 0; n < 2; n += 1) {
      expect(await it.applications.stop(await it.longCodeTo('+84912888006'))).toBe('stopped');
      expect(await stops()).toHaveLength(1);
    }
    const found = (await it.applications.findOnline(id))!;
    expect(found.stoppedAt).toEqual(it.clock.now());
    const by = { kind: 'operator', id: '0b0e7b1e-7c1c-4b0e-9f1b-3f1f6f1f1f1e' } as const;
    expect(await it.applications.reissue(found, { reason: 'was_away', by })).toEqual({
      reissued: false,
      reason: 'stopped',
    });
  });

  test('is not told by the telephone that applied', async () => {
    const lan = aRegistered();
    const known = { ...lan, person: { ...lan.person, contacts: { phone: lan.phone } } };
    const it = office(known);
    await it.handIn(known);
    await it.work();
    expect((await it.messagesTo(lan.phone)).join()).not.toContain('/sign-up/stop');
  });
});

describe('looking at an application', () => {
  test('takes the code that went to its telephone; a reference that nobody has looks alike', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const reference = await it.handIn(lan);
    const [known, unknown] = [newToken(), newToken()];
    await it.applications.askStatus(known, reference.toLowerCase(), asking());
    await it.applications.askStatus(unknown, 'ZZZZZ-ZZZZZ', asking());
    expect(await it.applications.confirmStatus(known, '000000')).toBe('wrong');
    expect(await it.applications.confirmStatus(unknown, '000000')).toBe('wrong');
    expect(await it.applications.standing(known)).toBeUndefined();
    expect(await it.applications.confirmStatus(known, await it.codeTo(lan.phone))).toBe('confirmed');
    expect(await it.applications.standing(known)).toMatchObject({ state: 'CHECKING', waiting: false, reference });
    for (const code of ['', '123456']) expect(await it.applications.confirmStatus(unknown, code)).toBe('wrong');
  });

  test('it is withdrawn at any moment before it is decided, also under the hands of the office', async () => {
    const lan = aRegistered();
    const { hold, asking, go } = held();
    // What other tests have left is looked at first, so that this one is what is held.
    await office(lan).work();
    const it = officeOn(fresh.database, [lan], { hold });
    const reference = await it.handIn(lan);
    const token = await it.lookingAt(reference, lan.phone);
    const working = it.work();
    await asking;
    expect(await it.applications.withdraw(token)).toBe(true);
    go();
    expect(await working).toContain('overtaken');
    expect(await it.row(reference)).toMatchObject({ state: 'WITHDRAWN' });
    expect(await it.applications.withdraw(token)).toBe(false);
    const pictures = await fresh.database.row(sql`SELECT count(*) AS n FROM application_pictures p
      JOIN enrolment_applications a ON a.id = p.application_id WHERE a.reference = ${reference}`);
    expect(pictures).toEqual({ n: 0 });
  });
});

describe('an approved account', () => {
  test('lapses after its days, and the number is free again', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const reference = await it.handIn(lan);
    await it.work();
    const token = newToken();
    const code = await it.longCodeTo(lan.phone);
    it.clock.advance(7 * 86_400 - 60);
    await it.applications.openActivation(token, code, asking());
    await it.applications.confirmActivation(token, await it.codeTo(lan.phone));
    // Made, and nothing bound to it.
    expect(await it.applications.issue(token)).toBe('issued');
    it.clock.advance(60);
    while (await it.applications.settleNext());
    expect(await it.row(reference)).toMatchObject({ state: 'APPROVED', activation: 'lapsed' });
    expect(await it.subscribers.locate(lan.person.identityNumber)).toBeUndefined();
    expect(await it.applications.openActivation(newToken(), code, asking())).toBe('closed');
    expect((await it.messagesTo(lan.phone)).at(-1)).toContain('hết hiệu lực');
    const again = await it.handIn(lan);
    await it.work();
    expect(await it.row(again)).toMatchObject({ state: 'APPROVED' });
  });

  test('whose process died behind the first authenticator is active, not lapsed', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const { reference, token } = await it.approved(lan);
    await it.applications.issue(token);
    const account = await it.subscribers.locate(lan.person.identityNumber);
    await it.authenticators.install(account!.id, { kind: 'password', password: 'tám chiếc thuyền giấy' });
    it.clock.advance(7 * 86_400);
    while (await it.applications.settleNext());
    expect(await it.row(reference)).toMatchObject({ activation: 'active' });
    expect((await it.subscribers.locate(lan.person.identityNumber))?.state).toBe('active');
  });
});

describe('the database', () => {
  const change = (reference: string, set: string) =>
    fresh.database.execute(
      sql`UPDATE enrolment_applications SET revision = revision + 1, ${sql.raw(set)} WHERE reference = ${reference}`,
    );

  test('approves nothing whose checks are not all passed', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const reference = await it.handIn(lan);
    await change(reference, "state = 'CHECKING'");
    const approve = `state = 'APPROVED', decided_at = now(), activation = 'issued', account_id = gen_random_uuid()`;
    await expect(change(reference, approve)).rejects.toThrow('has all its checks passed');
  });

  test('changes nothing of what was decided, adds nothing to it, and deletes no application that was handed in', async () => {
    const lan = aRegistered();
    const it = office(lan);
    const reference = await it.handIn(lan, { fullName: 'Ai Đó' });
    await it.work();
    const { id } = (await it.row(reference))!;
    await expect(change(reference, "state = 'CHECKING', decided_at = NULL, reason = NULL")).rejects.toThrow(
      'step by step',
    );
    await expect(change(reference, "reason = 'face_differs'")).rejects.toThrow('stays as it is');
    await expect(
      fresh.database.execute(sql`INSERT INTO application_checks (application_id, number, kind, result, policy, made_at)
        VALUES (${id}, 9, 'face_match', 'passed', 'x', now())`),
    ).rejects.toThrow('nothing is added');
    await expect(
      fresh.database.execute(sql`INSERT INTO application_pictures VALUES (${id}, 1, ${await photo('red')}, now())`),
    ).rejects.toThrow('nothing is added');
    await expect(fresh.database.execute(sql`DELETE FROM enrolment_applications WHERE id = ${id}`)).rejects.toThrow(
      'stays',
    );
    await expect(
      fresh.database.execute(sql`UPDATE application_checks SET result = 'passed' WHERE application_id = ${id}`),
    ).rejects.toThrow('append-only');
  });

  test('holds nobody’s number, name, telephone or birth date in the clear', async () => {
    const lan = aRegistered({ fullName: 'Phạm Thị Không Ai Biết' });
    const it = office(lan);
    const reference = await it.handIn(lan);
    await it.work();
    const [row] = await fresh.database.rows(
      sql`SELECT to_jsonb(a)::text AS a, (SELECT jsonb_agg(to_jsonb(c))::text FROM application_checks c WHERE c.application_id = a.id) AS c,
        (SELECT jsonb_agg(j.body)::text FROM (SELECT to_jsonb(i) AS body FROM journal_incoming i) j) AS j
        FROM enrolment_applications a WHERE reference = ${reference}`,
    );
    const text = JSON.stringify(row);
    for (const canary of [lan.person.identityNumber, lan.phone.slice(1), 'Không Ai Biết', '1990-05-17'])
      expect(text.includes(canary), canary).toBe(false);
  });

  test('forgets what a refused application says after its days', async () => {
    const lan = aRegistered();
    const it = officeOn(fresh.database, [lan], { clock: fixedClock('2027-06-01T02:00:00Z') });
    const reference = await it.handIn(lan, { fullName: 'Ai Đó' });
    await it.work();
    const said = () =>
      fresh.database.row(
        sql`SELECT applicant IS NULL AS gone FROM enrolment_applications WHERE reference = ${reference}`,
      );
    it.clock.advance(29 * 86_400);
    await it.applications.sweep();
    expect(await said()).toEqual({ gone: false });
    it.clock.advance(2 * 86_400);
    await it.applications.sweep();
    expect(await said()).toEqual({ gone: true });
  });
});
