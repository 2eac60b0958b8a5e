import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyAuditCommand } from '../../src/cli/audit/verify.ts';
import { sql } from '../../src/platform/sql.ts';
import { hire, program } from '../support/api-operators.ts';
import { commandOn } from '../support/command.ts';
import { seated } from '../support/console.ts';
import { eventually } from '../support/eventually.ts';
import { tamper } from '../support/journal.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Abuse case 55, by whoever looks: an auditor at the console, a program, somebody at the command line. What was done to the rows
// and how it is found out is in 55-journal-tampering.test.ts.
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  await server.app.parts.journal.seal();
});
afterAll(() => server?.end());

test('the first bad row is named at the console, to programs and at the command line, and stays so', async () => {
  const { browser } = await seated(server, ['auditor']);
  const { call } = await program(server, await hire(server, ['auditor']));
  const open = (path: string) => browser.open(`${server.issuer}/operator${path}`);
  const ask = async () => (await open('/journal?lang=vi')).submit({}, { form: 'verify' });
  await ask();
  await eventually(async () => (await open('/journal')).words).toContain('Nguyên vẹn');
  expect(await commandOn(server, verifyAuditCommand)).toMatchObject({ status: 0, stderr: '' });

  const [row] = await server.database.rows<{ sequence: number }>(
    sql`SELECT max(sequence) - 2 AS sequence FROM journal`,
  );
  const bad = Number(row?.sequence);
  expect(await tamper(server.database, sql`UPDATE journal SET actor_id = 'eve' WHERE sequence = ${bad}`)).toBe(1);
  await tamper(server.database, sql`DELETE FROM journal WHERE sequence = ${bad + 1}`);

  await ask();
  await eventually(async () => (await open('/journal')).words).toContain(`Sự kiện ${bad} đã bị sửa`);
  expect((await open('')).words).toContain(`Sự kiện ${bad} đã bị sửa`);
  const state = async () => (await call('GET', '/journal/state')).json<{ last: { at: string; result: object } }>();
  const told = await state();
  expect(told.last.result).toMatchObject({ intact: false, fault: 'altered', sequence: bad });
  const said = await commandOn(server, verifyAuditCommand);
  expect([said.status, said.stdout]).toEqual([1, expect.stringContaining(`entry ${bad} is not what was sealed`)]);

  // What goes on being journalled and sealed covers nothing up.
  await seated(server, ['sysadmin']);
  await open('/offices');
  await server.app.parts.journal.seal();
  await ask();
  await eventually(async () => (await state()).last.at).not.toBe(told.last.at);
  expect((await state()).last.result).toMatchObject({ intact: false, sequence: bad });
  expect((await commandOn(server, verifyAuditCommand)).status).toBe(1);
});
