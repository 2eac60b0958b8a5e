import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ASSURANCE_POLICY, type Proof } from '../../../src/domain/assurance/index.ts';
import { createJournal, type JournalEvent } from '../../../src/domain/audit/index.ts';
import { createOrganisations } from '../../../src/domain/organisations/index.ts';
import { createSimulatedEnterpriseRegistry, type RegisteredEnterprise } from '../../../src/domain/registry/index.ts';
import { createSubscribers, type Subscriber } from '../../../src/domain/subscribers/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { authenticatorsOn } from '../../support/authenticators.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { anEnterprise, listed, strongProofs } from '../../support/organisations.ts';
import { anApplicant, aProofing, testSealer } from '../../support/people.ts';

const system = { kind: 'system' } as const;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.end());

interface Someone {
  readonly id: string;
  readonly identityNumber: string;
  /** What they have just proven; anew at each look. */
  proofs(): Promise<Proof[]>;
  /** As they stand now. */
  now(): Promise<Subscriber>;
}

/** The part on the database, with the register of these organisations. */
function office(enterprises: readonly RegisteredEnterprise[] = []) {
  const { database } = fresh;
  const clock = fixedClock();
  const journal = createJournal({ database, clock });
  const registry = createSimulatedEnterpriseRegistry({ clock, enterprises, timeout: 20 });
  const subscribers = createSubscribers({ database, clock, journal, sealer: testSealer('subscribers') });
  const { authenticators } = authenticatorsOn(database, { clock });
  const told: [string, string][] = [];
  const events: JournalEvent[] = [];
  const organisations = createOrganisations({
    ...{ database, clock, subscribers, authenticators, registry, sealer: testSealer('organisations') },
    journal: {
      append: (event) => {
        events.push(event);
        return journal.append(event);
      },
    },
    told: async (subscriberId, kind) => {
      told.push([subscriberId, kind]);
      return [];
    },
    parted: async () => [],
    assurance: async () => ASSURANCE_POLICY,
  });

  async function someone(level: 1 | 2 = 2): Promise<Someone> {
    const applicant = anApplicant();
    const proofing = level === 2 ? { proofing: aProofing() } : {};
    const made = await subscribers.register(applicant, { by: system, ...proofing });
    if (!made.registered) throw new Error(JSON.stringify(made));
    const first = await strongProofs(authenticators, made.id, clock.now());
    const at = () => clock.now().getTime() / 1000;
    return {
      ...{ id: made.id, identityNumber: applicant.identityNumber },
      proofs: async () => first.map((proof) => ({ ...proof, at: at() })),
      now: async () => (await subscribers.find(made.id))!,
    };
  }
  const apply = async (who: Someone, code: string) =>
    organisations.apply(await who.now(), { code, proofs: await who.proofs() });
  const answer = async (who: Someone, id: string, said: 'given' | 'declined' = 'given') =>
    organisations.answer(await who.now(), id, { answer: said, proofs: await who.proofs() });
  /** Looks at everything that is due. */
  const work = async () => {
    while ((await organisations.checkNext()) !== 'idle');
  };
  async function applied(who: Someone, { enterpriseCode }: RegisteredEnterprise): Promise<string> {
    const done = await apply(who, enterpriseCode);
    if (!done.applied) throw new Error(done.reason);
    await work();
    return done.id;
  }
  const stateOf = async (who: Someone, id: string) => {
    const found = await organisations.application(await who.now(), id);
    return found?.reason ?? found?.waitingFor ?? found?.state;
  };
  /** Puts an organisation in the register, or changes what stands there. */
  const says = (enterprise: RegisteredEnterprise): RegisteredEnterprise => {
    registry.amend(enterprise);
    return enterprise;
  };
  return {
    ...{ clock, organisations, registry, subscribers, told, events },
    ...{ someone, apply, answer, work, applied, stateOf, says },
  };
}
type Office = ReturnType<typeof office>;

/** One organisation with two legal representatives, of whom the first has applied. */
async function aPair(it: Office) {
  const [first, second] = [await it.someone(), await it.someone()];
  const enterprise = it.says(anEnterprise([listed(first), listed(second)]));
  const id = await it.applied(first, enterprise);
  return { first, second, enterprise, id };
}
/** One organisation and whoever alone acts for it. */
async function aSole(it: Office) {
  const who = await it.someone();
  const enterprise = it.says(anEnterprise([listed(who)]));
  const id = await it.applied(who, enterprise);
  return { who, enterprise, id, acts: () => it.organisations.actsFor(who.id, enterprise.enterpriseCode) };
}

describe('who applies', () => {
  test('alone acts for it at once, and is told; the journal names person, organisation, proof and rules', async () => {
    const it = office();
    const { who, enterprise, id, acts } = await aSole(it);
    expect(await it.stateOf(who, id)).toBe('APPROVED');
    const { enterpriseCode, name } = enterprise;
    expect(await acts()).toEqual({ enterpriseCode, name, role: 'legal_representative' });
    expect(it.told).toEqual([[who.id, 'organisation_approved']]);
    expect(it.events.map(({ type, actor }) => [type, actor.kind])).toEqual([
      ['organisation.applied', 'subscriber'],
      ['organisation.approved', 'system'],
    ]);
    expect(it.events[0]!.detail).toMatchObject({
      ...{ organisation: enterpriseCode, authenticationLevel: 2, strong: true, policy: ASSURANCE_POLICY.version },
    });
  });

  test('has level 2, has proven it strongly and lately, and writes a code', async () => {
    const it = office();
    const [one, low] = [await it.someone(), await it.someone(1)];
    const enterprise = it.says(anEnterprise([listed(one), listed(low)]));
    const code = enterprise.enterpriseCode;
    expect(await it.apply(low, code)).toEqual({ applied: false, reason: 'level' });
    const [password, card] = await one.proofs();
    const old = (proof: Proof): Proof => ({ ...proof, at: proof.at - 16 * MINUTE });
    for (const proofs of [
      [],
      [password!],
      [old(password!), old(card!)],
      [password!, { ...card!, authenticatorId: newId() }],
    ])
      expect(await it.organisations.apply(await one.now(), { code, proofs })).toEqual({
        applied: false,
        reason: 'step_up',
      });
    for (const typed of ['', '12', '00000000190', '0000000019-1', 'x'.repeat(900)])
      expect(await it.apply(one, typed)).toEqual({ applied: false, reason: 'malformed' });
    const spaced = `${code.slice(0, 4)} ${code.slice(4)}`;
    expect((await it.apply(one, spaced)).applied).toBe(true);
    expect(await it.apply(one, code)).toEqual({ applied: false, reason: 'open_already' });
  });

  test('a stranger, or a representative of another organisation, is refused and learns nothing of how it stands', async () => {
    const it = office();
    const { enterprise } = await aSole(it);
    const { who: other } = await aSole(it);
    const gone = it.says(anEnterprise([], 'dissolved'));
    for (const one of [enterprise, gone]) {
      const id = await it.applied(other, one);
      expect(await it.stateOf(other, id)).toBe('not_representative');
      const found = await it.organisations.application(await other.now(), id);
      expect(JSON.stringify(found)).not.toContain(one.name);
      expect(await it.organisations.actsFor(other.id, one.enterpriseCode)).toBeUndefined();
    }
  });

  test.each(['dissolved', 'suspended'] as const)('one that is %s is refused', async (status) => {
    const it = office();
    const who = await it.someone();
    const id = await it.applied(who, it.says(anEnterprise([listed(who)], status)));
    expect(await it.stateOf(who, id)).toBe(status);
  });

  test('is locked meanwhile: refused when it is looked at', async () => {
    const it = office();
    const who = await it.someone();
    const done = await it.apply(who, it.says(anEnterprise([listed(who)])).enterpriseCode);
    await it.subscribers.lock(who.id, 'security_suspected', system);
    await it.work();
    expect(done.applied && (await it.stateOf(who, done.id))).toBe('level');
  });

  test('tries again and again: ten a day', async () => {
    const it = office();
    const who = await it.someone();
    for (let n = 0; n < 10; n += 1) await it.applied(who, anEnterprise([]));
    expect(await it.apply(who, '0000000019')).toEqual({ applied: false, reason: 'too_many' });
    it.clock.advance(DAY + 1);
    expect((await it.apply(who, '0000000019')).applied).toBe(true);
  });
});

describe('the register', () => {
  test('is silent: the application waits, however long, and is decided when it speaks', async () => {
    const it = office();
    const who = await it.someone();
    it.registry.behave('busy');
    const id = await it.applied(who, it.says(anEnterprise([listed(who)])));
    expect(await it.stateOf(who, id)).toBe('register');
    for (let n = 0; n < 12; n += 1) {
      it.clock.advance(15 * MINUTE);
      await it.work();
    }
    expect(await it.stateOf(who, id)).toBe('register');
    it.registry.behave('well');
    it.clock.advance(15 * MINUTE);
    await it.work();
    expect(await it.stateOf(who, id)).toBe('APPROVED');
  });

  test('does not know it: three working days become fifteen, it is asked once a day, and refused then', async () => {
    const it = office();
    const [who, late] = [await it.someone(), await it.someone()];
    const unknown = anEnterprise([listed(who)]);
    const id = await it.applied(who, unknown);
    const { dueAt } = (await it.organisations.application(await who.now(), id))!;
    expect((dueAt.getTime() - it.clock.now().getTime()) / 1000 / DAY).toBeGreaterThan(15);
    const entered = anEnterprise([listed(late)]);
    const other = await it.applied(late, entered);
    expect([await it.stateOf(who, id), await it.stateOf(late, other)]).toEqual(['registration', 'registration']);
    it.clock.advance(DAY);
    it.says(entered);
    await it.work();
    expect(await it.stateOf(late, other)).toBe('APPROVED');
    for (let day = 0; day < 16; day += 1) {
      it.clock.advance(DAY);
      await it.work();
    }
    expect(await it.stateOf(who, id)).toBe('not_in_register');
  });
});

describe('where there are several legal representatives', () => {
  test('one alone acts for nothing; with the consent of the other they do, and the other does not', async () => {
    const it = office();
    const { first, second, enterprise, id } = await aPair(it);
    expect(await it.stateOf(first, id)).toBe('consents');
    expect(await it.organisations.actsFor(first.id, enterprise.enterpriseCode)).toBeUndefined();
    expect(it.told).toEqual([[second.id, 'organisation_consent_asked']]);
    expect((await it.organisations.asking(await second.now())).map((one) => one.id)).toEqual([id]);
    expect(await it.answer(second, id)).toEqual({ answered: true });
    await it.work();
    expect(await it.stateOf(first, id)).toBe('APPROVED');
    expect(await it.organisations.actsFor(first.id, enterprise.enterpriseCode)).toBeDefined();
    expect(await it.organisations.actsFor(second.id, enterprise.enterpriseCode)).toBeUndefined();
    // It is decided within three working days of the last consent.
    expect(
      it.events.some(({ type, subscriberId }) => type === 'organisation.consented' && subscriberId === second.id),
    ).toBe(true);
  });

  test('nobody else consents: not the applicant, a stranger, another’s representative, one of level 1, without a strong proof', async () => {
    const it = office();
    const { first, second, id } = await aPair(it);
    const { who: other } = await aSole(it);
    for (const who of [first, other, await it.someone()])
      expect(await it.answer(who, id)).toEqual({ answered: false, reason: 'unknown' });
    for (const made of [newId(), '', "'; DROP TABLE organisations; --"])
      expect(await it.answer(second, made)).toEqual({ answered: false, reason: 'unknown' });
    const [password] = await second.proofs();
    expect(await it.organisations.answer(await second.now(), id, { answer: 'given', proofs: [password!] })).toEqual({
      ...{ answered: false, reason: 'step_up' },
    });
    await fresh.database.execute(sql`UPDATE subscribers SET reproofing_required_since = now() WHERE id = ${second.id}`);
    expect(await it.answer(second, id)).toEqual({ answered: false, reason: 'level' });
    await it.work();
    expect(await it.stateOf(first, id)).toBe('consents');
  });

  test('a consent of somebody who is locked by the time of the decision does not count', async () => {
    const it = office();
    const { first, second, id } = await aPair(it);
    expect((await it.answer(second, id)).answered).toBe(true);
    const lock = await it.subscribers.lock(second.id, 'security_suspected', { kind: 'operator', id: newId() });
    await it.work();
    expect(await it.stateOf(first, id)).toBe('consents');
    await it.subscribers.unlock(second.id, lock.id, { kind: 'operator', id: newId() });
    it.clock.advance(DAY);
    await it.work();
    expect(await it.stateOf(first, id)).toBe('APPROVED');
  });

  test('a consent is given once and stays; who declines ends it', async () => {
    const it = office();
    const { first, second, id } = await aPair(it);
    expect(await it.answer(second, id, 'declined')).toEqual({ answered: true });
    expect(await it.answer(second, id)).toEqual({ answered: false, reason: 'unknown' });
    await it.work();
    expect(await it.stateOf(first, id)).toBe('declined');
    expect(it.told.at(-1)).toEqual([first.id, 'organisation_refused']);
  });

  test('without an answer for thirty days it is refused', async () => {
    const it = office();
    const { first, id } = await aPair(it);
    for (let day = 0; day < 31; day += 1) {
      it.clock.advance(DAY);
      await it.work();
    }
    expect(await it.stateOf(first, id)).toBe('no_consent');
  });

  test('who is listed meanwhile is asked too, and who is listed no more is not waited for', async () => {
    const it = office();
    const { first, second, enterprise, id } = await aPair(it);
    const third = await it.someone();
    it.says({ ...enterprise, representatives: [listed(first), listed(second), listed(third, 'head')] });
    expect((await it.answer(second, id)).answered).toBe(true);
    await it.work();
    expect(await it.stateOf(first, id)).toBe('consents');
    expect((await it.organisations.asking(await third.now())).map((one) => one.id)).toEqual([id]);
    it.says({ ...enterprise, representatives: [listed(first), listed(second)] });
    it.clock.advance(DAY);
    await it.work();
    expect(await it.stateOf(first, id)).toBe('APPROVED');
  });

  test('an authorised person needs the consent of the legal representative, and nobody needs theirs', async () => {
    const it = office();
    const [boss, clerk] = [await it.someone(), await it.someone()];
    const enterprise = it.says(anEnterprise([listed(boss), listed(clerk, 'authorised')]));
    const id = await it.applied(clerk, enterprise);
    expect(await it.stateOf(clerk, id)).toBe('consents');
    const own = await it.applied(boss, enterprise);
    expect(await it.stateOf(boss, own)).toBe('APPROVED');
    await it.answer(boss, id);
    await it.work();
    expect(await it.organisations.actsFor(clerk.id, enterprise.enterpriseCode)).toMatchObject({ role: 'authorised' });
  });
});

describe('each use asks again', () => {
  test('a lock, a death or the loss of level 2 ends it at once, without anybody asking the register', async () => {
    const it = office();
    const { who, acts } = await aSole(it);
    const officer = { kind: 'operator', id: newId() } as const;
    const lock = await it.subscribers.lock(who.id, 'security_suspected', officer);
    expect(await acts()).toBeUndefined();
    await it.subscribers.unlock(who.id, lock.id, officer);
    expect(await acts()).toBeDefined();
    await it.subscribers.lock(who.id, 'death', system);
    expect(await acts()).toBeUndefined();
    const { who: other, acts: otherActs } = await aSole(it);
    await fresh.database.execute(sql`UPDATE subscribers SET reproofing_required_since = now() WHERE id = ${other.id}`);
    expect(await otherActs()).toBeUndefined();
  });

  test('who is listed no more acts no more once the register’s word is a quarter of an hour old; written down and told', async () => {
    const it = office();
    const { who, enterprise, acts } = await aSole(it);
    it.says({ ...enterprise, representatives: [] });
    expect(await acts()).toBeDefined();
    it.clock.advance(16 * MINUTE);
    expect(await acts()).toBeUndefined();
    expect(it.told.at(-1)).toEqual([who.id, 'organisation_ended']);
    it.says(enterprise);
    it.clock.advance(16 * MINUTE);
    // Back on the list, they apply anew: what had ended stays ended.
    expect(await acts()).toBeUndefined();
    expect((await it.organisations.representationsOf(who.id))[0]).toMatchObject({ endReason: 'left_the_list' });
    expect(await it.stateOf(who, await it.applied(who, enterprise))).toBe('APPROVED');
  });

  test('a dissolved one ends everybody’s, also where nobody uses it; a suspended one waits', async () => {
    const it = office();
    const { who, enterprise, acts } = await aSole(it);
    it.says({ ...enterprise, status: 'suspended' });
    it.clock.advance(16 * MINUTE);
    expect(await acts()).toBeUndefined();
    it.says(enterprise);
    it.clock.advance(16 * MINUTE);
    expect(await acts()).toBeDefined();
    it.says({ ...enterprise, status: 'dissolved' });
    it.clock.advance(2 * HOUR);
    while (await it.organisations.askNext());
    expect((await it.organisations.representationsOf(who.id))[0]).toMatchObject({ endReason: 'dissolved' });
    expect(await it.stateOf(who, await it.applied(who, { ...enterprise, status: 'dissolved' }))).toBe('dissolved');
  });

  test('while the register is silent its last word carries for a day, and not longer', async () => {
    const it = office();
    const { acts } = await aSole(it);
    it.registry.behave('unreachable');
    it.clock.advance(23 * HOUR);
    expect(await acts()).toBeDefined();
    it.clock.advance(2 * HOUR);
    expect(await acts()).toBeUndefined();
    it.registry.behave('well');
    expect(await acts()).toBeDefined();
  });

  test('who leaves acts no more; nobody ends another’s', async () => {
    const it = office();
    const { who, acts } = await aSole(it);
    const { who: other } = await aSole(it);
    const [mine] = await it.organisations.representationsOf(who.id);
    for (const id of [mine!.id, newId(), 'x']) expect(await it.organisations.leave(await other.now(), id)).toBe(false);
    expect(await acts()).toBeDefined();
    expect(await it.organisations.leave(await who.now(), mine!.id)).toBe(true);
    expect(await it.organisations.leave(await who.now(), mine!.id)).toBe(false);
    expect(await acts()).toBeUndefined();
    expect(await it.organisations.choices(who.id)).toEqual([]);
  });

  test('only whoever applied sees and withdraws an application, while it is open', async () => {
    const it = office();
    const { first, second, id } = await aPair(it);
    expect(await it.organisations.application(await second.now(), id)).toBeUndefined();
    expect(await it.organisations.withdraw(await second.now(), id)).toBe(false);
    expect(await it.organisations.withdraw(await first.now(), id)).toBe(true);
    expect(await it.organisations.withdraw(await first.now(), id)).toBe(false);
    expect(await it.answer(second, id)).toEqual({ answered: false, reason: 'unknown' });
    await it.work();
    expect(await it.stateOf(first, id)).toBe('WITHDRAWN');
  });
});

describe('invariant 4, in the database: no way of writing goes round it', () => {
  const begin = (organisationId: string, who: string, applicationId: string) => ({
    statement: sql`INSERT INTO organisation_representations (id, organisation_id, subscriber_id, application_id, role, began_at)
      VALUES (${newId()}, ${organisationId}, ${who}, ${applicationId}, 'legal_representative', now())`,
  });
  const refused = (writes: Parameters<typeof writeTogether>[1]) =>
    expect(writeTogether(fresh.database, writes)).rejects.toMatchObject({ code: 'SL003' });

  test('without the consent of every other representative, without level 2, for another’s application', async () => {
    const it = office();
    const { first, second, enterprise, id } = await aPair(it);
    const organisationId = newId();
    const { enterpriseCode, name } = enterprise;
    await writeTogether(fresh.database, [
      {
        statement: sql`INSERT INTO organisations (id, enterprise_code, name, status, as_of, asked_at, opened_at)
          VALUES (${organisationId}, ${enterpriseCode}, ${name}, 'active', now(), now(), now())`,
      },
    ]);
    const approve = {
      statement: sql`UPDATE organisation_applications SET state = 'APPROVED', decided_at = now() WHERE id = ${id}`,
    };
    await refused([approve, begin(organisationId, first.id, id)]);
    await it.answer(second, id);
    await refused([begin(organisationId, first.id, id)]);
    await refused([approve, begin(organisationId, second.id, id)]);
    const lock = await it.subscribers.lock(first.id, 'security_suspected', system);
    await refused([approve, begin(organisationId, first.id, id)]);
    await it.subscribers.unlock(first.id, lock.id, { kind: 'operator', id: newId() });
    await writeTogether(fresh.database, [approve, begin(organisationId, first.id, id)]);
    await refused([
      { statement: sql`UPDATE organisation_consents SET answer = 'declined' WHERE application_id = ${id}` },
    ]);
    await refused([{ statement: sql`UPDATE organisation_applications SET state = 'CHECKING' WHERE id = ${id}` }]);
    await refused([{ statement: sql`DELETE FROM organisation_representations WHERE application_id = ${id}` }]);
  });

  test('a consent by somebody of level 1, by the applicant, or with a weak proof', async () => {
    const it = office();
    const { first, id } = await aPair(it);
    const low = await it.someone(1);
    const give = (who: string, level = 2) => ({
      statement: sql`UPDATE organisation_consents SET answer = 'given', subscriber_id = ${who}, answered_at = now(),
        authentication_level = ${level}, strong = true, policy = 'p' WHERE application_id = ${id}`,
    });
    await refused([give(low.id)]);
    await refused([give(first.id)]);
    await expect(writeTogether(fresh.database, [give((await it.someone()).id, 1)])).rejects.toMatchObject({
      code: '23514',
    });
  });
});

test('of two workers at once one decides', async () => {
  const it = office();
  const who = await it.someone();
  const done = await it.apply(who, it.says(anEnterprise([listed(who)])).enterpriseCode);
  const both = await Promise.all([it.organisations.checkNext(), it.organisations.checkNext()]);
  expect(both.filter((one) => one === 'decided')).toHaveLength(1);
  expect(done.applied && (await it.stateOf(who, done.id))).toBe('APPROVED');
  expect((await it.organisations.representationsOf(who.id)).length).toBe(1);
});
