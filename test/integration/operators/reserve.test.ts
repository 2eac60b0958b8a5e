import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROLES, type Role } from '../../../src/domain/operators/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { hire } from '../../support/api-operators.ts';
import { seated } from '../../support/console.ts';
import { startServer, type TestServer } from '../../support/server.ts';

// Issue 4 §3: with two operators of whom one lost every passkey nobody can agree any more. It is said before it happens.
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.end());

const home = async (roles: readonly Role[]) => {
  const { browser } = await seated(server, roles);
  return (await browser.open(`${server.issuer}/operator?lang=en`)).words;
};

test('the first page of the console warns who may see operators, until there are enough', async () => {
  await server.database.execute(sql`UPDATE operators SET state = 'suspended' WHERE state IN ('active', 'invited')`);
  const warned = await home(['sysadmin', 'approver']);
  expect(warned).toContain('Too few people');
  expect(warned).toContain('Only one person can approve. Have at least three.');
  expect(warned).toContain('There is one person without whom no two others could let anybody in again.');
  expect(warned).toMatch(/Auditor[^:]*: nobody holds this role/);
  expect(await home(['rp_admin'])).not.toContain('Too few people');
  for (let more = 0; more < 3; more += 1) await hire(server, ROLES);
  expect(await home(['auditor'])).not.toContain('Too few people');
});
