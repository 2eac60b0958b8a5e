import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from '../../../src/platform/sql.ts';
import { freshDatabase } from '../../support/database.ts';
import { createDpopKey } from '../../support/dpop.ts';
import type { Reply } from '../../support/http-client.ts';
import { createFlows, type Flows, pkce } from '../../support/stored-flows.ts';
import { createKeys, type StoredProvider, startStoredProvider } from '../../support/stored-provider.ts';

// Issue 2 §2: whoever reads the database finds nothing that opens anything (abuse case 54, the storage's part).
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let op: StoredProvider;
let flows: Flows;
beforeAll(async () => {
  fresh = await freshDatabase();
  const keys = await createKeys();
  op = await startStoredProvider({ database: fresh.database, keys, deviceFlow: true });
  flows = createFlows(op.url, keys);
});
afterAll(async () => {
  await op.stop();
  await fresh.end();
});

const seen = new Map<string, string>();
/** Notes all that a reply hands out and that opens something. */
function note(reply: Reply): Reply {
  const add = (what: string, value: unknown): void => {
    if (typeof value === 'string' && value.length > 7) seen.set(value, what);
  };
  for (const cookie of [reply.headers['set-cookie'] ?? []].flat()) {
    const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=');
    add(`cookie ${name}`, value);
  }
  if (reply.location) {
    const { pathname, searchParams } = new URL(reply.location);
    add('code', searchParams.get('code'));
    add('interaction', /^\/(?:interaction|auth|device)\/([^/]+)$/.exec(pathname)?.[1]);
  }
  for (const [, xsrf] of reply.text.matchAll(/name="xsrf" value="([^"]+)"/g)) add('xsrf', xsrf);
  if (reply.text.startsWith('{')) {
    const body = reply.json();
    for (const name of ['access_token', 'refresh_token', 'id_token', 'device_code']) add(name, body[name]);
    add('user_code', body.user_code);
    add('user_code', String(body.user_code ?? '').replace(/\W/g, ''));
    add(
      'request_uri',
      String(body.request_uri ?? '')
        .split(':')
        .at(-1),
    );
  }
  return reply;
}

/** Every row of every table as text, binary columns as hex. */
async function dump(): Promise<string> {
  const tables = await fresh.database.rows<{ name: string }>(
    sql`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  expect(tables.length).toBeGreaterThan(11);
  const rows = await Promise.all(
    tables.map(({ name }) => fresh.database.rows(sql`SELECT t::text AS row FROM ${sql.raw(`"${name}"`)} t`)),
  );
  return JSON.stringify(rows);
}

test('after flows of every kind no table holds a value that was on the wire', async () => {
  const person = flows.browser();
  const open = async (url: string, method = 'GET', body?: string) => {
    let reply = note(await person.send(url, { method, ...(body ? { body, headers: FORM } : {}) }));
    while (reply.location?.startsWith(op.url)) reply = note(await person.send(reply.location));
    return reply;
  };
  const flow = async (url: string): Promise<string> => {
    let reply = await open(url);
    if (!reply.location) reply = await open(reply.url, 'POST');
    return new URL(reply.location!).searchParams.get('code')!;
  };

  for (const client of ['web', 'app']) {
    const { verifier, challenge } = pkce();
    const code = await flow(flows.authorizationUrl(client, challenge, { nonce: 'a-nonce' }));
    const tokens = note(await flows.redeem(client, code, verifier)).json<{ refresh_token: string }>();
    // Twice: the answer that is kept for a retry must not be readable either.
    note(await flows.refresh(client, tokens.refresh_token));
    note(await flows.refresh(client, tokens.refresh_token));
  }
  const key = await createDpopKey();
  const { verifier, challenge } = pkce();
  const form = { code_challenge: challenge, code_challenge_method: 'S256' };
  const pushed = note(await flows.push(form, await flows.assertion())).json<{ request_uri: string }>();
  const code = await flow(`${op.url}/auth?${new URLSearchParams({ client_id: 'fapi', ...pushed })}`);
  note(await flows.redeemBound(code, verifier, key));
  note(await flows.clientCredentials());
  note(await flows.post('/device/auth', { client_id: 'tv', scope: 'openid' }));
  // A sign-in that is left open, with a session: its row names the cookie.
  await open(flows.authorizationUrl('other', pkce().challenge));
  await open(`${op.url}/session/end`);

  const kinds = new Set(seen.values());
  for (const kind of ['code', 'access_token', 'refresh_token', 'id_token', 'device_code', 'user_code', 'request_uri']) {
    expect(kinds).toContain(kind);
  }
  expect(kinds).toContain('interaction');
  expect(kinds).toContain('xsrf');
  expect(kinds).toContain('cookie _session');
  expect(seen.size).toBeGreaterThan(20);

  const text = await dump();
  // The look itself works: what may be read is found.
  expect(text).toContain('someone');
  for (const table of ['grants', 'sessions', 'session_ids', 'interactions', 'refresh_answers', 'device_codes']) {
    const row = await fresh.database.row<{ count: number }>(sql`SELECT count(*) FROM ${sql.raw(table)}`);
    expect(row?.count, table).toBeGreaterThan(0);
  }
  for (const [value, what] of seen) {
    for (const form of [value, Buffer.from(value).toString('hex'), Buffer.from(value).toString('base64url')]) {
      expect(text.includes(form), `a ${what} is readable`).toBe(false);
    }
    if (/^[\w-]{43}$/.test(value)) {
      expect(text.includes(Buffer.from(value, 'base64url').toString('hex')), `a ${what}, decoded`).toBe(false);
    }
  }
});

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
