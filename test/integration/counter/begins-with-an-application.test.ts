import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Proofing } from '../../../src/domain/proofing/index.ts';
import { newId } from '../../../src/platform/ids.ts';
import { sql } from '../../../src/platform/sql.ts';
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
