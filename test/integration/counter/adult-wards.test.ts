import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RegisterEntry, SimulatedPopulationRegistry } from '../../../src/domain/registry/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { NEWCOMERS } from '../../../src/sandbox/index.ts';
import { aCapture, anOfficer, cardRead, faceTaken, printsTaken, type Seat, served } from '../../support/counter.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// An adult whom a court has put in somebody's care, before an officer: Bồng of the sandbox, and Quang, his guardian.
const QUANG = '097085000003';
const LAN_ANH = '097190000002';
const { person } = NEWCOMERS.find(({ id }) => id === 'adult-ward')!;
const { identityNumber } = person;
let server: TestServer;
let officer: Seat;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
});
afterAll(() => server?.end());

const begun = (guardian = ''): Promise<Page> =>
  served(server, officer, { identityNumber, person: person as never }, guardian);
/** Everything found of him. */
const found = async (guardian = ''): Promise<Page> =>
  printsTaken(
    await faceTaken(officer, await cardRead(await begun(guardian), 'adult-ward.genuine'), identityNumber),
    aCapture(),
  );
const idOf = (page: Page): string => /counter\/([0-9a-f-]{36})/.exec(page.url)![1]!;
const approve = async (page: Page, claim: 'own' | 'false' = 'own') => {
  const { counter } = server.app.parts;
  return counter!.approve((await counter!.find(idOf(page), officer.operator))!, claim, officer.operator);
};
const withdraw = async (page: Page): Promise<void> => {
  const { counter } = server.app.parts;
  await counter!.withdraw((await counter!.find(idOf(page), officer.operator))!, officer.operator);
};
const account = () => server.app.parts.subscribers.locate(identityNumber);
/** What the register of the sandbox says of his guardian from now on. */
const named = (guardians: RegisterEntry['guardians']): void => {
  const { population } = server.app.parts.registers as unknown as { population: SimulatedPopulationRegistry };
  population.amend(identityNumber, ({ guardians: _, ...entry }) => ({ ...entry, ...(guardians ? { guardians } : {}) }));
};
const BY_COURT = [{ identityNumber: QUANG, basis: 'guardian_of_adult' }] as const;

test('a parent, a minor’s guardian, or a guardian whom the register does not name stands beside nobody of fourteen or more', async () => {
  for (const guardians of [
    [{ identityNumber: QUANG, basis: 'parent' }],
    [{ identityNumber: QUANG, basis: 'guardian_of_minor' }],
    [{ ...BY_COURT[0], until: '2026-01-01' }],
    [],
  ] as const) {
    named(guardians);
    const refused = await begun(QUANG);
    expect([refused.status, refused.words]).toEqual([422, expect.stringContaining('hãy để trống ô người giám hộ')]);
  }
  named(BY_COURT);
});

test('an account that he signs in to himself is given to no guardian, whoever calls whom a guardian', async () => {
  const { authenticators, subscribers } = server.app.parts;
  const { contacts: _, documentExpiresOn: __, ...applicant } = person;
  const made = await subscribers.register({ ...applicant, locale: 'vi', test: true }, { by: { kind: 'system' } });
  if (!made.registered) throw new Error(made.reason);
  const ready = await found(QUANG);
  const bound = await authenticators.bind({
    ...{ kind: 'password', sessionKey: 'his', response: { password: 'gánh mây qua ba ngọn đồi' } },
    ...{
      authority: { by: 'system' },
      subscriber: { id: made.id, label: 'A', displayName: 'A', locale: 'vi', ownData: [] },
    },
  });
  expect(bound).toMatchObject({ verified: true });
  for (const claim of ['own', 'false'] as const)
    expect(await approve(ready, claim)).toEqual({ decided: false, reason: 'own_account' });
  const shown = await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
  expect([shown.status, shown.words]).toEqual([409, expect.stringContaining('không giao cho người giám hộ được')]);
  await withdraw(ready);
  const refused = await begun(QUANG);
  expect([refused.status, refused.words]).toEqual([422, expect.stringContaining('không giao tài khoản đó cho ai')]);
  expect(await authenticators.of(made.id)).toHaveLength(1);
  await subscribers.close(made.id, { kind: 'system' });
});

test('his guardian beside him he has level 2, and the guardian looks after the account until the register says otherwise', async () => {
  const { guardianships, authenticators } = server.app.parts;
  const ready = await found(QUANG);
  // The register’s word is asked anew at the decision.
  named([{ identityNumber: QUANG, basis: 'parent' }]);
  expect(await approve(ready)).toEqual({ decided: false, reason: 'guardian_differs' });
  named(BY_COURT);
  expect(await approve(ready)).toEqual({ decided: true });
  expect(await account()).toMatchObject({ accountLevel: 2 });
  expect(await guardianships.ofWard((await account())!.id)).toMatchObject({ basis: 'guardian_of_adult' });
  expect(await authenticators.of((await account())!.id)).toEqual([]);
  await checkInvariants(server.database, server.app);
});

test('alone he is not received while the court’s decision holds; nor is he approved when it comes meanwhile', async () => {
  const { subscribers, guardianships } = server.app.parts;
  const holder = (await account())!;
  await writeTogether(server.database, await subscribers.requireReproofing(holder, { kind: 'system' }));
  const refused = await begun();
  expect([refused.status, refused.words]).toEqual([
    ...[422, expect.stringContaining('hãy ghi số định danh của người giám hộ có mặt')],
  ]);
  // As if nobody had looked after it when he came.
  const put = (released: boolean) =>
    server.database.transaction(async (transaction) => {
      await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
      await transaction.execute(
        released
          ? sql`UPDATE guardianships SET ended_at = now(), ended_ground = 'order_ended', released_at = now() WHERE ward_id = ${holder.id}`
          : sql`UPDATE guardianships SET ended_at = NULL, ended_ground = NULL, released_at = NULL WHERE ward_id = ${holder.id}`,
      );
    });
  await put(true);
  // The decision is over, and the register names the guardian still: that is the court’s word.
  expect((await begun()).status).toBe(422);
  named([]);
  const ready = await found();
  await put(false);
  for (const claim of ['own', 'false'] as const) expect(await approve(ready, claim)).toMatchObject({ decided: false });
  expect(await approve(ready)).toEqual({ decided: false, reason: 'guardian_by_court' });
  await withdraw(ready);
  named(BY_COURT);
  expect((await guardianships.ofWard(holder.id))?.endedAt).toBeUndefined();
});

test('passed on, the next guardian stands beside him, and looks after the same account', async () => {
  const { guardianships } = server.app.parts;
  const { id } = (await account())!;
  const sandbox = await createBrowser().open(`${server.issuer}/sandbox/register`);
  const told = await sandbox.submit({ identityNumber, saying: 'guardianship-passed' }, { form: 'report' });
  expect(told.words).toContain('202');
  expect((await guardianships.ofWard(id))!).toMatchObject({ endGround: 'passed_on' });
  expect((await begun(QUANG)).status).toBe(422);
  expect(await approve(await found(LAN_ANH))).toEqual({ decided: true });
  expect(await account()).toMatchObject({ id, accountLevel: 2 });
  const next = (await guardianships.ofWard(id))!;
  expect(next.endedAt).toBeUndefined();
  expect(next.guardianId).toBe((await server.app.parts.subscribers.locate(LAN_ANH))!.id);
  await checkInvariants(server.database, server.app);
});
