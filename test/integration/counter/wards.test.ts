import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Sql, sql } from '../../../src/platform/sql.ts';
import { writeTogether } from '../../../src/platform/unit-of-work.ts';
import { NEWCOMERS } from '../../../src/sandbox/index.ts';
import { aCapture, anOfficer, cardRead, faceTaken, printsTaken, type Seat, served } from '../../support/counter.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { type CreationOptions, softwarePasskey } from '../../support/software-passkey.ts';

const LAN_ANH = '097190000002';
let server: TestServer;
let officer: Seat;
let guardian: string;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
  guardian = (await server.app.parts.subscribers.locate(LAN_ANH))!.id;
});
afterAll(() => server?.end());

/** Everything found of one of the sandbox's wards: by their own card of the drawer. */
async function found(id: 'child' | 'ward-of-14', by = ''): Promise<Page> {
  const { person } = NEWCOMERS.find((one) => one.id === id)!;
  const { identityNumber } = person;
  const page = await cardRead(
    await served(server, officer, { identityNumber, person: person as never }, by),
    `${id === 'child' ? 'ward-of-10' : id}.genuine`,
  );
  return printsTaken(await faceTaken(officer, page, identityNumber), aCapture());
}

/** What is otherwise so for a moment. */
const put = (statement: Sql) =>
  server.database.transaction(async (transaction) => {
    await transaction.execute(sql`SET LOCAL session_replication_role = replica`);
    await transaction.execute(statement);
  });

test('a child has level 2 by a guardian who stands beside them to the end, and then looks after the account', async () => {
  const { counter, guardianships, subscribers } = server.app.parts;
  const ready = await found('child', LAN_ANH);
  const open = async () => (await counter!.find(/counter\/([0-9a-f-]{36})/.exec(ready.url)![1]!, officer.operator))!;
  const lapses: readonly (readonly [Sql, Sql])[] = [
    ...(['holder_request', 'death'] as const).map(
      (ground) =>
        [
          sql`INSERT INTO subscriber_locks (id, subscriber_id, ground, opened_at, opened_by)
        VALUES (gen_random_uuid(), ${guardian}, ${ground}, now(), 'system')`,
          sql`DELETE FROM subscriber_locks WHERE subscriber_id = ${guardian}`,
        ] as const,
    ),
    [
      sql`UPDATE subscribers SET reproofing_required_since = now(), reproofing_ground = 'recovery' WHERE id = ${guardian}`,
      sql`UPDATE subscribers SET reproofing_required_since = NULL, reproofing_ground = NULL WHERE id = ${guardian}`,
    ],
  ];
  // The register's word is asked anew too: nothing of ours knows that somebody is nobody's guardian any more.
  const { population } = server.app.parts.registers as unknown as {
    population: { amend(number: string, amended: (entry: object) => object): void };
  };
  const guardians = [{ identityNumber: LAN_ANH }];
  const number = NEWCOMERS.find(({ id }) => id === 'child')!.person.identityNumber;
  const relieved = [
    async () => population.amend(number, (entry) => ({ ...entry, guardians: [] })),
    async () => population.amend(number, (entry) => ({ ...entry, guardians })),
  ] as const;
  const all = [...lapses.map(([begins, ends]) => [() => put(begins), () => put(ends)] as const), relieved];
  for (const [begins, ends] of all) {
    await begins();
    expect(await counter!.approve(await open(), 'own', officer.operator)).toEqual({
      ...{ decided: false, reason: 'guardian_differs' },
    });
    const seen = await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
    expect([seen.status, seen.words.includes('Người giám hộ không còn')]).toEqual([409, true]);
    await ends();
  }
  const done = await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
  expect(done.words).toContain('Đã duyệt');
  const { identityNumber } = NEWCOMERS.find(({ id }) => id === 'child')!.person;
  const child = (await subscribers.locate(identityNumber))!;
  expect(child.accountLevel).toBe(2);
  expect(await guardianships.ofWard(child.id)).toMatchObject({
    guardianId: guardian,
    applicationId: (await open()).id,
  });
  await checkInvariants(server.database, server.app);
});

test('of a child who is here anew the guardian is asked in the very transaction that decides', async () => {
  const { counter, subscribers, wardLocks, guardianships } = server.app.parts;
  const { identityNumber } = NEWCOMERS.find(({ id }) => id === 'child')!.person;
  const child = async () => (await subscribers.locate(identityNumber))!;
  const account = await child();
  const { applicationId } = (await guardianships.ofWard(account.id))!;
  await writeTogether(server.database, await subscribers.requireReproofing(account, { kind: 'system' }));
  const ready = await found('child', LAN_ANH);
  const id = /counter\/([0-9a-f-]{36})/.exec(ready.url)![1]!;
  const approve = async () => counter!.approve((await counter!.find(id, officer.operator))!, 'own', officer.operator);

  // What the guardian has locked, the guardian who stands here opens: it is no child's to lift.
  const by = (await subscribers.find(guardian))!;
  expect(await wardLocks.lock(by, applicationId)).toBe('locked');
  expect(await approve()).toEqual({ decided: false, reason: 'account_locked' });
  expect((await officer.browser.open(ready.url.split('?')[0]!)).words).toContain('Đang bị khóa: mở khóa trước đã');
  const [lock] = await subscribers.locks(account.id);
  await subscribers.unlock(account.id, lock!.id, { kind: 'subscriber', id: guardian });

  // Locked after everybody was asked, and before anything is written.
  const waits = async () =>
    (await server.database.row<{ count: number }>(sql`SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND datname = current_database()`))!.count;
  let going: ReturnType<typeof approve>;
  await server.database.transaction(async (transaction) => {
    await transaction.row(sql`SELECT 1 FROM level_2_applications WHERE id = ${id} FOR UPDATE`);
    going = approve();
    await vi.waitFor(async () => expect(await waits()).toBe(1), { timeout: 10_000, interval: 50 });
    await subscribers.lock(guardian, 'death', { kind: 'system' });
  });
  expect(await going!).toEqual({ decided: false, reason: 'guardian_differs' });
  expect(await child()).toMatchObject({ accountLevel: 1 });
  const death = (await subscribers.locks(guardian)).find(({ liftedAt }) => !liftedAt)!;
  await subscribers.unlock(guardian, death.id, { kind: 'system' });

  // And one that is about to be written waits for what is decided, or is seen.
  const locking = await subscribers.locking(guardian, 'holder_request', { by: { kind: 'subscriber', id: guardian } });
  await server.database.transaction(async (transaction) => {
    await writeTogether(transaction, locking.writes);
    going = approve();
    await vi.waitFor(async () => expect(await waits()).toBe(1), { timeout: 10_000, interval: 50 });
  });
  expect(await going!).toEqual({ decided: false, reason: 'guardian_differs' });
  await subscribers.unlock(guardian, locking.lock.id, { kind: 'subscriber', id: guardian });
  expect(await approve()).toEqual({ decided: true });
  expect(await child()).toMatchObject({ accountLevel: 2 });
  await checkInvariants(server.database, server.app);
});

test('whoever comes at fourteen, alone, takes over the account that was made for her, whatever the guardian has locked', async () => {
  const { authenticators, counter, guardianships, journal, subscribers, wardLocks } = server.app.parts;
  const { identityNumber } = NEWCOMERS.find(({ id }) => id === 'ward-of-14')!.person;
  const account = (await subscribers.locate(identityNumber))!;
  // A guardian locks in the place of the holder, who is old enough now to open it herself: proven, before an officer.
  const { applicationId } = (await guardianships.ofWard(account.id))!;
  expect(await wardLocks.lock((await subscribers.find(guardian))!, applicationId)).toBe('locked');
  const other = await subscribers.lock(account.id, 'security_suspected', { kind: 'system' });
  const ready = await found('ward-of-14');
  expect(ready.words).toContain('Đang bị khóa: mở khóa trước đã');
  const open = async () => (await counter!.find(/counter\/([0-9a-f-]{36})/.exec(ready.url)![1]!, officer.operator))!;
  // An office's lock is no guardian's.
  expect(await counter!.approve(await open(), 'own', officer.operator)).toMatchObject({ reason: 'account_locked' });
  await subscribers.unlock(account.id, other.id, { kind: 'operator', id: 'officer-1' });
  expect(await counter!.approve(await open(), 'false', officer.operator)).toMatchObject({ reason: 'account_locked' });
  const page = await officer.browser.open(ready.url.split('?')[0]!);
  expect(page.words).toContain('Người giám hộ đã khóa');
  const done = await page.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
  expect(await subscribers.find(account.id)).toMatchObject({ accountLevel: 2, state: 'active' });
  const [lifted] = await journal.query({ subscriberId: account.id, types: ['subscriber.unlocked'], limit: 1 });
  expect(lifted).toMatchObject({
    ...{ actor: { kind: 'operator', id: officer.operator.operatorId }, detail: { reason: 'taken_over' } },
  });
  // Until she has bound something nobody holds the account but the guardian.
  expect((await guardianships.ofWard(account.id))!.handedOver).toBeUndefined();
  const code = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec((await done.submit({}, { form: 'give-code' })).words)![0];
  const ways = await (await createBrowser().open(`${server.issuer}/counter`)).submit({ code }, { form: 'code-form' });
  const { hostname, origin } = new URL(server.issuer);
  const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
  const options = JSON.parse(ways.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
  await ways.submit({ response: JSON.stringify(passkey.create(options)), name: '' }, { form: 'register-form' });
  expect((await authenticators.of(account.id)).map(({ kind }) => kind)).toContain('passkey');
  expect((await guardianships.ofWard(account.id))!.handedOver).toBeDefined();
  expect(await subscribers.find(account.id)).toMatchObject({ accountLevel: 2, state: 'active' });
  const told = await journal.query({ subscriberId: guardian, types: ['notice.queued'], limit: 50 });
  expect(told.map(({ detail }) => detail?.notice)).toContain('ward_handed_over');
  await checkInvariants(server.database, server.app);
});
