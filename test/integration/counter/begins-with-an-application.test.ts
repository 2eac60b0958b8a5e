import { afterAll, beforeAll, expect, test } from 'vitest';
import { newReference } from '../../../src/domain/applications/index.ts';
import type { Proofing } from '../../../src/domain/proofing/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { type Sql, sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import { aCapture, allFound, anOfficer, type Seat } from '../../support/counter.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { anApplicant, aProofing } from '../../support/people.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// Invariant 1 (domain model 8c), for the database: a record of somebody who decides at counters raises nobody without an application
// that they have approved with it, and a record of anybody else raises nobody but the invented people of a sandbox.
let server: TestServer;
let officer: Seat;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
});
afterAll(() => server?.end());

const refused = { code: 'SL002', message: expect.stringContaining('begins with an application') };
const system = { kind: 'system' } as const;
const who = PERSONAS.find(({ id }) => id === 'level-1')!;
const account = async () => (await server.app.parts.subscribers.locate(who.identityNumber))!;
const byOfficer = (changes: Partial<Proofing> = {}) =>
  aProofing({ officer: officer.operator.operatorId, decidedAt: new Date(), ...changes });

async function raised(proofing: Proofing): Promise<void> {
  const { subscribers } = server.app.parts;
  const person = who.person as Parameters<typeof subscribers.upgrading>[1]['person'];
  const raising = { person, proofing, cardUntil: undefined, by: system, decided: {} };
  await writeTogether(server.database, await subscribers.upgrading(await account(), raising));
}

/** Level 1 as before, by hand. */
const lowered = async () =>
  server.database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(
      sql`UPDATE subscribers SET account_level = 1, proofing_id = NULL WHERE id = ${(await account()).id}`,
    );
  });

test('no record of an officer raises an account, or opens one at level 2, before an application was approved', async () => {
  await expect(raised(byOfficer())).rejects.toMatchObject(refused);
  const { subscribers } = server.app.parts;
  const opening = subscribers.register(anApplicant(), { by: system, proofing: byOfficer() });
  await expect(opening).rejects.toMatchObject(refused);
  expect(await account()).toMatchObject({ accountLevel: 1 });
});

test('nor does any record of a person who is not invented, whoever it names', async () => {
  const { subscribers } = server.app.parts;
  for (const proofing of [aProofing(), byOfficer()]) {
    const real = anApplicant({ test: false, identityNumber: '001190000011' });
    const opening = subscribers.register(real, { by: system, proofing });
    await expect(opening).rejects.toMatchObject(refused);
  }
});

test('an application raises once, with the record that it ended in', async () => {
  const before = byOfficer();
  const ready = await allFound(server, officer, who);
  await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
  expect(await account()).toMatchObject({ accountLevel: 2 });
  await checkInvariants(server.database, server.app);

  const record = (await server.app.parts.subscribers.proofing((await account()).id))!;
  const { decidedAt } = record;
  await lowered();
  // Of before it was handed in, of after it was decided, or of another officer than the one who decided.
  for (const proofing of [
    before,
    byOfficer({ decidedAt: new Date() }),
    byOfficer({ decidedAt, officer: (await anOfficer(server, ['intake'])).operator.operatorId }),
    byOfficer({ decidedAt, faceMatched: false, overridden: 'face_match', secondOfficer: newId() }),
  ])
    await expect(raised(proofing)).rejects.toMatchObject(refused);
  expect(await account()).toMatchObject({ accountLevel: 1 });
});

test('what the record says was overridden, and what matched, is what the application came to', async () => {
  const second = await anOfficer(server, ['approver']);
  const counter = server.app.parts.counter!;
  const page = await allFound(server, officer, who, { capture: aCapture('WORN') });
  const id = /counter\/([0-9a-f-]{36})/.exec(page.url)?.[1] ?? '';
  const open = async () => (await counter.find(id, officer.operator))!;
  const proposal = { check: 'fingerprint_match', ground: 'worn', statement: 'x', claim: 'own' } as const;
  expect(await counter.propose(await open(), proposal, officer.operator)).toEqual({ decided: true });
  const { shown } = (await counter.waiting(await open()))!;
  expect(await counter.confirm(await open(), shown, second.operator)).toEqual({ decided: true });
  const { decidedAt, secondOfficer } = (await server.app.parts.subscribers.proofing((await account()).id))!;
  expect(secondOfficer).toBe(second.operator.operatorId);
  await lowered();
  const ended = { decidedAt, secondOfficer: second.operator.operatorId } as const;
  const worn = byOfficer({ ...ended, fingerprintsMatched: false, overridden: 'fingerprint_match' });
  const face = byOfficer({ ...ended, faceMatched: false, overridden: 'face_match' });
  await expect(raised(face)).rejects.toMatchObject(refused);
  await raised(worn);
  expect(await account()).toMatchObject({ accountLevel: 2 });
});

test('an application begins with what was received: by no statement is one approved, bound or under way from the start', async () => {
  const { operatorId } = officer.operator;
  const begun = (state: string, further: Readonly<Record<string, Sql>> = {}) => {
    const columns = sql.join([sql``, ...Object.keys(further).map((column) => sql.raw(column))], ', ');
    const values = sql.join([sql``, ...Object.values(further)], ', ');
    return server.database.execute(sql`INSERT INTO level_2_applications (id, reference, form, state, training, policy, office,
        received_by, number_hash, received_at, due_at${columns})
      VALUES (${newId()}, ${newReference()}, 'TK01', ${state}, false, 'p', '48', ${operatorId}, sha256(convert_to(${newId()}, 'UTF8')), now(),
        now()${values})`);
  };
  const by = sql`${operatorId}::uuid`;
  const hash = sql`sha256('code')`;
  const decided = { officer: by, decided_at: sql`now()`, decided_by: by };
  const approved = { ...decided, account_id: sql`${(await account()).id}::uuid` };
  for (const [state, further] of [
    ['APPROVED', { ...approved, binding: sql`'none'` }],
    ['APPROVED', { ...approved, binding: sql`'bound'` }],
    [
      'APPROVED',
      { ...approved, binding: sql`'waiting'`, binding_hash: hash, binding_before: sql`now() + interval '1 hour'` },
    ],
    ['CHECKING', { officer: by }],
    ['CHECKING', { officer: by, proposal: hash, shown_hash: hash }],
    ['NEEDS_INFO', { officer: by, answer_before: sql`now()` }],
    ['REFUSED', { ...decided, reason: sql`'not_the_person'` }],
    ['WITHDRAWN', decided],
    // Prepared for what comes afterwards.
    ['SUBMITTED', { officer: by }],
    ['SUBMITTED', { second_officer: by }],
    ['SUBMITTED', { revision: sql`9` }],
    ['SUBMITTED', { binding_hash: hash }],
    ['SUBMITTED', { binding_browser: hash }],
    ['SUBMITTED', { binding_before: sql`now()` }],
    ['SUBMITTED', { answer_before: sql`now()` }],
  ] as const) {
    await expect(begun(state, further), `${state} ${Object.keys(further)}`).rejects.toMatchObject({
      ...{ code: 'SL003', message: expect.stringContaining('begins with what was received') },
    });
  }
  expect(await begun('SUBMITTED')).toBe(1);
});
