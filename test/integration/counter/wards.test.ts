import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sql, sql } from '../../../src/platform/sql.ts';
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

test('whoever comes at fourteen, alone, takes over the account that was made for her', async () => {
  const { authenticators, guardianships, journal, subscribers } = server.app.parts;
  const { identityNumber } = NEWCOMERS.find(({ id }) => id === 'ward-of-14')!.person;
  const account = (await subscribers.locate(identityNumber))!;
  const done = await (await found('ward-of-14')).submit({ claim: 'own', seen: 'yes' }, { form: 'approve' });
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
