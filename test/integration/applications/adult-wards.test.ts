import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saidSince } from '../../../src/app/registers/register-events.ts';
import { createGuardianships, createWardLocks, holdAt } from '../../../src/domain/guardianships/index.ts';
import type { RegisteredGuardianship } from '../../../src/domain/registry/index.ts';
import type { Subscriber } from '../../../src/domain/subscribers/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { aRegistered, type Office, officeOn } from '../../support/applications.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { aProofing } from '../../support/people.ts';
import { aSimulatedRegister, reportsOn } from '../../support/register-reports.ts';

// A court has declared somebody without, or with limited, capacity (Civil Code 2015 Art. 22–24): Decree 69/2024 Art. 7, 10 make the
// account through the guardian, and no birthday ends that.

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.end());

const DAY = 86_400;

/** Somebody with an account of level 2. */
async function anAccount(it: Office, who: ReturnType<typeof aRegistered>): Promise<Subscriber> {
  const { contacts: _, documentExpiresOn: __, ...person } = who.person;
  const registered = await it.subscribers.register(
    { ...person, phone: who.phone, phoneVerified: true, locale: 'vi', test: true },
    { by: { kind: 'system' }, proofing: aProofing() },
  );
  if (!registered.registered) throw new Error(registered.reason);
  return (await it.subscribers.find(registered.id))!;
}

/** An adult in the care of one whom the register names so, another guardian who may follow, and an office that hears of it. */
async function aCase(registered: RegisteredGuardianship = { basis: 'guardian_of_adult' }, birthdate = '1974-10-08') {
  const [first, second] = [aRegistered(), aRegistered()];
  const adult = aRegistered({
    ...{ fullName: 'Đinh Văn Bồng', birthdate },
    guardians: [{ identityNumber: first.person.identityNumber, ...registered }],
  });
  const clock = fixedClock();
  const it = officeOn(fresh.database, [first, second, adult], { clock });
  const [guardian, follower] = [await anAccount(it, first), await anAccount(it, second)];
  const told: [string, string][] = [];
  const unreadable = new Set<string>();
  const guardianships = createGuardianships({
    ...{ database: fresh.database, clock, journal: it.journal, authenticators: it.authenticators },
    told: async (id, kind) => {
      if (unreadable.has(id)) throw new Error('an account that cannot be read');
      told.push([id, kind]);
      return [];
    },
  });
  const wardLocks = createWardLocks({
    ...{ database: fresh.database, clock, subscribers: it.subscribers, authenticators: it.authenticators },
    assurance: async () => {
      throw new Error('nothing is unlocked here');
    },
    told: async () => [],
  });
  const { signer, sign } = await aSimulatedRegister(clock);
  const reports = reportsOn({ ...it, database: fresh.database, guardianships }, signer, saidSince);
  const number = adult.person.identityNumber;
  const token = (more: object = {}) =>
    sign({
      ...{ kind: 'guardianship-ended', number },
      said: { guardian_identity_number: first.person.identityNumber, ...more },
    });
  const report = async (more: object = {}): Promise<string> => {
    const taken = await reports.take(await token(more));
    return taken.taken ? taken.outcome : taken.err;
  };
  /** What the register answers from now on. */
  const namedNow = (who: ReturnType<typeof aRegistered> | undefined, rest: Partial<RegisteredGuardianship> = {}) =>
    it.population.amend(number, (entry) => ({
      ...entry,
      guardians: who
        ? [{ identityNumber: who.person.identityNumber, basis: 'guardian_of_adult' as const, ...rest }]
        : [],
    }));
  const apply = async (by = guardian, ward = it.identityOf(adult)): Promise<string> => {
    const submitted = await it.applications.submitForWard(by, { ...ward, byCourt: true }, 'vi');
    if (!submitted.submitted) throw new Error(submitted.reason);
    await it.work();
    while (await it.applications.settleNext());
    return submitted.reference;
  };
  const account = async () => (await it.subscribers.locate(number))!;
  const found = async () => (await guardianships.ofWard((await account()).id))!;
  const hold = async () => holdAt(await found(), clock.now());
  const takeOver = async () => {
    const { reference, token: browser } = await it.approved(adult);
    const { id } = await account();
    const issued = await it.applications.issue(browser);
    const bound = await it.applications.activating(browser, (writes) =>
      it.authenticators.bind({
        ...{ kind: 'password', sessionKey: browser, response: { password: 'chín mây' }, authority: { by: 'system' } },
        subscriber: { id, label: 'A', displayName: 'A', locale: 'vi', ownData: [] },
        along: { phone: adult.phone, writes },
      }),
    );
    return { reference, issued, bound };
  };
  /** Whether somebody who comes by themselves is refused, and why. */
  const refusedAlone = async () => {
    const reference = await it.handIn(adult);
    await it.work();
    const { state, reason } = (await it.row(reference))!;
    return [state, reason];
  };
  return {
    ...{
      it,
      clock,
      first,
      second,
      adult,
      guardian,
      follower,
      told,
      guardianships,
      wardLocks,
      reports,
      token,
      report,
      sign,
    },
    ...{ unreadable, namedNow, apply, account, found, hold, takeOver, refusedAlone },
  };
}

describe('a guardian’s application for an adult', () => {
  test('by a court’s decision becomes an account of level 1, which keeps on what it stands and until when', async () => {
    const { it, apply, account, found, hold, guardian } = await aCase({
      basis: 'guardian_of_adult',
      until: '2030-01-31',
    });
    expect(await it.row(await apply())).toMatchObject({ state: 'APPROVED', activation: 'active' });
    expect(await account()).toMatchObject({ fullName: 'Đinh Văn Bồng', accountLevel: 1 });
    expect(await it.authenticators.of((await account()).id)).toEqual([]);
    expect(await found()).toMatchObject({
      ...{ guardianId: guardian.id, basis: 'guardian_of_adult', until: '2030-01-31' },
    });
    expect(await hold()).toBe('holding');
    const [began] = await it.journal.query({ subscriberId: (await account()).id, types: ['guardianship.began'] });
    expect(began?.detail).toMatchObject({ basis: 'guardian_of_adult', until: '2030-01-31' });
  });

  test('is not begun without the guardian’s word that a court has decided so', async () => {
    const { it, guardian, adult } = await aCase();
    const { birthdate: __, ...rest } = it.identityOf(adult);
    for (const birthdate of ['1974-10-08', '1974', '2012-03-02'])
      expect(await it.applications.submitForWard(guardian, { ...rest, birthdate }, 'vi')).toEqual({
        ...{ submitted: false, reason: 'of_age' },
      });
  });

  test.each([
    ['a parent of somebody of seventeen', { basis: 'parent' } as const, '2008-10-08', 'of_age'],
    ['a minor’s guardian of somebody of fourteen', { basis: 'guardian_of_minor' } as const, '2012-03-01', 'of_age'],
    [
      'one whose last day was yesterday',
      { basis: 'guardian_of_adult', until: '2026-03-01' } as const,
      '1974',
      'not_guardian',
    ],
    ['an adult’s guardian, of a child', { basis: 'guardian_of_adult' } as const, '2016-10-08', 'not_guardian'],
  ])('is refused to %s', async (_, registered, birthdate, reason) => {
    const { it, apply, account } = await aCase(registered, birthdate);
    expect(await it.row(await apply())).toMatchObject({ state: 'REFUSED', reason });
    expect(await account()).toBeUndefined();
  });

  test('is refused to whoever is nobody’s guardian', async () => {
    const { it, apply, follower } = await aCase();
    expect(await it.row(await apply(follower))).toMatchObject({ state: 'REFUSED', reason: 'not_guardian' });
  });

  test('gives nobody an account that the adult has made for themselves, who is told that somebody tried', async () => {
    const { it, apply, adult, account, guardianships } = await aCase();
    const own = await anAccount(it, adult);
    expect(await it.row(await apply())).toMatchObject({ state: 'REFUSED', reason: 'has_account' });
    expect(await account()).toMatchObject({ id: own.id, phone: adult.phone });
    expect(await guardianships.ofWard(own.id)).toBeUndefined();
    expect((await it.messagesTo(adult.phone)).at(-1)).toContain('đã có tài khoản');
  });
});

describe('an adult’s guardianship', () => {
  test('no birthday ends it: whoever it is of does not take the account over while the court’s decision holds', async () => {
    const { apply, refusedAlone, account, guardianships, hold, clock } = await aCase();
    await apply();
    clock.advance(400 * DAY);
    expect(await guardianships.mayBeTakenOver(await account())).toBe(false);
    expect(await refusedAlone()).toEqual(['REFUSED', 'has_account']);
    expect(await guardianships.endNext()).toBe(false);
    expect(await hold()).toBe('holding');
    // Nor past the code: the database has the last word.
    await expect(
      fresh.database.execute(sql`UPDATE guardianships SET handed_over_at = now(), view_until = now(), policy = 'p'
        WHERE ward_id = ${(await account()).id}`),
    ).rejects.toMatchObject({ code: 'SL003' });
  });

  test('by a signed report it ends at once; both are told, it is journalled, and its holder takes the account over', async () => {
    const { it, apply, report, namedNow, hold, told, guardian, found, account, wardLocks, takeOver, adult } =
      await aCase();
    await apply();
    const { id } = await account();
    const { applicationId } = await found();
    namedNow(undefined);
    expect(await report()).toBe('applied');
    expect(await hold()).toBe('ended');
    expect(await found()).toMatchObject({
      endGround: 'order_ended',
      endedAt: it.clock.now(),
      releasedAt: it.clock.now(),
    });
    expect(told).toEqual([
      [guardian.id, 'guardianship_over'],
      [id, 'guardian_gone'],
    ]);
    const [ended] = await it.journal.query({ subscriberId: id, types: ['guardianship.ended'] });
    expect(ended).toMatchObject({
      actor: { kind: 'system' },
      detail: { guardian: guardian.id, ground: 'order_ended' },
    });
    // Nothing of it is left to the guardian, the thirty days of a hand-over neither.
    expect(await wardLocks.lock((await it.subscribers.find(guardian.id))!, applicationId)).toBe('not_held');
    const { reference, issued } = await takeOver();
    expect(issued).toBe('issued');
    expect(await it.row(reference)).toMatchObject({ activation: 'active', account_id: id });
    expect(await account()).toMatchObject({ id, phone: adult.phone, phoneVerified: true });
    expect(await hold()).toBe('ended');
    // Whoever was relieved of it hears nothing of the hand-over.
    expect(told.filter(([, kind]) => kind === 'ward_handed_over')).toEqual([]);
  });

  test.each([
    ['both by the numbers that they have', false, false],
    ['whoever is looked after by a number that was replaced', true, false],
    ['the guardian by a number that was replaced', false, true],
  ])('what a guardian has applied for goes no further, told of %s', async (_, wardFormerly, guardianFormerly) => {
    const { it, guardian, adult, first, reports, report, sign } = await aCase();
    const submitted = await it.applications.submitForWard(guardian, { ...it.identityOf(adult), byCourt: true }, 'vi');
    if (!submitted.submitted) throw new Error(submitted.reason);
    const state = async () => {
      const { state: at, reason } = (await it.row(submitted.reference))!;
      return [at, reason];
    };
    const formerOf = async ({ person }: typeof adult): Promise<string> => {
      const former = aRegistered().person.identityNumber;
      const said = { identity_number: person.identityNumber };
      expect(await reports.take(await sign({ kind: 'number-reestablished', number: former, said }))).toMatchObject({
        taken: true,
      });
      return former;
    };
    const [number, guardianNumber] = [
      wardFormerly ? await formerOf(adult) : adult.person.identityNumber,
      guardianFormerly ? await formerOf(first) : first.person.identityNumber,
    ];
    expect(await state()).toEqual(['SUBMITTED', null]);
    // Of another guardian it says nothing to this application.
    await report({ guardian_identity_number: aRegistered().person.identityNumber });
    expect(await state()).toEqual(['SUBMITTED', null]);
    const said = { guardian_identity_number: guardianNumber };
    expect(await reports.take(await sign({ kind: 'guardianship-ended', number, said }))).toEqual({
      ...{ taken: true, outcome: 'no_account' },
    });
    expect(await state()).toEqual(['REFUSED', 'not_guardian']);
  });

  test('the same report comes twice and ends it once; another’s, or of nobody here, ends nothing', async () => {
    const { it, apply, report, reports, token, hold, account, second } = await aCase();
    expect(await report()).toBe('no_account');
    await apply();
    expect(await report({ guardian_identity_number: second.person.identityNumber })).toBe('applied');
    expect(await hold()).toBe('holding');
    const once = await token();
    expect(await reports.take(once)).toEqual({ taken: true, outcome: 'applied' });
    expect(await reports.take(once)).toEqual({ taken: true, outcome: 'known' });
    const ended = await it.journal.query({ subscriberId: (await account()).id, types: ['guardianship.ended'] });
    expect(ended).toHaveLength(1);
  });

  test('what was said of an earlier one of the same guardian, and comes late, ends no newer one while the register names them', async () => {
    const { it, clock, apply, guardian, adult, first, report, reports, token, sign, namedNow, hold, found } =
      await aCase();
    await apply();
    const former = aRegistered().person.identityNumber;
    const byFormer = { guardian_identity_number: former };
    const [late, again, meanwhile] = [await token(byFormer), await token(byFormer), await token()] as const;
    clock.advance(60);
    const said = { identity_number: first.person.identityNumber };
    await reports.take(await sign({ kind: 'number-reestablished', number: former, said }));
    expect(await report()).toBe('applied');
    clock.advance(DAY + 1);
    const submitted = await it.applications.submitForWard(guardian, { ...it.identityOf(adult), byCourt: true }, 'vi');
    if (!submitted.submitted) throw new Error(submitted.reason);
    // Neither what is under way, nor what came of it; by the number that the guardian had then, too.
    expect(await reports.take(late)).toEqual({ taken: true, outcome: 'applied' });
    await it.work();
    while (await it.applications.settleNext());
    expect(await it.row(submitted.reference)).toMatchObject({ activation: 'active' });
    expect(await reports.take(again)).toEqual({ taken: true, outcome: 'applied' });
    expect(await hold()).toBe('holding');
    // One begins a while after the register was asked: what it said between the two it says again.
    namedNow(undefined);
    expect(await reports.take(meanwhile)).toEqual({ taken: true, outcome: 'applied' });
    expect(await found()).toMatchObject({ endGround: 'order_ended' });
  });

  test('a register that is silent holds up no late report: what it has said holds', async () => {
    const { it, clock, apply, report, reports, token, hold } = await aCase();
    await apply();
    const late = await token();
    clock.advance(60);
    expect(await report()).toBe('applied');
    clock.advance(DAY + 1);
    await apply();
    expect(await hold()).toBe('holding');
    it.population.behave('unreachable');
    expect(await reports.take(late)).toEqual({ taken: true, outcome: 'applied' });
    expect(await hold()).toBe('ended');
  });

  test('passed on, it is the next guardian’s, who applies for the account that there is; nobody takes it over', async () => {
    const {
      it,
      apply,
      report,
      namedNow,
      hold,
      found,
      account,
      refusedAlone,
      guardianships,
      guardian,
      follower,
      second,
    } = await aCase();
    await apply();
    const { id } = await account();
    // While somebody looks after it, nobody else does.
    namedNow(second);
    expect(await it.row(await apply(follower))).toMatchObject({ state: 'REFUSED', reason: 'has_account' });
    expect(await report({ successor_identity_number: second.person.identityNumber })).toBe('applied');
    expect(await hold()).toBe('ended');
    expect(await found()).toMatchObject({ endGround: 'passed_on' });
    expect(await guardianships.mayBeTakenOver(await account())).toBe(false);
    it.clock.advance(DAY + 1);
    expect(await refusedAlone()).toEqual(['REFUSED', 'has_account']);
    // The former one is none any more.
    expect(await it.row(await apply(guardian))).toMatchObject({ state: 'REFUSED', reason: 'not_guardian' });
    expect(await it.row(await apply(follower))).toMatchObject({
      state: 'APPROVED',
      activation: 'active',
      account_id: id,
    });
    expect(await found()).toMatchObject({ guardianId: follower.id, basis: 'guardian_of_adult' });
    expect(await hold()).toBe('holding');
    await expect(
      fresh.database.execute(sql`INSERT INTO guardianships (ward_id, guardian_id, application_id, began_at)
        VALUES (${id}, ${guardian.id}, gen_random_uuid(), now())`),
    ).rejects.toMatchObject({ code: 'SL003' });
  });

  test('passed on to somebody who never came here, it is over with theirs', async () => {
    const { apply, report, reports, sign, namedNow, account, guardianships, second } = await aCase();
    await apply();
    namedNow(undefined);
    const next = second.person.identityNumber;
    await report({ successor_identity_number: next });
    expect(await guardianships.mayBeTakenOver(await account())).toBe(false);
    // What is said of the former one once more says nothing of the decision, nor of another who was one beside them.
    await report();
    await report({ guardian_identity_number: aRegistered().person.identityNumber });
    expect(await guardianships.mayBeTakenOver(await account())).toBe(false);
    // The next one is passed over too, by a number that was replaced since.
    const [third, thirds] = [aRegistered().person.identityNumber, aRegistered().person.identityNumber];
    await report({ guardian_identity_number: next, successor_identity_number: third });
    await report({ guardian_identity_number: next });
    expect(await guardianships.mayBeTakenOver(await account())).toBe(false);
    await reports.take(await sign({ kind: 'number-reestablished', number: third, said: { identity_number: thirds } }));
    await report({ guardian_identity_number: thirds });
    expect(await guardianships.mayBeTakenOver(await account())).toBe(true);
  });

  test('it is over the day after its last one, before anybody has written that down; set anew, nobody takes it over', async () => {
    const {
      it,
      clock,
      apply,
      hold,
      found,
      account,
      guardian,
      guardianships,
      wardLocks,
      namedNow,
      first,
      refusedAlone,
      told,
    } = await aCase({ basis: 'guardian_of_adult', until: '2026-03-04' });
    await apply();
    const { id } = await account();
    clock.advance(2 * DAY);
    expect(await hold()).toBe('holding');
    clock.advance(DAY);
    expect(await hold()).toBe('ended');
    const by = (await it.subscribers.find(guardian.id))!;
    expect(await wardLocks.lock(by, (await found()).applicationId)).toBe('not_held');
    expect(await guardianships.mayBeTakenOver(await account())).toBe(false);
    while (await guardianships.endNext());
    expect(await found()).toMatchObject({ endGround: 'term_over' });
    expect(told).toEqual([
      [guardian.id, 'guardianship_over'],
      [id, 'guardian_gone'],
    ]);
    expect(await guardianships.mayBeTakenOver(await account())).toBe(true);
    namedNow(first, { until: '2031-01-01' });
    expect(await refusedAlone()).toEqual(['REFUSED', 'has_account']);
    // The guardian applies anew: it is the same account.
    expect(await it.row(await apply())).toMatchObject({ activation: 'active', account_id: id });
    expect(await found()).toMatchObject({ until: '2031-01-01' });
    expect(await hold()).toBe('holding');
  });

  test('one that cannot be ended stops nobody behind it, whose holder takes the account over; it ends when it can', async () => {
    const { it, clock, apply, account, guardian, guardianships, unreadable, found } = await aCase({
      ...{ basis: 'guardian_of_adult', until: '2026-03-04' },
    });
    await apply();
    const { id } = await account();
    // The same guardian looks after another one since.
    clock.advance(60);
    const behind = await anAccount(it, aRegistered());
    const begun = { wardId: behind.id, guardianId: guardian.id, applicationId: randomUUID() };
    await writeTogether(
      fresh.database,
      guardianships.beginning({ ...begun, registered: { basis: 'guardian_of_adult', until: '2026-03-04' } }),
    );
    clock.advance(3 * DAY);
    unreadable.add(id);
    await expect(
      (async () => {
        for (let round = 0; round < 10 && (await guardianships.endNext()); round += 1);
      })(),
    ).rejects.toThrow('1 guardianships that are over were not ended');
    expect(await guardianships.mayBeTakenOver(behind)).toBe(true);
    expect(await found()).not.toHaveProperty('endedAt');
    unreadable.delete(id);
    while (await guardianships.endNext());
    expect(await found()).toMatchObject({ endGround: 'term_over' });
  });

  describe('whose guardian’s account is closed', () => {
    /** Looked after by somebody whose account is closed since; written down, or not yet. */
    async function left(written: 'written' | 'not yet written') {
      const the = await aCase();
      await the.apply();
      await the.it.subscribers.close(the.guardian.id, { kind: 'system' });
      if (written === 'written') while (await the.guardianships.endNext());
      const released = async () => (await the.found()).releasedAt !== undefined;
      return { ...the, released, next: { successor_identity_number: the.second.person.identityNumber } };
    }

    test('ends as passed on: the next guardian applies for the account that there is, and its holder does not have it', async () => {
      const { it, apply, account, follower, namedNow, second, found, told, guardianships } = await left('written');
      const { id } = await account();
      expect(await found()).toMatchObject({ endGround: 'passed_on' });
      expect(told).toEqual([[id, 'guardian_gone']]);
      expect(await guardianships.mayBeTakenOver(await account())).toBe(false);
      namedNow(second);
      expect(await it.row(await apply(follower))).toMatchObject({ activation: 'active', account_id: id });
      expect(await found()).toMatchObject({ guardianId: follower.id });
      expect(await guardianships.endNext()).toBe(false);
    });

    test.each(['written', 'not yet written'] as const)(
      'that the court has ended its decision is heard of them (%s)',
      async (written) => {
        const { report, released, guardianships, account, clock } = await left(written);
        clock.advance(60);
        expect(await report()).toBe('applied');
        expect(await released()).toBe(true);
        expect(await guardianships.mayBeTakenOver(await account())).toBe(true);
        expect(await guardianships.endNext()).toBe(false);
      },
    );

    test.each(['written', 'not yet written'] as const)(
      'who follows is heard once: what is said of them after that says nothing of the decision (%s)',
      async (written) => {
        const { report, released, found, next } = await left(written);
        await report(next);
        expect(await found()).toMatchObject({ endGround: 'passed_on' });
        await report();
        expect(await released()).toBe(false);
        await report({ guardian_identity_number: next.successor_identity_number });
        expect(await released()).toBe(true);
      },
    );

    test('it is known by its last number, though another account has that now', async () => {
      const { it, report, found, next, first, guardian } = await left('not yet written');
      expect((await anAccount(it, first)).id).not.toBe(guardian.id);
      await report(next);
      expect(await found()).toMatchObject({ endGround: 'passed_on' });
    });
  });

  test('a child’s guardian who has become the grown-up’s is asked of the register before its holder takes the account over', async () => {
    const { apply, namedNow, first, refusedAlone, clock, hold } = await aCase({ basis: 'parent' }, '2012-03-05');
    await apply();
    clock.advance(4 * DAY);
    namedNow(first);
    expect(await refusedAlone()).toEqual(['REFUSED', 'has_account']);
    expect(await hold()).toBe('holding');
  });

  test('a report that comes while the guardian’s application is looked at stops it', async () => {
    const { it, guardian, adult, report, account } = await aCase();
    const submitted = await it.applications.submitForWard(guardian, { ...it.identityOf(adult), byCourt: true }, 'vi');
    if (!submitted.submitted) throw new Error(submitted.reason);
    await it.work();
    expect(await it.row(submitted.reference)).toMatchObject({ activation: 'issued' });
    expect(await report()).toBe('no_account');
    while (await it.applications.settleNext());
    expect(await it.row(submitted.reference)).toMatchObject({ activation: 'lapsed' });
    expect(await account()).toBeUndefined();
  });
});
