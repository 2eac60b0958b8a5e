import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyAuditCommand } from '../../src/cli/audit/verify.ts';
import { LOOKS } from '../../src/cli/doctor/looks.ts';
import type { Acting } from '../../src/domain/operators/index.ts';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';
import { sql } from '../../src/platform/sql.ts';
import { hire } from '../support/api-operators.ts';
import { aProductionClient } from '../support/api-scene.ts';
import { commandOn } from '../support/command.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { serverRole } from '../support/server-role.ts';

// Abuse case 55, by one person with the server's own password for the database and without the master secret: both of two
// people are forged. The database cannot tell; nothing of it is made by us, and what was made by that hand is named.
let server: TestServer;
let role: Awaited<ReturnType<typeof serverRole>>;
/** As the role that README makes for the server. */
let hand: Database;
let mai: Acting;
let binh: Acting;
let agreed: string;
let honest: string;

beforeAll(async () => {
  server = await startServer();
  role = await serverRole(server.environment.DATABASE_URL!);
  hand = createDatabase({ url: role.url });
  mai = await hire(server, ['rp_admin']);
  binh = await hire(server, ['approver']);
  const { approvals } = server.app.parts;
  const value = { ...aProductionClient(), disabled: false };
  const drafted = await approvals.draft({ kind: 'client', value, reason: 'in earnest', by: mai });
  if (!drafted.drafted) throw new Error(JSON.stringify(drafted));
  const { id, revision } = drafted.request;
  const proposed = await approvals.propose(id, { revision, by: mai });
  if (!proposed.done) throw new Error(JSON.stringify(proposed));
  expect(await approvals.approve(id, { revision: proposed.request.revision, by: binh })).toMatchObject({ done: true });
  agreed = id;
  honest = value.clientId;
});
afterAll(async () => {
  await hand?.close();
  await role?.end();
  await server?.end();
});

/** A request in the names of the two, over SQL alone; with what else that hand could copy. */
async function forge(clientId: string, to: 'proposed' | 'applied', copied = false): Promise<string> {
  const id = newId();
  await hand.execute(sql`INSERT INTO change_requests (id, kind, subject, after, reason, drafted_by, drafted_at)
    SELECT ${id}, 'client', ${clientId}, after || jsonb_build_object('clientId', ${clientId}::text), reason, drafted_by, drafted_at
    FROM change_requests WHERE id = ${agreed}`);
  const seal = (name: string) =>
    copied ? sql`(SELECT ${sql.raw(name)} FROM change_requests WHERE id = ${agreed})` : sql`NULL`;
  await hand.execute(sql`UPDATE change_requests SET revision = 2, state = 'proposed', proposer = ${mai.operatorId},
    proposer_person = ${mai.person}, proposed_at = now(), proposal_seal = ${seal('proposal_seal')} WHERE id = ${id}`);
  if (to === 'proposed') return id;
  await hand.execute(sql`UPDATE change_requests SET revision = 3, state = 'applied', approver = ${binh.operatorId},
    approver_person = ${binh.person}, decided_at = now(), applied_at = now(), approval_seal = ${seal('approval_seal')}
    WHERE id = ${id}`);
  await hand.execute(sql`
    INSERT INTO clients (client_id, relying_party_id, environment, fapi, metadata, terms, registered_at, change_request_id)
    SELECT ${clientId}, relying_party_id, environment, fapi, metadata, terms, registered_at, ${id}
    FROM clients WHERE change_request_id = ${agreed}`);
  return id;
}
/** The entries that the two steps would have left, written like the request. */
const journalled = async (id: string): Promise<void> => {
  for (const [type, by] of [
    ['change.proposed', mai],
    ['change.approved', binh],
  ] as const)
    await hand.execute(sql`INSERT INTO journal_incoming (at, type, actor_kind, actor_id, detail)
      VALUES (now(), ${type}, 'operator', ${by.operatorId}, ${JSON.stringify({ change: id })})`);
};

/** What the doctor says of it. The rest of it would stop at a sandbox with a client in production. */
const doctor = async (): Promise<readonly string[]> => {
  const [, look] = LOOKS.find(([what]) => what === 'written by this server')!;
  return (await look({ parts: server.app.parts, settings: {} as never, now: new Date() })).faults ?? [];
};
const verify = () => commandOn(server, verifyAuditCommand);

test('who forges both people over SQL is named by the doctor and by the verification, with what they copy of another change too', async () => {
  await server.app.parts.journal.seal();
  expect(await doctor()).toEqual([]);
  expect(await verify()).toMatchObject({ status: 0 });

  await forge('evil', 'applied');
  await journalled(await forge('evil-too', 'applied', true));
  await server.app.parts.journal.seal();
  // It stands in the table, and is no client.
  for (const id of ['evil', 'evil-too']) {
    expect(await server.app.parts.relyingParties.find(id)).toBeUndefined();
    const page = await fetch(`${server.issuer}/authorize?client_id=${id}&response_type=code&scope=openid`);
    expect([page.status, await page.text()]).toEqual([400, expect.stringContaining('invalid_client')]);
  }
  expect(await server.app.parts.relyingParties.find(honest)).toMatchObject({ clientId: honest });
  const verified = await verify();
  for (const said of [(await doctor()).join('\n'), verified.stdout]) {
    for (const name of ['evil', 'evil-too'])
      expect(said).toMatch(
        new RegExp(`change \\d+ \\(client ${name}\\) is no change by two people: its steps were not taken`),
      );
    expect(said.match(/no change by two people/g)).toHaveLength(2);
  }
  expect([verified.status, verified.stdout]).toEqual([1, expect.stringContaining('✓ the journal is whole')]);
});

test('what was agreed on before there were seals is believed by the journal of that time, and by no later entry', async () => {
  const since = (sequence: number) =>
    server.database.execute(
      sql.raw(`CREATE OR REPLACE FUNCTION senid_steps_sealed_since() RETURNS bigint LANGUAGE sql IMMUTABLE
        AS 'SELECT ${sequence}::bigint'`),
    );
  await expect(
    hand.execute(
      sql.raw(`CREATE OR REPLACE FUNCTION senid_steps_sealed_since() RETURNS bigint LANGUAGE sql AS 'SELECT 9'`),
    ),
  ).rejects.toThrow(/permission denied|must be owner/);
  const id = await forge('older', 'applied');
  const { approvals, journal } = server.app.parts;
  const found = async () => (await approvals.forgeries()).find(({ request }) => request.id === id)?.why;
  await since(Number.MAX_SAFE_INTEGER);
  expect(await found()).toBe('unsealed');
  await journalled(id);
  await journal.seal();
  const reached = (await journal.reached()).sequence;
  await since(reached);
  expect(await found()).toBeUndefined();
  await since(reached - 1);
  expect(await found()).toBe('unsealed');
});

test('what somebody proposed over SQL in the name of an operator is set aside when the other approves it', async () => {
  const { approvals } = server.app.parts;
  const id = await forge('waiting', 'proposed');
  expect(await approvals.approve(id, { revision: 2, by: binh })).toEqual({ done: false, reason: 'stale' });
  expect(await approvals.find(id)).toMatchObject({ state: 'stale', outcome: 'unsealed' });
});

test('what they approved over SQL, for later, is set aside at its time', async () => {
  const { approvals } = server.app.parts;
  const id = await forge('timed', 'proposed');
  await hand.execute(sql`UPDATE change_requests SET revision = 3, state = 'scheduled', approver = ${binh.operatorId},
    approver_person = ${binh.person}, decided_at = now(), activate_at = now() WHERE id = ${id}`);
  await approvals.activateDue();
  expect(await approvals.find(id)).toMatchObject({ state: 'stale', outcome: 'unsealed' });
});
