import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChangeSubject, Finding } from '../../../src/domain/approvals/index.ts';
import { ASSURANCE_POLICY, comparePolicies, type Policy, type WorthRow } from '../../../src/domain/assurance/index.ts';
import {
  type AssurancePolicies,
  createAssurancePolicies,
  createPolicyChanges,
  proposalOf,
} from '../../../src/domain/assurance-policies/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import { epochSeconds } from '../../../src/platform/clock.ts';
import { createDatabase, type Database } from '../../../src/platform/database.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { tamper } from '../../support/journal.ts';
import { type TwoPeople, twoPeople } from '../../support/two-people.ts';

const withWorth = (policy: Policy, id: string, more: Partial<WorthRow>): Policy => ({
  ...policy,
  worth: policy.worth.map((row) => (row.id === id ? { ...row, ...more } : row)),
});
const next = (version: string, more: Partial<Policy> = {}): Policy => ({ ...ASSURANCE_POLICY, version, ...more });

describe('an assurance policy', () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let database: Database;
  let policies: AssurancePolicies;
  let subject: ChangeSubject;
  let people: TwoPeople;
  const clock = fixedClock('2026-12-10T08:00:00Z');
  // A version is never taken back: each test has a database of its own.
  beforeEach(async () => {
    fresh = await freshDatabase();
    database = fresh.database;
    policies = createAssurancePolicies({ database });
    subject = createPolicyChanges({ clock, journal: createJournal({ database, clock }), policies }) as ChangeSubject;
    people = twoPeople({ database, clock, subject });
  });
  afterEach(() => fresh.end());

  const findings = async (policy: Policy): Promise<readonly Finding[]> =>
    subject.test(policy, (await subject.current(database, ''))?.value);
  const errors = async (policy: Policy): Promise<string[]> =>
    (await findings(policy)).filter(({ level }) => level === 'error').map(({ path, message }) => `${path}: ${message}`);

  test('that two people adopted stays in force under a release with a newer one, which is a proposal until they adopt it', async () => {
    expect(await policies.newerInRelease()).toBeUndefined();
    // As an earlier release left it: adopted when the one of the source was older still.
    const adopted = withWorth(next('2025-06-01'), 'sms-code', { worth: [] });
    await tamper(
      database,
      sql`INSERT INTO assurance_policies (version, policy, adopted_at, change_request_id)
        VALUES (${adopted.version}, ${JSON.stringify(adopted)}, now(), ${newId()})`,
    );
    policies.forget();
    expect(await policies.inForce()).toEqual(adopted);
    expect(await createAssurancePolicies({ database }).inForce()).toEqual(adopted);
    expect((await subject.current(database, ''))?.version).toBe('2025-06-01');
    expect(await policies.newerInRelease()).toEqual(ASSURANCE_POLICY);
    // It was never in force here, and nothing is told by its name.
    expect(await policies.version(ASSURANCE_POLICY.version)).toBeUndefined();

    const proposal = proposalOf(ASSURANCE_POLICY, adopted, clock.now());
    expect(proposal.version > ASSURANCE_POLICY.version).toBe(true);
    expect(await errors(proposal)).toEqual([]);
    expect(await people.change(proposal)).toMatchObject({ done: true });
    expect(await policies.inForce()).toEqual(proposal);
    expect(comparePolicies(proposal, ASSURANCE_POLICY, epochSeconds(clock.now()))).toEqual([]);
    expect(await policies.newerInRelease()).toBeUndefined();
    expect((await policies.versions()).map(({ version }) => version)).toEqual([proposal.version, '2025-06-01']);
  });

  test('is the one of the source until two people agree on another, which is in force at once, and journalled', async () => {
    expect(await policies.inForce()).toEqual(ASSURANCE_POLICY);
    const wanted = withWorth(next('2026-12-10'), 'sms-code', { worth: [] });
    expect(await people.change(wanted)).toMatchObject({ done: true, request: { state: 'applied' } });
    expect(await policies.inForce()).toEqual(wanted);
    const events = await createJournal({ database, clock }).query({ types: ['policy.adopted'] });
    expect(events).toMatchObject([
      {
        actor: { kind: 'operator', id: people.binh.operatorId },
        detail: { version: '2026-12-10', before: '2026-01-01.1', withdrawn: [] },
      },
    ]);
  });

  test('tells before anybody agrees what it would change for whom', async () => {
    const wanted = withWorth(next('2026-12-10', { withdrawn: ['2026-01-01.1'] }), 'sms-code', { worth: [] });
    const told = (await findings(wanted)).map(({ level, message }) => `${level}: ${message}`);
    expect(told).toContain('warning: password + SMS now reaches 1 instead of 2');
    expect(told).toContain('warning: SMS now reaches nothing instead of 1');
    expect(told).toContainEqual(expect.stringMatching(/^warning: Every token computed under 2026-01-01.1 ends, /));
    const drafted = await people.draft(wanted);
    if (!drafted.drafted) throw new Error(drafted.reason);
    expect(drafted.request.risks.map(({ code }) => code)).toEqual(['policy_harder', 'policy_withdraws']);
    expect(drafted.request.diff.length).toBeGreaterThan(0);

    await people.change(wanted);
    const back = withWorth(next('2026-12-11', { withdrawn: ['2026-01-01.1'] }), 'sms-code', { worth: ['possession'] });
    expect((await findings(back)).map(({ message }) => message)).toContain('password + SMS now reaches 2 instead of 1');
    expect(subject.risks(back, wanted)).toEqual([{ code: 'policy_easier', path: '' }]);
  });

  test('one click proposes what was so before as a version of today, and another person agrees', async () => {
    // Every way in which a version may differ from the one before it, on the same day as that.
    const combination = { ...ASSURANCE_POLICY.combinations[0]!, id: 'more', effectiveFrom: '2026-12-10' };
    const coming = { ...ASSURANCE_POLICY.worth[0]!, id: 'coming', effectiveFrom: '2027-03-01' };
    const changed = withWorth(next('2026-12-10', { withdrawn: ['2026-01-01.1'] }), 'sms-code', { worth: [] });
    const ending = withWorth(changed, 'totp', { effectiveUntil: '2027-01-31' });
    const wanted = {
      ...ending,
      worth: [...ending.worth, coming],
      combinations: [...ending.combinations, { ...combination, needs: ['possession'] as const }],
    };
    const made = await people.change(wanted);
    const differs = async () => comparePolicies(ASSURANCE_POLICY, await policies.inForce(), epochSeconds(clock.now()));
    expect(await differs()).not.toEqual([]);
    const back = await people.approvals.rollBack(made.done ? made.request.id : '', people.mai, 'too hard for many');
    const request = 'done' in back && back.done ? back.request : expect.fail(JSON.stringify(back));
    expect(request).toMatchObject({ state: 'proposed', restores: '2026-01-01.1', after: { version: '2026-12-10.1' } });
    expect((await policies.inForce()).version).toBe('2026-12-10');
    const { id, revision } = request;
    expect(await people.approvals.approve(id, { revision, by: people.mai })).toMatchObject({ done: false });
    expect(await people.approvals.approve(id, { revision, by: people.binh })).toMatchObject({ done: true });
    expect(await differs()).toEqual([]);
    // What was withdrawn stays so, and no row has gone.
    const now = await policies.inForce();
    expect(now.withdrawn).toEqual(['2026-01-01.1']);
    expect(now.worth.find((row) => row.id === 'coming')).toMatchObject({ effectiveUntil: '2026-12-09' });

    // And the way back from the way back, a day later.
    clock.advance(86_400);
    const forth = await people.approvals.rollBack(id, people.mai, 'it was right after all');
    const again = 'done' in forth && forth.done ? forth.request : expect.fail(JSON.stringify(forth));
    await people.approvals.approve(again.id, { revision: again.revision, by: people.binh });
    expect((await policies.inForce()).version).toBe('2026-12-11');
    expect(comparePolicies(wanted, await policies.inForce(), epochSeconds(clock.now()))).toEqual([]);
    clock.advance(-86_400);
  });

  test('tells from which day on', async () => {
    const wanted = withWorth(next('2026-12-10'), 'totp', { effectiveUntil: '2026-12-31' });
    expect((await findings(wanted)).map(({ message }) => message)).toContain(
      'password + TOTP from 2027-01-01 reaches 1 instead of 2',
    );
  });

  test.each<[string, string, () => Policy]>([
    ['no newer', 'version: It must be newer than 2026-01-01.1', () => next('2026-01-01.1')],
    ['older', 'version: It must be newer than 2026-01-01.1', () => next('2025-12-31')],
    [
      'without a row that the last one had',
      ': The row totp is gone',
      () => next('2026-12-10', { worth: ASSURANCE_POLICY.worth.filter(({ id }) => id !== 'totp') }),
    ],
    [
      'whose row ended long ago',
      '.effectiveUntil: It would have ended more than a day ago',
      () => withWorth(next('2026-12-10'), 'totp', { effectiveUntil: '2026-12-01' }),
    ],
    [
      'under which nobody reaches 2 one day',
      ': From 2027-01-01 on nobody reaches 2',
      () =>
        next('2026-12-10', {
          combinations: ASSURANCE_POLICY.combinations.map((row) =>
            'authenticationLevel' in row.gives && row.gives.authenticationLevel > 1
              ? { ...row, effectiveUntil: '2026-12-31' }
              : row,
          ),
        }),
    ],
    [
      'with a new row that began long ago',
      '.effectiveFrom: It would have begun more than a day ago',
      () =>
        next('2026-12-10', {
          worth: [
            ...ASSURANCE_POLICY.worth,
            {
              ...{ id: 'totp.more', proof: { kind: 'totp' }, worth: [], clause: '§1', source: 'a test' },
              effectiveFrom: '2026-12-01',
            },
          ],
        }),
    ],
  ])('%s is never proposed', async (_what, message, make) => {
    const wanted = make();
    expect((await errors(wanted)).some((one) => one.includes(message))).toBe(true);
    const drafted = await people.draft({ ...wanted, withdrawn: [] });
    if (!drafted.drafted) return expect(drafted.reason).toBe('same');
    const { id, revision } = drafted.request;
    const step = await people.approvals.propose(id, { revision, by: people.mai });
    expect(step).toMatchObject({ done: false, reason: 'faulty' });
  });

  test('may end a row yesterday, and begin one today', async () => {
    expect(await errors(withWorth(next('2026-12-10'), 'totp', { effectiveUntil: '2026-12-09' }))).toEqual([]);
    expect(await errors(withWorth(next('2026-12-10'), 'totp', { effectiveFrom: '2026-12-10' }))).toEqual([]);
  });

  test('leaves what was withdrawn withdrawn', async () => {
    await people.change(next('2026-12-10', { withdrawn: ['2026-01-01.1'] }));
    expect(await errors(next('2026-12-11'))).toEqual(['withdrawn: 2026-01-01.1 was withdrawn, and stays so.']);
  });

  test('that breaks a decision is not even drafted', async () => {
    const wanted = withWorth(next('2026-12-10'), 'sms-code', { worth: ['possession', 'unrestricted-possession'] });
    expect(await people.draft(wanted)).toMatchObject({
      ...{ drafted: false, reason: 'faulty' },
      faults: [{ message: 'SMS is never worth unrestricted-possession.' }],
    });
  });

  test('of two that were drafted against the same one, the second is stale, whichever is newer', async () => {
    const first = await people.proposed(next('2026-12-11'));
    const second = await people.proposed(next('2026-12-12'));
    const approve = ({ id, revision }: typeof first) => people.approvals.approve(id, { revision, by: people.binh });
    // At the same moment, from two connections.
    const outcomes = await Promise.all([approve(first), approve(second)]);
    expect(outcomes.filter(({ done }) => done)).toHaveLength(1);
    expect(await database.row(sql`SELECT count(*)::int AS n FROM assurance_policies`)).toEqual({ n: 1 });
  });

  describe('in the database', () => {
    const put = (policy: Policy, change: string) =>
      database.execute(sql`INSERT INTO assurance_policies (version, policy, adopted_at, change_request_id)
        VALUES (${policy.version}, ${JSON.stringify(policy)}, now(), ${change})`);

    test('is adopted by nobody alone, nor under an agreement on something else', async () => {
      await expect(put(next('2026-12-10'), newId())).rejects.toThrow('adopted by two people');
      const { id } = await people.proposed(next('2026-12-10'));
      await expect(put(next('2026-12-10'), id)).rejects.toThrow('adopted by two people');
      const made = await people.change(next('2026-12-11'));
      await expect(put(next('2026-12-12'), made.done ? made.request.id : '')).rejects.toThrow('adopted by two people');
      await expect(put(next('2026-12-10'), newId())).rejects.toThrow('an older assurance policy');
    });

    test('is never changed, taken out or replaced', async () => {
      await people.change(next('2026-12-10'));
      for (const statement of [
        sql`UPDATE assurance_policies SET adopted_at = now()`,
        sql`DELETE FROM assurance_policies`,
        sql`TRUNCATE assurance_policies`,
      ]) {
        await expect(database.execute(statement)).rejects.toThrow('append-only');
      }
    });
  });

  describe('followed by other processes', () => {
    let other: Database;
    let there: AssurancePolicies;
    beforeEach(() => {
      other = createDatabase({ url: fresh.url, poolSize: 2 });
      there = createAssurancePolicies({ database: other });
    });
    afterEach(() => other.close());

    test('within two seconds, without a statement for each decision', async () => {
      const stop = await there.watch();
      expect(await there.inForce()).toEqual(ASSURANCE_POLICY);
      const statements = other.statements;
      for (let time = 0; time < 200; time += 1) await there.inForce();
      expect(other.statements - statements).toBeLessThan(3);
      await people.change(next('2026-12-10'));
      const agreed = performance.now();
      await eventually(async () => (await there.inForce()).version).toBe('2026-12-10');
      expect(performance.now() - agreed).toBeLessThan(2_000);
      await stop();
    });

    test('one that does not follow asks again within two seconds, and one without a database decides nothing', async () => {
      expect(await there.inForce()).toEqual(ASSURANCE_POLICY);
      await people.change(next('2026-12-10'));
      await eventually(async () => (await there.inForce()).version).toBe('2026-12-10');
      const lost = createDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' });
      try {
        await expect(createAssurancePolicies({ database: lost }).inForce()).rejects.toMatchObject({
          code: 'database.unavailable',
        });
      } finally {
        await lost.close();
      }
    });

    test('a version that cannot be read decides nothing, rather than an old one', async () => {
      // As a later release might write it, with a facet that this one does not know.
      const unknown = { ...next('2026-12-10'), worth: [{ ...ASSURANCE_POLICY.worth[0], worth: ['palm'] }] };
      await database.execute(sql`ALTER TABLE assurance_policies DISABLE TRIGGER policy_goes_on`);
      await put(unknown);
      await expect(there.inForce()).rejects.toMatchObject({ code: 'policy.unreadable' });
    });
    const put = (policy: object) =>
      database.execute(sql`INSERT INTO assurance_policies (version, policy, adopted_at, change_request_id)
        VALUES ('2026-12-10', ${JSON.stringify(policy)}, now(), ${newId()})`);
  });
});
