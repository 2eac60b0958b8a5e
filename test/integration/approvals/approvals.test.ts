import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Approvals,
  BaseChanged,
  type ChangeSubject,
  createApprovals,
  type Standing,
} from '../../../src/domain/approvals/index.ts';
import { createJournal } from '../../../src/domain/audit/index.ts';
import type { Acting, Role } from '../../../src/domain/operators/index.ts';
import type { Database } from '../../../src/platform/database.ts';
import { newId } from '../../../src/platform/ids.ts';
import { createSealer } from '../../../src/platform/sealed.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { sql } from '../../../src/platform/sql.ts';
import { fixedClock } from '../../support/clock.ts';
import { freshDatabase } from '../../support/database.ts';
import { seat } from '../../support/two-people.ts';

/** The smallest thing that changes by two people: a word with a version, and a table of those who may. */
let database: Database;
let end: () => Promise<void>;
const clock = fixedClock('2026-11-01T08:00:00Z');
let approvals: Approvals;
let findings: Awaited<ReturnType<ChangeSubject['test']>> = [];
let breaks = false;
const faults: unknown[] = [];

const words: ChangeSubject<{ name: string; word: string }> = {
  kind: 'assurance-policy',
  view: 'policy.view',
  propose: 'policy.propose',
  approve: 'policy.approve',
  parse(input) {
    const { name, word } = input as { name: string; word: string };
    if (typeof word !== 'string' || word === '')
      return { parsed: false, faults: [{ path: 'word', message: 'A word.' }] };
    return { parsed: true, subject: name, value: { name, word } };
  },
  async current(on, name) {
    const row = await on.row<{ word: string; version: number }>(
      sql`SELECT word, version FROM words WHERE name = ${name}`,
    );
    return row && { value: { name, word: row.word }, version: String(row.version) };
  },
  test: async () => findings,
  risks: (value, before) =>
    before && before.word.length > value.word.length ? [{ code: 'shorter', path: 'word' }] : [],
  async apply(transaction, { subject, value, baseVersion }) {
    if (breaks) throw new Error('it broke');
    const changed =
      baseVersion === undefined
        ? await transaction.execute(sql`INSERT INTO words (name, word, version) VALUES (${subject}, ${value.word}, 1)
            ON CONFLICT DO NOTHING`)
        : await transaction.execute(sql`UPDATE words SET word = ${value.word}, version = version + 1
            WHERE name = ${subject} AND version = ${Number(baseVersion)}`);
    if (changed === 0) throw new BaseChanged();
    await transaction.execute(sql`INSERT INTO old_words SELECT name, version, word FROM words WHERE name = ${subject}`);
  },
  async at(on, name, version) {
    const row = await on.row<{ word: string }>(
      sql`SELECT word FROM old_words WHERE name = ${name} AND version = ${Number(version)}`,
    );
    return row && { name, word: row.word };
  },
};

const hire = async (who: string, roles: Role[]): Promise<Acting> => {
  const [operatorId, person] = [newId(), who.padEnd(43, '_').slice(0, 43)];
  await database.execute(sql`INSERT INTO staff VALUES (${operatorId}, ${person}, ${roles}, 'active')`);
  const hired: Acting = { operatorId, person, name: person, office: 'nation', roles, by: 'console' };
  await seat(database, [hired]);
  return hired;
};
const strip = (one: Acting, roles: Role[]) =>
  database.execute(sql`UPDATE staff SET roles = ${roles} WHERE id = ${one.operatorId}`);

let mai: Acting;
let binh: Acting;

beforeAll(async () => {
  ({ database, end } = await freshDatabase());
  await database.execute(sql`CREATE TABLE words (name text PRIMARY KEY, word text, version int)`);
  await database.execute(sql`CREATE TABLE old_words (name text, version int, word text)`);
  await database.execute(sql`CREATE TABLE staff (id uuid PRIMARY KEY, person text, roles text[], state text)`);
  approvals = createApprovals({
    sealer: createSealer(new Secret(Buffer.alloc(32, 'approvals')), 'approvals'),
    database,
    clock,
    journal: createJournal({ database, clock }),
    subjects: [words as ChangeSubject],
    standing: async (on, ids) => {
      const rows = await on.rows<Standing & { id: string }>(
        sql`SELECT id, person, roles, state FROM staff WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
      );
      return new Map(rows.map((row) => [row.id, row]));
    },
    failed: (error) => void faults.push(error),
  });
});
afterAll(() => end());

beforeEach(async () => {
  findings = [];
  breaks = false;
  faults.length = 0;
  mai = await hire(`mai ${newId()}`, ['security']);
  binh = await hire(`binh ${newId()}`, ['approver']);
});

const word = async (name: string) => (await words.current(database, name))?.value.word;
const draft = async (name: string, text: string, by: Acting | 'command line' = mai) => {
  const drafted = await approvals.draft({
    kind: 'assurance-policy',
    value: { name, word: text },
    reason: 'because',
    by,
  });
  if (!drafted.drafted) throw new Error(drafted.reason);
  return drafted.request;
};
const proposed = async (name: string, text: string, by: Acting = mai, activateAt?: Date) => {
  const { id, revision } = await draft(name, text, by);
  const step = await approvals.propose(id, { revision, by, ...(activateAt ? { activateAt } : {}) });
  if (!step.done) throw new Error(step.reason);
  return step.request;
};
const approve = (request: { id: string; revision: number }, by: Acting = binh) =>
  approvals.approve(request.id, { revision: request.revision, by });
/** A new name whose word was made by two people. */
const made = async (text = 'one') => {
  const name = newId();
  await approve(await proposed(name, text));
  return name;
};

describe('a draft that nobody touches', () => {
  const DAY = 86_400;
  const state = async (id: string) => (await approvals.find(id))?.state;

  test('for 30 days is withdrawn, by nobody, and journalled; of the command line too', async () => {
    const [old, unknown] = [await draft(newId(), 'one'), await draft(newId(), 'two', 'command line')];
    clock.advance(30 * DAY - 1);
    const later = await draft(newId(), 'three');
    await approvals.expireDrafts();
    expect(await state(old.id)).toBe('draft');
    clock.advance(1);
    expect(await approvals.expireDrafts()).toBeGreaterThanOrEqual(2);
    expect(await approvals.expireDrafts()).toBe(0);
    for (const { id } of [old, unknown])
      expect(await approvals.find(id)).toMatchObject({ state: 'withdrawn', outcome: 'untouched', revision: 2 });
    expect(await state(later.id)).toBe('draft');
    const events = await createJournal({ database, clock }).query({ types: ['change.withdrawn'], limit: 50 });
    expect(events.find(({ detail }) => detail?.change === old.id)).toMatchObject({
      actor: { kind: 'system', id: 'system' },
      detail: { why: 'untouched' },
    });
    const step = await approvals.propose(old.id, { revision: 2, by: mai });
    expect(step).toMatchObject({ done: false, reason: 'not_open' });
  });

  test('begins anew when somebody says something else in it; a proposal waits as long as it takes', async () => {
    const name = newId();
    const request = await draft(name, 'one');
    const waiting = await proposed(newId(), 'two');
    clock.advance(29 * DAY);
    const amended = { value: { name, word: 'three' }, reason: 'because', revision: request.revision, by: mai };
    expect(await approvals.amend(request.id, amended)).toMatchObject({ drafted: true });
    clock.advance(29 * DAY);
    await approvals.expireDrafts();
    expect([await state(request.id), await state(waiting.id)]).toEqual(['draft', 'proposed']);
    clock.advance(DAY);
    await approvals.expireDrafts();
    expect([await state(request.id), await state(waiting.id)]).toEqual(['withdrawn', 'proposed']);
  });

  test('is withdrawn once, by however many processes', async () => {
    for (let more = 0; more < 20; more += 1) await draft(newId(), 'word');
    clock.advance(31 * DAY);
    const [one, other] = await Promise.all([approvals.expireDrafts(), approvals.expireDrafts()]);
    expect(one! + other!).toBeGreaterThanOrEqual(20);
    const events = await createJournal({ database, clock }).query({ types: ['change.withdrawn'], limit: 200 });
    const changes = events.map(({ detail }) => detail?.change);
    expect(new Set(changes).size).toBe(changes.length);
  });
});

describe('a change by two people', () => {
  test('is drafted, proposed by one, approved by another, and made', async () => {
    const name = newId();
    const request = await proposed(name, 'river');
    expect(await word(name)).toBeUndefined();
    const step = await approve(request);
    expect(step).toMatchObject({ done: true, request: { state: 'applied', decidedBy: binh.operatorId } });
    expect(await word(name)).toBe('river');
  });

  test('shows what differs, field by field, and what deserves a second look', async () => {
    const name = await made('mountain');
    const request = await draft(name, 'hill');
    expect(request.diff).toEqual([{ path: 'word', before: 'mountain', after: 'hill' }]);
    expect(request.risks).toEqual([{ code: 'shorter', path: 'word' }]);
  });

  test('is written to the journal step by step, by whom and how, without what it says', async () => {
    const name = newId();
    await approve(await proposed(name, 'secretive'));
    const entries = await createJournal({ database, clock }).query({ limit: 4 });
    expect(entries.map(({ type }) => type)).toEqual([
      'change.applied',
      'change.approved',
      'change.proposed',
      'change.drafted',
    ]);
    expect(entries[1]).toMatchObject({ actor: { kind: 'operator', id: binh.operatorId }, detail: { way: 'console' } });
    expect(JSON.stringify(entries)).not.toContain('secretive');
  });

  test('that says what is so already is no draft', async () => {
    const name = await made('same');
    const again = { kind: 'assurance-policy', value: { name, word: 'same' }, reason: 'why', by: mai } as const;
    expect(await approvals.draft(again)).toEqual({ drafted: false, reason: 'same' });
  });

  test('with faults is no draft, and every fault is told', async () => {
    const wish = { kind: 'assurance-policy', value: { name: 'x', word: '' }, reason: ' ', by: mai } as const;
    expect(await approvals.draft(wish)).toMatchObject({
      drafted: false,
      reason: 'faulty',
      faults: [{ path: 'word' }, { path: 'reason' }],
    });
  });

  test('that fails its test is not proposed; a warning does not stand in the way', async () => {
    const name = newId();
    const { id, revision } = await draft(name, 'bad key');
    findings = [{ level: 'error', path: 'word', message: 'not usable' }];
    expect(await approvals.propose(id, { revision, by: mai })).toMatchObject({
      done: false,
      reason: 'faulty',
      findings,
    });
    findings = [{ level: 'warning', path: 'word', message: 'soon old' }];
    expect(await approvals.propose(id, { revision, by: mai })).toMatchObject({ done: true, request: { findings } });
  });

  test('that fails its test only now is not approved', async () => {
    const request = await proposed(newId(), 'gone meanwhile');
    findings = [{ level: 'error', path: 'word', message: 'gone' }];
    expect(await approve(request)).toMatchObject({ done: false, reason: 'faulty' });
    findings = [];
    expect(await approve(request)).toMatchObject({ done: true });
  });

  test('can be refused with a note, by another only, and then is over', async () => {
    const request = await proposed(newId(), 'no');
    const { id, revision } = request;
    const both = await hire(mai.person, ['approver']);
    expect(await approvals.refuse(id, { revision, by: both })).toMatchObject({ reason: 'own_proposal' });
    const step = await approvals.refuse(id, { revision, by: binh, note: 'too early' });
    expect(step).toMatchObject({ done: true, request: { state: 'refused', note: 'too early' } });
    expect(await approve(step.done ? step.request : request)).toMatchObject({ done: false, reason: 'not_open' });
  });

  test('can be taken back before it is made, scheduled or not', async () => {
    const later = new Date(clock.now().getTime() + 3_600_000);
    const step = await approve(await proposed(newId(), 'wait', mai, later));
    const { id, revision } = step.done ? step.request : expect.fail();
    expect(await approvals.withdraw(id, { revision, by: mai })).toMatchObject({ request: { state: 'withdrawn' } });
  });
});

describe('one person alone', () => {
  test('approves nothing through a program that was not given the role, though they have it', async () => {
    const request = await proposed(newId(), 'narrow');
    const narrow: Acting = { ...binh, by: 'api', roles: ['auditor'] };
    expect(await approve(request, narrow)).toEqual({ done: false, reason: 'forbidden' });
    const { id, revision } = request;
    expect(await approvals.refuse(id, { revision, by: narrow })).toEqual({ done: false, reason: 'forbidden' });
  });

  test('does not approve their own proposal, with every role', async () => {
    const name = newId();
    const all = await hire(`all ${newId()}`, ['security', 'approver', 'sysadmin', 'rp_admin']);
    const mine = await proposed(name, 'mine', all);
    expect(await approve(mine, all)).toEqual({ done: false, reason: 'own_proposal' });
    expect(await word(name)).toBeUndefined();
    // The try is written down, although nothing else of it is left; and so is one without the role.
    const told = () => createJournal({ database, clock }).query({ types: ['operator.refused'], limit: 1 });
    const actor = (one: Acting) => ({ kind: 'operator', id: one.operatorId });
    expect(await told()).toMatchObject([{ actor: actor(all), detail: { why: 'own_proposal', change: mine.id } }]);
    expect(await approve(mine, mai)).toMatchObject({ reason: 'forbidden' });
    expect(await told()).toMatchObject([{ actor: actor(mai), detail: { why: 'permission', change: mine.id } }]);
  });

  test('does not approve it under a second account either', async () => {
    const name = newId();
    const second = await hire(mai.person, ['approver']);
    expect(await approve(await proposed(name, 'mine'), second)).toEqual({ done: false, reason: 'own_proposal' });
  });

  test('does not approve what they wrote and another put forward: drafted or amended once, under whatever account', async () => {
    const name = newId();
    const [all, eve] = [
      await hire(`all ${newId()}`, ['security', 'approver']),
      await hire(`eve ${newId()}`, ['security']),
    ];
    const second = await hire(all.person, ['approver']);
    const handOn = async ({ id, revision }: { id: string; revision: number }, by: Acting) => {
      const step = await approvals.propose(id, { revision, by });
      return step.done ? step.request : expect.fail();
    };
    const amend = async ({ id, revision }: { id: string; revision: number }, by: Acting, text: string) => {
      const made = await approvals.amend(id, { value: { name, word: text }, reason: 'because', revision, by });
      return made.drafted ? made.request : expect.fail();
    };
    const drafted = await handOn(await draft(name, 'drafted', all), mai);
    for (const by of [all, second]) expect(await approve(drafted, by)).toEqual({ done: false, reason: 'own_proposal' });
    const { id, revision } = drafted;
    expect(await approvals.refuse(id, { revision, by: second })).toMatchObject({ reason: 'own_proposal' });
    const theirs = await amend(await amend(drafted, eve, 'hers'), mai, 'hers and mine');
    expect(theirs.amendedBy).toEqual([eve.operatorId, mai.operatorId]);
    // Whoever drafted it knows what may still stand in it.
    expect(await approve(await handOn(theirs, mai), all)).toEqual({ done: false, reason: 'own_proposal' });

    const other = await draft(name, 'by an unknown hand', 'command line');
    const amended = await handOn(await amend(await amend(other, all, 'with mine'), mai, 'with mine too'), mai);
    for (const by of [all, second]) expect(await approve(amended, by)).toEqual({ done: false, reason: 'own_proposal' });
    expect(await word(name)).toBeUndefined();
    // Nor with SQL, nor by taking their name out of it first.
    const apply = (of: string, by: Acting) =>
      database.execute(sql`UPDATE change_requests SET state = 'applied', revision = revision + 1, approver = ${by.operatorId},
        approver_person = ${by.person}, decided_at = now(), applied_at = now() WHERE id = ${of}`);
    for (const of of [amended.id, await handOn(await draft(name, 'again', all), mai).then((one) => one.id)])
      await expect(apply(of, all)).rejects.toMatchObject({
        code: 'SL003',
        message: expect.stringContaining('own words'),
      });
    await expect(
      database.execute(
        sql`UPDATE change_requests SET amended_by = '{}', revision = revision + 1 WHERE id = ${amended.id}`,
      ),
    ).rejects.toMatchObject({ code: 'SL003' });
    expect(await approve(amended)).toMatchObject({ done: true });
  });

  test('does not approve it through an API client that acts for them', async () => {
    const all = await hire(`all ${newId()}`, ['security', 'approver']);
    const request = await proposed(newId(), 'mine', all);
    expect(await approve(request, { ...all, by: 'api', clientId: 'bot' })).toMatchObject({ reason: 'own_proposal' });
  });

  test('gains nothing by claiming to be another person: the person is read from the database', async () => {
    const all = await hire(`all ${newId()}`, ['security', 'approver']);
    const request = await proposed(newId(), 'mine', all);
    expect(await approve(request, { ...all, person: 'somebody else' })).toMatchObject({ reason: 'own_proposal' });
  });

  test('without the role neither drafts, proposes nor approves, whatever the session says', async () => {
    const nobody = await hire(`nobody ${newId()}`, []);
    const wish = { kind: 'assurance-policy', value: { name: 'x', word: 'y' }, reason: 'why' } as const;
    expect(await approvals.draft({ ...wish, by: nobody })).toMatchObject({ reason: 'forbidden' });
    const liar: Acting = { ...nobody, roles: ['security', 'approver'] };
    const { id, revision } = await draft(newId(), 'text');
    expect(await approvals.propose(id, { revision, by: liar })).toMatchObject({ reason: 'forbidden' });
    expect(await approve(await proposed(newId(), 'text'), liar)).toMatchObject({ reason: 'forbidden' });
  });

  test('at the command line can only draft: an operator makes it their own, another approves', async () => {
    const name = newId();
    const { id, revision } = await draft(name, 'from a file', 'command line');
    expect(await approve({ id, revision })).toMatchObject({ reason: 'not_open' });
    const step = await approvals.propose(id, { revision, by: mai });
    expect(step.done && (await approve(step.request))).toMatchObject({ done: true });
    expect(await word(name)).toBe('from a file');
  });

  test('with SQL cannot make a request that counts as approved', async () => {
    const { id } = await proposed(newId(), 'sql');
    const attempts = [
      sql`UPDATE change_requests SET state = 'applied', applied_at = now(), revision = revision + 1 WHERE id = ${id}`,
      sql`UPDATE change_requests SET state = 'applied', applied_at = now(), revision = revision + 1,
        approver = proposer, approver_person = proposer_person WHERE id = ${id}`,
      sql`UPDATE change_requests SET state = 'applied', applied_at = now(), revision = revision + 1,
        approver = gen_random_uuid(), approver_person = proposer_person WHERE id = ${id}`,
      sql`UPDATE change_requests SET after = '{}', revision = revision + 1 WHERE id = ${id}`,
      sql`UPDATE change_requests SET proposer_person = 'x', revision = revision + 1 WHERE id = ${id}`,
      sql`INSERT INTO change_requests (id, kind, subject, state, after, reason, drafted_by, drafted_at, proposer,
        proposer_person, proposed_at, approver, approver_person, decided_at, applied_at)
        VALUES (gen_random_uuid(), 'client', 'x', 'applied', '{}', 'r', 'me', now(), gen_random_uuid(), 'a', now(),
        gen_random_uuid(), 'b', now(), now())`,
      sql`DELETE FROM change_requests WHERE id = ${id}`,
    ];
    for (const attempt of attempts) await expect(database.execute(attempt)).rejects.toThrow();
  });

  test('with SQL cannot make two people up, nor lend an operator another person', async () => {
    const { id } = await draft(newId(), 'made up', 'command line');
    const propose = (proposer: string, person: string) =>
      database.execute(sql`UPDATE change_requests SET state = 'proposed', revision = revision + 1, proposer = ${proposer},
        proposer_person = ${person}, proposed_at = now() WHERE id = ${id}`);
    const apply = (approver: string, person: string) =>
      database.execute(sql`UPDATE change_requests SET state = 'applied', revision = revision + 1, approver = ${approver},
        approver_person = ${person}, decided_at = now(), applied_at = now() WHERE id = ${id}`);
    const refused = { code: 'SL003' };
    const gone = await hire(`gone ${newId()}`, ['approver']);
    await database.execute(sql`UPDATE operators SET state = 'suspended' WHERE id = ${gone.operatorId}`);
    const invented = [newId(), 'nobody'] as const;
    const pairs = [invented, [mai.operatorId, 'nobody'], [gone.operatorId, gone.person]] as const;
    for (const [who, person] of pairs) await expect(propose(who, person)).rejects.toMatchObject(refused);
    expect(await propose(mai.operatorId, mai.person)).toBe(1);
    for (const [who, person] of pairs) await expect(apply(who, `${person} `)).rejects.toMatchObject(refused);
    for (const [who, person] of [invented, [gone.operatorId, gone.person]] as const)
      await expect(apply(who, person)).rejects.toMatchObject(refused);
    expect(await approvals.find(id)).toMatchObject({ state: 'proposed' });
  });
});

describe('what was agreed on is what is made', () => {
  test('a draft of an older state is stale when it is proposed', async () => {
    const name = await made('one');
    const old = await draft(name, 'two');
    await approve(await proposed(name, 'three'));
    expect(await approvals.propose(old.id, { revision: old.revision, by: mai })).toMatchObject({ reason: 'stale' });
    expect(await word(name)).toBe('three');
  });

  test('a proposal against an older state is set aside when it is approved', async () => {
    const name = await made('one');
    const old = await proposed(name, 'two');
    await approve(await proposed(name, 'three'));
    expect(await approve(old)).toMatchObject({ done: false, reason: 'stale' });
    expect(await approvals.find(old.id)).toMatchObject({ state: 'stale', outcome: 'base_changed' });
    expect(await word(name)).toBe('three');
  });

  test('what was amended while the approver read it is not approved', async () => {
    const name = newId();
    const read = await proposed(name, 'harmless');
    const { id, revision } = read;
    const amended = await approvals.amend(id, { value: { name, word: 'harmful' }, reason: 'r', revision, by: mai });
    expect(amended).toMatchObject({ drafted: true, request: { state: 'draft' } });
    expect(await approve(read)).toMatchObject({ done: false });
    const again = amended.drafted ? amended.request : expect.fail();
    expect(await approve(again)).toMatchObject({ done: false, reason: 'not_open' });
    expect(await word(name)).toBeUndefined();
  });

  test('nor is it when it was proposed again meanwhile: the approver looks once more', async () => {
    const name = newId();
    const read = await proposed(name, 'harmless');
    const wish = { value: { name, word: 'harmful' }, reason: 'r', revision: read.revision, by: mai };
    const amended = await approvals.amend(read.id, wish);
    const { id, revision } = amended.drafted ? amended.request : expect.fail();
    const again = await approvals.propose(id, { revision, by: mai });
    expect(again).toMatchObject({ done: true });
    expect(await approve(read)).toEqual({ done: false, reason: 'changed' });
    expect(await approvals.refuse(read.id, { revision: read.revision, by: binh })).toMatchObject({ reason: 'changed' });
    expect(await word(name)).toBeUndefined();
    expect(await approve(again.done ? again.request : read)).toMatchObject({ done: true });
  });

  test('an amendment cannot turn it to something else', async () => {
    const { id, revision } = await draft(newId(), 'one');
    const wish = { value: { name: newId(), word: 'one' }, reason: 'r', revision, by: mai };
    expect(await approvals.amend(id, wish)).toEqual({ drafted: false, reason: 'changed' });
  });

  test('what was approved for later cannot be amended', async () => {
    const name = newId();
    const later = new Date(clock.now().getTime() + 3_600_000);
    const step = await approve(await proposed(name, 'later', mai, later));
    const { id, revision } = step.done ? step.request : expect.fail();
    const wish = { value: { name, word: 'other' }, reason: 'r', revision, by: mai };
    expect(await approvals.amend(id, wish)).toMatchObject({ drafted: false, reason: 'not_open' });
    expect(await approve({ id, revision })).toMatchObject({ reason: 'not_open' });
  });

  test('twenty approvals at once make it once', async () => {
    const name = await made('one');
    const request = await proposed(name, 'two');
    const others = await Promise.all(Array.from({ length: 20 }, () => hire(newId(), ['approver'])));
    const steps = await Promise.all(others.map((other) => approve(request, other)));
    expect(steps.filter(({ done }) => done)).toHaveLength(1);
    expect((await words.current(database, name))?.version).toBe('2');
  });

  test('of two proposals against the same state that are approved at once one is made', async () => {
    const name = await made('one');
    const both = [await proposed(name, 'two'), await proposed(name, 'three')];
    const steps = await Promise.all(both.map((request) => approve(request)));
    expect(steps.filter(({ done }) => done)).toHaveLength(1);
    expect((await words.current(database, name))?.version).toBe('2');
  });

  test('an approver whose role is taken away while they approve does not approve', async () => {
    const name = newId();
    const request = await proposed(name, 'late');
    // The other administrator is in the middle of taking it away: the approval waits, and then sees it.
    let commit = (): void => {};
    const waits = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let hold = (): void => {};
    const held = new Promise<void>((resolve) => {
      hold = resolve;
    });
    const taking = database.transaction(async (transaction) => {
      await transaction.execute(sql`UPDATE staff SET roles = '{}' WHERE id = ${binh.operatorId}`);
      hold();
      await waits;
    });
    await held;
    const approving = approve(request);
    await new Promise((resolve) => setTimeout(resolve, 150));
    commit();
    await taking;
    expect(await approving).toEqual({ done: false, reason: 'forbidden' });
    expect(await word(name)).toBeUndefined();
  });

  test('a proposal whose proposer has lost the role is set aside when it is approved', async () => {
    const request = await proposed(newId(), 'orphan');
    await strip(mai, []);
    expect(await approve(request)).toMatchObject({ reason: 'stale' });
    expect(await approvals.find(request.id)).toMatchObject({ state: 'stale', outcome: 'proposer_lost_role' });
  });

  test('a change that cannot be made leaves nothing behind, and can be approved again', async () => {
    const name = newId();
    const request = await proposed(name, 'broken');
    breaks = true;
    await expect(approve(request)).rejects.toThrow('it broke');
    expect(await approvals.find(request.id)).toMatchObject({ state: 'proposed', revision: request.revision });
    breaks = false;
    expect(await approve(request)).toMatchObject({ done: true });
  });
});

describe('at its time', () => {
  const inAnHour = () => new Date(clock.now().getTime() + 3_600_000);

  test('an approved change waits, and is made once by whoever looks first', async () => {
    const name = newId();
    const step = await approve(await proposed(name, 'timed', mai, inAnHour()));
    expect(step).toMatchObject({ done: true, request: { state: 'scheduled' } });
    expect(await approvals.activateDue()).toBe(0);
    clock.advance(3_600);
    await Promise.all([approvals.activateDue(), approvals.activateDue(), approvals.activateDue()]);
    expect(await words.current(database, name)).toEqual({ value: { name, word: 'timed' }, version: '1' });
    expect(await approvals.find(step.done ? step.request.id : '')).toMatchObject({ state: 'applied' });
    expect(faults).toEqual([]);
  });

  test.each([
    ['proposer', 'proposer_lost_role'],
    ['approver', 'approver_lost_role'],
  ] as const)('it is not made when its %s has lost the role since', async (who, outcome) => {
    const name = newId();
    const step = await approve(await proposed(name, 'timed', mai, inAnHour()));
    await strip(who === 'proposer' ? mai : binh, []);
    clock.advance(3_600);
    expect(await approvals.activateDue()).toBe(0);
    expect(await word(name)).toBeUndefined();
    expect(await approvals.find(step.done ? step.request.id : '')).toMatchObject({ state: 'stale', outcome });
  });

  test('it is not made when something else was made meanwhile', async () => {
    const name = await made('one');
    await approve(await proposed(name, 'timed', mai, inAnHour()));
    await approve(await proposed(name, 'sooner'));
    clock.advance(3_600);
    expect(await approvals.activateDue()).toBe(0);
    expect(await word(name)).toBe('sooner');
  });

  test('it is tested once more at its moment, and set aside when it is in order no longer', async () => {
    const name = newId();
    const step = await approve(await proposed(name, 'timed', mai, inAnHour()));
    const { id } = step.done ? step.request : await draft(name, 'never');
    const other = newId();
    clock.advance(3_600);
    findings = [{ level: 'error', path: 'word', message: 'Its key has ended.' }];
    expect(await approvals.activateDue()).toBe(0);
    expect(await word(name)).toBeUndefined();
    expect(await approvals.find(id)).toMatchObject({ state: 'stale', outcome: 'faulty' });
    const [event] = await createJournal({ database, clock }).query({ types: ['change.stale'], limit: 1 });
    expect(event?.detail).toMatchObject({ change: id, why: 'faulty', found: 'word' });
    expect(faults).toEqual([]);
    findings = [{ level: 'warning', path: 'word', message: 'It ends soon.' }];
    await approve(await proposed(other, 'timed', mai, inAnHour()));
    clock.advance(3_600);
    expect(await approvals.activateDue()).toBe(1);
    expect(await word(other)).toBe('timed');
  });

  test('one that cannot be made is told, tried again, and does not hold up the next', async () => {
    const name = newId();
    await approve(await proposed(name, 'first', mai, inAnHour()));
    clock.advance(3_600);
    breaks = true;
    expect(await approvals.activateDue()).toBe(0);
    expect(faults).toHaveLength(1);
    breaks = false;
    expect(await approvals.activateDue()).toBe(1);
    expect(await word(name)).toBe('first');
  });

  test('a time in the past, or beyond a year, is none', async () => {
    const { id, revision } = await draft(newId(), 'when');
    for (const days of [-1, 366]) {
      const activateAt = new Date(clock.now().getTime() + days * 86_400_000);
      expect(await approvals.propose(id, { revision, by: mai, activateAt })).toMatchObject({ reason: 'bad_time' });
    }
  });
});

describe('back again', () => {
  test('one click proposes what was so before, and another person approves it', async () => {
    const name = await made('before');
    const step = await approve(await proposed(name, 'after'));
    const back = await approvals.rollBack(step.done ? step.request.id : '', mai, 'it broke their sign-in');
    expect(back).toMatchObject({ done: true, request: { state: 'proposed', after: { word: 'before' } } });
    expect(await word(name)).toBe('after');
    const request = 'done' in back && back.done ? back.request : expect.fail();
    expect(await approve(request, mai)).toMatchObject({ done: false });
    await approve(request);
    expect(await word(name)).toBe('before');
  });

  test('any version can be brought back', async () => {
    const name = await made('v1');
    await approve(await proposed(name, 'v2'));
    await approve(await proposed(name, 'v3'));
    const wish = { kind: 'assurance-policy', subject: name, version: '1', reason: 'the first was best' } as const;
    const back = await approvals.restore(wish, mai);
    await approve('done' in back && back.done ? back.request : expect.fail());
    expect(await word(name)).toBe('v1');
  });

  test('what was brought back and then written over is said to bring back nothing', async () => {
    const name = await made('v1');
    await approve(await proposed(name, 'v2'));
    const wish = { kind: 'assurance-policy', subject: name, version: '1', reason: 'the first was best' } as const;
    const back = await approvals.restore(wish, mai);
    const { id, revision, restores } = 'done' in back && back.done ? back.request : expect.fail();
    expect(restores).toBe('1');
    const value = { name, word: 'something else' };
    const amended = await approvals.amend(id, { value, reason: 'really?', revision, by: mai });
    expect(amended).toMatchObject({ drafted: true, request: { after: { word: 'something else' } } });
    expect((await approvals.find(id))?.restores).toBeUndefined();
  });

  test('what was not made cannot be undone', async () => {
    const request = await proposed(newId(), 'not yet');
    expect(await approvals.rollBack(request.id, mai, 'r')).toMatchObject({ done: false, reason: 'not_open' });
  });
});

test('a list goes on where the last page ended', async () => {
  const name = newId();
  for (const text of ['a', 'b', 'c']) await draft(name, text);
  const first = await approvals.list({ subject: name, limit: 2 });
  const second = await approvals.list({ subject: name, limit: 2, before: first[1]?.number ?? 0 });
  expect([...first, ...second].map(({ after }) => (after as { word: string }).word)).toEqual(['c', 'b', 'a']);
});
