import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROLES } from '../../src/domain/operators/index.ts';
import { ROUTES } from '../../src/journeys/operator/routes.ts';
import { createCsrf } from '../../src/platform/csrf.ts';
import { createSealer } from '../../src/platform/sealed.ts';
import { Secret } from '../../src/platform/secret.ts';
import { type Sql, sql } from '../../src/platform/sql.ts';
import { program } from '../support/api-operators.ts';
import { seated } from '../support/console.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { startServer, type TestServer } from '../support/server.ts';

// Abuse case 52: what an operator with every role, alone, can do to a citizen: look, for a reason, and be written down.
let server: TestServer;
let citizen: { readonly id: string; readonly authenticators: readonly string[]; readonly secrets: readonly string[] };
let csrf: ReturnType<typeof createCsrf>;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  const { identifier } = server.claimant('level-2-chip');
  const subscriber = await server.app.parts.subscribers.locate(identifier);
  if (!subscriber) throw new Error('nobody');
  const { fullName, email } = server.persona('level-2-chip') as unknown as Record<string, string | undefined>;
  citizen = {
    id: subscriber.id,
    authenticators: (await server.app.parts.authenticators.of(subscriber.id)).map(({ id }) => id),
    secrets: [identifier, subscriber.fullName, fullName, email].filter((text) => text !== undefined),
  };
  const secret = new Secret(Buffer.from(server.environment.SENID_MASTER_SECRET ?? '', 'base64'));
  csrf = createCsrf({ sealer: createSealer(secret, 'csrf'), origin: server.issuer });
});
afterAll(() => server?.end());

/** What is a citizen's: who they are, how they prove it, what they agreed to, whether they are locked. */
const THEIRS = [
  ...['subscribers', 'subscriber_identifiers', 'identity_numbers', 'subscriber_locks', 'proofing_records'],
  ...['authenticators', 'passkey_locators', 'consent_entries', 'consent_withdrawals', 'disclosure_receipts'],
  ...['pairwise_subjects', 'account_links', 'grants', 'recovery_addresses', 'recoveries'],
];
async function theirs(): Promise<string> {
  const digests: Sql[] = THEIRS.map(
    (name) => sql`(SELECT md5(coalesce(string_agg(x::text, '|' ORDER BY x::text), '')) FROM ${sql.raw(name)} x)`,
  );
  const row = await server.database.row<{ digest: string }>(sql`SELECT ${sql.join(digests, ' || ')} AS digest`);
  return row?.digest ?? '';
}

/** Whatever an act might take for the name of somebody or of something of theirs. */
const namesOf = (id: string): Record<string, string> => ({
  ...{ id, subscriber: id, subscriberId: id, authenticator: id, authenticatorId: id, reference: id, person: id },
  ...{ reason: 'call', note: 'x', state: 'closed', kind: 'password', password: 'mot-mat-khau-khac-han', revision: '1' },
  ...{ phone: '+84900000000', email: 'eve@evil.example', fullName: 'Eve', accountLevel: '2', approve: 'yes' },
});
const formHeaders = () => ({
  ...{ 'content-type': 'application/x-www-form-urlencoded', origin: server.issuer },
  'sec-fetch-site': 'same-origin',
});

test('no act of the console changes anything of a citizen’s, and no page but theirs shows who they are', async () => {
  const { browser, token } = await seated(server, ROLES);
  const before = await theirs();
  expect(before.length).toBe(32 * THEIRS.length);
  let walked = 0;
  for (const { method, path } of ROUTES.filter((route) => route.path !== '/operator/sign-out'))
    for (const id of [citizen.id, ...citizen.authenticators]) {
      const fields = { ...namesOf(id), csrf: csrf.token(token, path) };
      const address = `${server.issuer}${path.replace(/:\w+/g, encodeURIComponent(id))}`;
      const reply = await browser.send(method === 'get' ? `${address}?${new URLSearchParams(namesOf(id))}` : address, {
        method: method.toUpperCase(),
        ...(method === 'post' ? { headers: formHeaders(), body: new URLSearchParams(fields).toString() } : {}),
      });
      expect(reply.status, `${method} ${path}`).toBeLessThan(500);
      for (const secret of citizen.secrets) expect(reply.text, `${method} ${path}`).not.toContain(secret);
      walked += 1;
    }
  expect(walked).toBeGreaterThan(60);
  expect(await theirs()).toBe(before);
});

test('nor does any operation of the admin API', async () => {
  const { operator } = await seated(server, ROLES);
  const { call } = await program(server, operator);
  const { paths } = (await call('GET', '/openapi.json')).json<{ paths: Record<string, Record<string, unknown>> }>();
  const before = await theirs();
  let walked = 0;
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods))
      for (const id of [citizen.id, ...citizen.authenticators]) {
        const body = method === 'get' ? {} : { body: namesOf(id), ifMatch: 1 };
        const reply = await call(method.toUpperCase(), path.replace('/admin/v1', '').replace(/\{\w+\}/g, id), body);
        expect(reply.status, `${method} ${path}`).toBeLessThan(500);
        for (const secret of citizen.secrets) expect(reply.text, `${method} ${path}`).not.toContain(secret);
        walked += 1;
      }
  expect(walked).toBeGreaterThan(30);
  expect(await theirs()).toBe(before);
});

const find = async (browser: Awaited<ReturnType<typeof seated>>['browser'], reason: string) =>
  (await browser.open(`${server.issuer}/operator/people`)).submit(
    { identifier: server.claimant('level-2-chip').identifier, reason, note: '' },
    { form: 'find' },
  );

test('a look that cannot be written down is none: nobody is shown', async () => {
  const { browser } = await seated(server, ['intake']);
  await server.database.execute(sql`
    CREATE FUNCTION nothing_is_written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$`);
  await server.database.execute(sql`
    CREATE TRIGGER nothing_is_written BEFORE INSERT ON journal_incoming EXECUTE FUNCTION nothing_is_written()`);
  try {
    const page = await find(browser, 'call');
    expect([page.status, new URL(page.url).pathname]).toEqual([500, '/operator/people']);
    for (const secret of citizen.secrets) expect(page.text).not.toContain(secret);
  } finally {
    await server.database.execute(sql`DROP TRIGGER nothing_is_written ON journal_incoming`);
  }
  expect((await find(browser, 'call')).words).toContain(citizen.secrets[1]);
});

test('each look of each operator is one event about the citizen, who reads it; and the chain of the journal holds', async () => {
  const { journal } = server.app.parts;
  const looks = () => journal.query({ subscriberId: citizen.id, types: ['subscriber.viewed'], limit: 100 });
  const before = (await looks()).length;
  const seats = [await seated(server, ['intake']), await seated(server, ['security'])];
  for (const { browser } of seats)
    for (const reason of ['call', 'counter_visit', 'incident']) {
      const page = await find(browser, reason);
      // To look again at an open page is the same look.
      await browser.open(page.url);
    }
  const events = await looks();
  expect(events.length - before).toBe(6);
  expect(new Set(events.slice(0, 6).map(({ actor }) => actor.id))).toEqual(
    new Set(seats.map(({ operator }) => operator.operatorId)),
  );
  await journal.seal();
  expect(await journal.verify()).toMatchObject({ intact: true });
  expect(await brokenInvariants(server.database, server.app)).toEqual([]);
});
