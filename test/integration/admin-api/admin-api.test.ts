import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Acting } from '../../../src/domain/operators/index.ts';
import { sql } from '../../../src/platform/sql.ts';
import { type ApiProgram, alter, caller, hire, program } from '../../support/api-operators.ts';
import { anInvitation, INVITED_NUMBER } from '../../support/api-scene.ts';
import { aRegistration } from '../../support/clients.ts';
import { startCrashing } from '../../support/crashes.ts';
import { createSend } from '../../support/http-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let mai: Acting;
let binh: Acting;
let proposer: ApiProgram;
let approver: ApiProgram;
/** How far the server's clock is ahead of the machine's. */
let ahead = 0;

beforeAll(async () => {
  server = await startServer({ clock: { now: () => new Date(Date.now() + ahead) } });
  mai = await hire(server, ['rp_admin', 'auditor']);
  binh = await hire(server, ['approver']);
  [proposer, approver] = [await program(server, mai), await program(server, binh)];
});
afterAll(() => server.end());

interface Change {
  id: string;
  revision: number;
  state: string;
  [member: string]: unknown;
}
const { contacts, sector } = {
  sector: 'aviation' as const,
  contacts: { dataProtection: 'dpo@lotus.example', technical: 'it@lotus.example', security: 'soc@lotus.example' },
};
/** A client as it is proposed for production. */
const value = (changes: Partial<ReturnType<typeof aRegistration>> = {}) => {
  const made = aRegistration(changes);
  return {
    ...made,
    relyingParty: { ...made.relyingParty, id: 'lotus-air-real', sector, contacts },
    environment: 'production',
    metadata: {
      redirect_uris: ['https://lotus.example/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code'],
    },
    purposes: [
      {
        id: 'check-in',
        text: { vi: 'làm thủ tục', en: 'check in' },
        scopes: ['openid', 'profile', 'assurance'],
        claims: [],
      },
    ],
    ...changes,
  };
};
const draft = async (of: unknown = value(), as = proposer): Promise<Change> => {
  const reply = await as.call('POST', '/change-requests', {
    body: { kind: 'client', value: of, reason: 'a new airline' },
  });
  if (reply.status !== 201) throw new Error(reply.text);
  return reply.json<Change>();
};
const proposed = async (of?: unknown, by = proposer): Promise<Change> => {
  const { id, revision } = await draft(of);
  const reply = await by.call('POST', `/change-requests/${id}/propose`, { body: {}, ifMatch: revision });
  if (reply.status !== 200) throw new Error(reply.text);
  return reply.json<Change>();
};
const made = async (of = value()): Promise<string> => {
  const { id, revision } = await proposed(of);
  const reply = await approver.call('POST', `/change-requests/${id}/approve`, { ifMatch: revision });
  if (reply.status !== 200) throw new Error(reply.text);
  return of.clientId;
};
const problem = (reply: { text: string; headers: Record<string, unknown> }) => {
  expect(reply.headers['content-type']).toContain('application/problem+json');
  return JSON.parse(reply.text) as { type: string; code: string; errors?: { path: string }[] };
};

describe('a change of a client', () => {
  test('goes the whole way: drafted, proposed, approved by another, and then it is so', async () => {
    const of = value();
    const created = await proposer.call('POST', '/change-requests', {
      body: { kind: 'client', value: of, reason: 'a new airline' },
    });
    expect(created.status).toBe(201);
    const { id } = created.json<Change>();
    expect(created.headers.location).toBe(`/admin/v1/change-requests/${id}`);
    expect(created.headers.etag).toBe('"1"');
    expect(created.headers['cache-control']).toBe('no-store');
    const put = await proposer.call('POST', `/change-requests/${id}/propose`, { body: {}, ifMatch: 1 });
    expect(put.json<Change>()).toMatchObject({ state: 'proposed', proposedBy: mai.operatorId });
    const step = await approver.call('POST', `/change-requests/${id}/approve`, { body: { note: 'seen' }, ifMatch: 2 });
    expect(step.json<Change>()).toMatchObject({ state: 'applied', decidedBy: binh.operatorId, note: 'seen' });
    const client = await approver.call('GET', `/clients/${of.clientId}`);
    expect(client.headers.etag).toBe('"1"');
    expect(client.json()).toMatchObject({ clientId: of.clientId, disabled: false, changeRequest: id });
    const entries = await server.app.parts.journal.query({ clientId: of.clientId });
    expect(entries.find(({ type }) => type === 'change.approved')?.detail).toMatchObject({
      way: 'api',
      apiClient: approver.id,
    });
  });

  test('that comes to a relying party says of it what is registered, or is told what that is', async () => {
    await made();
    const of = value();
    const other = { ...of, relyingParty: { ...of.relyingParty, mark: 'ZZ' } };
    const reply = await proposer.call('POST', '/change-requests', {
      body: { kind: 'client', value: other, reason: 'x' },
    });
    expect(reply.status).toBe(400);
    expect(problem(reply).errors).toEqual([
      {
        path: 'body.value.relyingParty.mark',
        message:
          'This relying party is registered with: LA. Who comes to it says the same; a client that it has may change that.',
      },
    ]);
  });

  test('names the revision that was looked at: 428 without it, 412 when it is another', async () => {
    const { id, revision } = await draft();
    const path = `/change-requests/${id}/propose`;
    expect(problem(await proposer.call('POST', path, { body: {} })).code).toBe('admin_api.revision_required');
    const any = await proposer.call('POST', path, { body: {}, headers: { 'if-match': '*' } });
    expect(any.status).toBe(428);
    for (const tag of ['"2"', 'W/"1"', '1', '"1", "2"', '"01"', 'x']) {
      const reply = await proposer.call('POST', path, { body: {}, headers: { 'if-match': tag } });
      expect([tag, reply.status, problem(reply).code]).toEqual([tag, 412, 'admin_api.changed']);
    }
    expect((await proposer.call('GET', `/change-requests/${id}`)).headers.etag).toBe(`"${revision}"`);
  });

  test('is amended, withdrawn, refused and rolled back', async () => {
    const of = value();
    const first = await draft(of);
    const amended = await proposer.call('PUT', `/change-requests/${first.id}`, {
      body: { value: { ...of, purpose: { vi: 'bay', en: 'fly' } }, reason: 'shorter' },
      ifMatch: first.revision,
    });
    expect(amended.json<Change>()).toMatchObject({ revision: 2, reason: 'shorter' });
    const gone = await proposer.call('POST', `/change-requests/${first.id}/withdraw`, { ifMatch: 2 });
    expect(gone.json<Change>().state).toBe('withdrawn');
    const second = await proposed();
    const no = await approver.call('POST', `/change-requests/${second.id}/refuse`, {
      body: { note: 'too early' },
      ifMatch: second.revision,
    });
    expect(no.json<Change>()).toMatchObject({ state: 'refused', note: 'too early' });
    const again = await approver.call('POST', `/change-requests/${second.id}/approve`, { ifMatch: 3 });
    expect([again.status, problem(again).code]).toEqual([409, 'admin_api.not_open']);
    const third = await proposed();
    await approver.call('POST', `/change-requests/${third.id}/approve`, { ifMatch: third.revision });
    const back = await proposer.call('POST', `/change-requests/${third.id}/roll-back`, {
      body: { reason: 'not after all' },
    });
    expect([back.status, back.json<Change>().state]).toEqual([201, 'proposed']);
  });

  test('has versions, differences, and a way back to each; one person stops it, two let it in again', async () => {
    const of = value();
    await made(of);
    await made({ ...of, purpose: { vi: 'bay', en: 'fly' } });
    const path = `/clients/${of.clientId}`;
    const versions = (await proposer.call('GET', `${path}/versions`)).json<{ items: { number: number }[] }>().items;
    expect(versions.map(({ number }) => number)).toEqual([2, 1]);
    const diff = (await proposer.call('GET', `${path}/diff?from=1&to=2`)).json<{ changes: { path: string }[] }>();
    expect(diff.changes.map((one) => one.path).sort()).toEqual(['purpose.en', 'purpose.vi']);
    expect((await proposer.call('GET', `${path}/versions/1`)).json()).toMatchObject({ number: 1 });
    const stale = await proposer.call('POST', `${path}/disable`, { ifMatch: 1 });
    expect(stale.status).toBe(412);
    const stopped = await proposer.call('POST', `${path}/disable`, { ifMatch: 2 });
    expect(stopped.json()).toMatchObject({ number: 3, disabled: true });
    const restored = await proposer.call('POST', `${path}/restore`, { body: { number: 1, reason: 'as it was' } });
    expect([restored.status, restored.json<Change>().state]).toEqual([201, 'proposed']);
    expect((await proposer.call('GET', path)).json()).toMatchObject({ disabled: true });
  });

  test('that has faults says each of them, with its path', async () => {
    const body = { kind: 'client', value: { ...value(), surprise: 1 }, reason: 'x' };
    const reply = await proposer.call('POST', '/change-requests', { body });
    expect(reply.status).toBe(400);
    expect(problem(reply).errors).toContainEqual({ path: 'body.value.surprise', message: 'There is no such member.' });
  });
});

describe('who calls', () => {
  test('is somebody: without a token, with another, with a token for something else 401 says how', async () => {
    for (const token of [undefined, 'x', `${proposer.token}x`, proposer.token.slice(1)]) {
      const reply = await caller(server.issuer, token)('GET', '/clients');
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toContain(`Bearer realm="${server.issuer}/admin/v1"`);
      expect(problem(reply).type).toBe(`${server.issuer}/errors/admin_api.unauthorized`);
    }
    const inQuery = await caller(server.issuer, undefined)('GET', `/clients?access_token=${proposer.token}`);
    expect(inQuery.status).toBe(401);
  });

  test('whose token lacks the role learns which would do', async () => {
    const { id, revision } = await proposed();
    const reply = await proposer.call('POST', `/change-requests/${id}/approve`, { ifMatch: revision });
    expect([reply.status, problem(reply).code]).toEqual([403, 'admin_api.insufficient_scope']);
    expect(reply.headers['www-authenticate']).toBe('Bearer error="insufficient_scope", scope="admin:approver"');
    // As at the console, it stands in the journal who tried what.
    const [event] = await server.app.parts.journal.query({ types: ['operator.refused'], limit: 1 });
    expect(event?.detail).toMatchObject({
      ...{ why: 'permission', route: '/admin/v1/change-requests/{id}/approve', method: 'POST' },
      ...{ way: 'api', apiClient: proposer.id },
    });
    const own = await hire(server, ['rp_admin', 'approver']);
    const both = await program(server, own);
    const mine = await proposed(undefined, both);
    const again = await both.call('POST', `/change-requests/${mine.id}/approve`, { ifMatch: mine.revision });
    expect(problem(again).code).toBe('admin_api.own_proposal');
    const [told] = await server.app.parts.journal.query({ types: ['operator.refused'], limit: 1 });
    expect(told).toMatchObject({
      actor: { kind: 'operator', id: own.operatorId },
      detail: { why: 'own_proposal', change: mine.id, way: 'api', apiClient: both.id },
    });
  });

  test('has the roles that token, program and operator have in common', async () => {
    const both = await hire(server, ['rp_admin', 'approver', 'auditor']);
    const roles = async (one: ApiProgram) => (await one.call('GET', '/self')).json<{ roles: string[] }>().roles;
    expect(await roles(await program(server, both))).toEqual(['rp_admin', 'approver', 'auditor']);
    expect(await roles(await program(server, both, { roles: ['rp_admin', 'auditor'] }))).toEqual([
      'rp_admin',
      'auditor',
    ]);
    const narrow = await program(server, both, { roles: ['rp_admin'], scopes: ['rp_admin', 'approver', 'sysadmin'] });
    expect(await roles(narrow)).toEqual(['rp_admin']);
    const one = await program(server, both, { scopes: ['rp_admin', 'auditor'] });
    await alter(server, both, { roles: ['auditor'] });
    expect(await roles(one)).toEqual(['auditor']);
  });

  test('ends with the person: suspended, and for good when they come back', async () => {
    const leaving = await hire(server, ['rp_admin']);
    const theirs = await program(server, leaving);
    expect((await theirs.call('GET', '/clients')).status).toBe(200);
    await alter(server, leaving, { state: 'suspended' });
    expect((await theirs.call('GET', '/clients')).status).toBe(401);
    await alter(server, leaving, { state: 'active' });
    expect((await theirs.call('GET', '/clients')).status).toBe(401);
  });

  test('sees their own programs and ends them, and nobody else’s', async () => {
    const me = await hire(server, ['auditor']);
    const [one, other] = [await program(server, me), await program(server, me)];
    const ids = async () =>
      (await one.call('GET', '/api-clients')).json<{ items: { id: string; revokedAt?: string }[] }>().items;
    expect((await ids()).map(({ id }) => id).sort()).toEqual([one.id, other.id].sort());
    expect((await one.call('DELETE', `/api-clients/${proposer.id}`)).status).toBe(404);
    expect((await one.call('DELETE', `/api-clients/${other.id}`)).status).toBe(200);
    expect((await other.call('GET', '/self')).status).toBe(401);
    expect((await ids()).find(({ id }) => id === other.id)?.revokedAt).toBeDefined();
    expect((await proposer.call('GET', '/self')).status).toBe(200);
  });
});

test('who guesses whom a change invites has to wait, through whatever client of theirs', async () => {
  const [by, guesser] = [await hire(server, ['sysadmin']), await hire(server, ['approver'])];
  const { approvals } = server.app.parts;
  const made = await approvals.draft({ kind: 'operator', value: anInvitation(), reason: 'a colleague', by });
  if (!made.drafted) throw new Error(JSON.stringify(made));
  const { id, revision } = made.request;
  await approvals.propose(id, { revision, by });
  const clients = [await program(server, guesser), await program(server, guesser)] as const;
  const guess = (n: number, identityNumber: string) =>
    clients[n % 2 === 0 ? 0 : 1].call('POST', `/change-requests/${id}/approve`, {
      ...{ body: { identityNumber }, ifMatch: revision + 1, key: `guess-${n}` },
    });
  for (let n = 0; n < 5; n += 1) expect(problem(await guess(n, `09709000010${n}`)).code).toBe('admin_api.wrong_person');
  const reply = await guess(5, INVITED_NUMBER);
  expect([reply.status, problem(reply).code]).toEqual([429, 'admin_api.approvals_wait']);
  const wait = Number(reply.headers['retry-after']);
  expect(wait > 86_000 && wait <= 86_400).toBe(true);
  expect((await guess(6, INVITED_NUMBER)).status).toBe(429);
  // Somebody else still can; and what was refused for the time being has used up no key.
  const other = await approver.call('POST', `/change-requests/${id}/approve`, {
    ...{ body: { identityNumber: INVITED_NUMBER }, ifMatch: revision + 1 },
  });
  expect(other.status).toBe(200);
  expect(problem(await guess(5, INVITED_NUMBER)).code).toBe('admin_api.not_open');
});

describe('a key that comes twice', () => {
  const body = () => ({ kind: 'client', value: value(), reason: 'once' });
  const count = async (subject: string) =>
    (await proposer.call('GET', `/change-requests?subject=${subject}`)).json<{ items: unknown[] }>().items.length;

  test('with the same request is answered the same, and done once', async () => {
    const asked = body();
    const replies = [];
    for (let index = 0; index < 3; index += 1)
      replies.push(await proposer.call('POST', '/change-requests', { body: asked, key: 'same-1' }));
    expect(
      new Set(replies.map(({ text, status, headers }) => `${status} ${headers.etag} ${headers.location} ${text}`)).size,
    ).toBe(1);
    expect(replies[0]!.status).toBe(201);
    expect(await count(asked.value.clientId)).toBe(1);
  });

  test('at once is done once: the others are told to wait or get the answer', async () => {
    const asked = body();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => proposer.call('POST', '/change-requests', { body: asked, key: 'parallel-1' })),
    );
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect(statuses).toContain(201);
    expect(await count(asked.value.clientId)).toBe(1);
    expect((await proposer.call('POST', '/change-requests', { body: asked, key: 'parallel-1' })).status).toBe(201);
  });

  test('with another request is refused, and of another program is another key', async () => {
    const first = await proposer.call('POST', '/change-requests', { body: body(), key: 'reused-1' });
    const reply = await proposer.call('POST', '/change-requests', { body: body(), key: 'reused-1' });
    expect([first.status, reply.status, problem(reply).code]).toEqual([201, 422, 'admin_api.key_reused']);
    const mine = await program(server, mai);
    expect((await mine.call('POST', '/change-requests', { body: body(), key: 'reused-1' })).status).toBe(201);
  });

  test('with the same request that was refused is refused the same, whatever has become of it since', async () => {
    const of = value();
    await made(of);
    const asked = { kind: 'client', value: of, reason: 'once more' };
    const ask = (key: string, as = proposer) => as.call('POST', '/change-requests', { body: asked, key });
    const first = await ask('refused-1');
    expect([first.status, problem(first).code]).toEqual([409, 'admin_api.same']);
    await made({ ...of, purpose: { vi: 'bay', en: 'fly' } });
    const again = await ask('refused-1');
    const { request_id, ...said } = again.json<Record<string, unknown>>();
    expect([again.status, { ...said, request_id: first.json().request_id }]).toEqual([409, first.json()]);
    expect(request_id).not.toBe(first.json().request_id);
    expect((await ask('refused-2')).status).toBe(201);
    expect((await ask('refused-1', await program(server, mai))).status).toBe(201);
    const other = await proposer.call('POST', '/change-requests', { body: body(), key: 'refused-1' });
    expect([other.status, problem(other).code]).toEqual([422, 'admin_api.key_reused']);
  });

  test('keeps the findings of a test that failed, and a revision that was passed', async () => {
    const { id, revision } = await draft();
    const late = { ifMatch: revision + 1, body: {}, key: 'late-1' };
    const step = `/change-requests/${id}/propose`;
    expect((await proposer.call('POST', step, late)).status).toBe(412);
    const change = { body: { value: value({ clientId: (await draft()).subject as string }), reason: 'x' }, ifMatch: 1 };
    expect((await proposer.call('PUT', `/change-requests/${id}`, { ...change, key: 'late-2' })).status).toBe(412);
    await proposer.call('POST', step, { ifMatch: revision, body: {} });
    // It is at that revision now, and this request was answered before.
    expect((await proposer.call('POST', step, late)).status).toBe(412);
    expect((await proposer.call('POST', step, { ...late, key: 'late-3' })).json().code).toBe('admin_api.not_open');
  });

  test('does not keep who may: with the role it goes on under the same key', async () => {
    const own = await hire(server, ['auditor']);
    await alter(server, own, { roles: ['auditor', 'rp_admin'] });
    const theirs = await program(server, own, { roles: ['auditor', 'rp_admin'] });
    await alter(server, own, { roles: ['auditor'] });
    const asked = { body: body(), key: 'role-1' };
    expect((await theirs.call('POST', '/change-requests', asked)).status).toBe(403);
    await alter(server, own, { roles: ['auditor', 'rp_admin'] });
    expect((await theirs.call('POST', '/change-requests', asked)).status).toBe(201);
  });

  test('of a request with faults is free again', async () => {
    const asked = body();
    const wrong = { ...asked, value: { ...asked.value, surprise: true } };
    expect((await proposer.call('POST', '/change-requests', { body: wrong, key: 'free-1' })).status).toBe(400);
    expect((await proposer.call('POST', '/change-requests', { body: asked, key: 'free-1' })).status).toBe(201);
    expect((await proposer.call('POST', '/change-requests', { body: asked, key: 'ø' })).status).toBe(400);
  });
});

describe('a key whose request was never answered does nothing again, however long ago that was', () => {
  const MINUTE = 61_000;
  const DAY = 86_460_000;
  const ask = () => ({ kind: 'client', value: value(), reason: 'once' });
  /** Acts, and not only what is there now: drafts of one subject could take each other's place. */
  const acts = async (subject: string) =>
    (await server.app.parts.journal.query({ clientId: subject })).filter(({ type }) => type === 'change.drafted')
      .length;
  const later = async <T>(ms: number, then: () => Promise<T>): Promise<T> => {
    ahead = ms;
    try {
      return await then();
    } finally {
      ahead = 0;
    }
  };
  const repeated = (body: unknown, key: string) => proposer.call('POST', '/change-requests', { body, key });

  test('when the answer could not be written', async () => {
    await server.database.execute(sql`
      CREATE FUNCTION answers_fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$`);
    await server.database.execute(sql`
      CREATE TRIGGER answers_fail BEFORE UPDATE OF answer ON operator_api_answers FOR EACH ROW EXECUTE FUNCTION answers_fail()`);
    const body = ask();
    const first = await repeated(body, 'unwritten-1');
    await server.database.execute(sql`DROP FUNCTION answers_fail() CASCADE`);
    expect([first.status, await acts(body.value.clientId)]).toEqual([500, 1]);
    const soon = await repeated(body, 'unwritten-1');
    expect([soon.status, problem(soon).code]).toEqual([409, 'admin_api.key_at_work']);
    for (const age of [MINUTE, DAY]) {
      const reply = await later(age, async () => {
        await server.app.parts.keptAnswers.sweep();
        return repeated(body, 'unwritten-1');
      });
      expect([age, reply.status, problem(reply).code]).toEqual([age, 409, 'admin_api.key_unanswered']);
    }
    expect(await acts(body.value.clientId)).toBe(1);
    expect((await repeated(body, 'unwritten-2')).status).toBe(201);
  });

  test('when the act failed in a way that nobody knows the end of', async () => {
    const body = ask();
    await server.database.execute(sql`
      CREATE FUNCTION drafts_fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$`);
    await server.database.execute(sql`
      CREATE TRIGGER drafts_fail BEFORE INSERT ON change_requests FOR EACH ROW EXECUTE FUNCTION drafts_fail()`);
    const first = await repeated(body, 'fault-1');
    await server.database.execute(sql`DROP FUNCTION drafts_fail() CASCADE`);
    expect([first.status, (await repeated(body, 'fault-1')).status]).toEqual([500, 409]);
    expect((await later(MINUTE, () => repeated(body, 'fault-1'))).json().code).toBe('admin_api.key_unanswered');
    expect(await acts(body.value.clientId)).toBe(0);
  });

  test('when the process died between the act and its answer', { timeout: 60_000 }, async () => {
    const dying = await startCrashing(server.environment);
    try {
      const there = caller(server.issuer, proposer.token, createSend({ via: { [server.issuer]: dying.origin } }));
      // Lived through once, to know which statement writes the answer.
      await dying.arm({ at: 1_000, after: false });
      expect((await there('POST', '/change-requests', { body: ask(), key: 'dying-1' })).status).toBe(201);
      const at = (await dying.statements()).findIndex((text) => text.includes('UPDATE operator_api_answers')) + 1;
      expect(at).toBeGreaterThan(1);
      await dying.arm({ at, after: false });
      const body = ask();
      await expect(there('POST', '/change-requests', { body, key: 'dying-2' })).rejects.toThrow();
      await dying.died;
      expect(await acts(body.value.clientId)).toBe(1);
      const reply = await later(MINUTE, () => repeated(body, 'dying-2'));
      expect([reply.status, problem(reply).code]).toEqual([409, 'admin_api.key_unanswered']);
      expect(await acts(body.value.clientId)).toBe(1);
    } finally {
      await dying.stop();
    }
  });

  test('and of what it was asked only a keyed hash is kept', async () => {
    const body = ask();
    const path = '/admin/v1/change-requests';
    expect((await repeated(body, 'hashed-1')).status).toBe(201);
    const kept = await server.database.row<{ hash: Buffer }>(
      sql`SELECT request_hash AS hash FROM operator_api_answers WHERE client_id = ${proposer.id} AND key = 'hashed-1'`,
    );
    const plain = JSON.stringify(['POST', path, '', JSON.stringify(body)]);
    expect(kept?.hash.equals(createHash('sha256').update(plain).digest())).toBe(false);
  });
});

describe('lists', () => {
  test('go on with a cursor that only this list takes', async () => {
    for (let index = 0; index < 3; index += 1) await draft();
    const seen: string[] = [];
    let cursor = '';
    do {
      const reply = await proposer.call('GET', `/change-requests?limit=2${cursor}`);
      const page = reply.json<{ items: Change[]; next?: string }>();
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next ? `&cursor=${page.next}` : '';
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    const all = (await proposer.call('GET', '/change-requests?limit=100')).json<{ items: Change[] }>().items;
    expect(seen).toEqual(all.map(({ id }) => id));
    const { next } = (await proposer.call('GET', '/change-requests?limit=1')).json<{ next: string }>();
    for (const bad of [
      `/clients?cursor=${next}`,
      '/clients?cursor=x',
      `/change-requests?cursor=${next.slice(0, -2)}`,
    ]) {
      const reply = await proposer.call('GET', bad);
      expect([bad, reply.status, problem(reply).code]).toEqual([bad, 400, 'admin_api.bad_cursor']);
    }
  });

  test('find clients by words, and take no parameter that is not theirs', async () => {
    const of = value();
    await made(of);
    const found = (await proposer.call('GET', `/clients?text=${of.clientId}&environment=production`)).json<{
      items: object[];
    }>();
    expect(found.items).toMatchObject([{ clientId: of.clientId, sector: 'aviation' }]);
    const theirs = await proposer.call('GET', '/clients?relyingParty=lotus-air-real&limit=1');
    expect(theirs.json<{ items: object[] }>().items).toMatchObject([{ relyingParty: 'lotus-air-real' }]);
    const party = await proposer.call('GET', '/relying-parties/lotus-air-real');
    expect(party.json()).toMatchObject({ legalEntity: 'lotus-air-jsc', sector: 'aviation' });
    expect((await proposer.call('GET', '/relying-parties/nobody')).status).toBe(404);
    const reply = await proposer.call('GET', '/clients?limit=0&order=name');
    expect(reply.status).toBe(400);
    expect(
      problem(reply)
        .errors?.map(({ path }) => path)
        .sort(),
    ).toEqual(['query.limit', 'query.order']);
    expect((await proposer.call('GET', '/clients?text=a&text=b')).status).toBe(400);
  });

  test('of keys, operators, offices, the journal and the policy say what their readers may see', async () => {
    const security = await program(server, await hire(server, ['security']));
    const get = async (path: string) => (await security.call('GET', path)).json<{ items: Record<string, unknown>[] }>();
    expect((await get('/keys')).items[0]).toMatchObject({ state: 'current' });
    expect((await get('/offices')).items[0]).toMatchObject({ id: 'vn', kind: 'nation' });
    const [operator] = (await get('/operators')).items;
    expect(Object.keys(operator!).sort()).toEqual(['createdAt', 'email', 'id', 'name', 'office', 'roles', 'state']);
    await server.app.parts.journal.seal();
    const { items } = await get('/journal?limit=5');
    expect(items.length).toBe(5);
    expect((await get(`/journal?type=${items[0]!.type as string}`)).items[0]).toMatchObject({ type: items[0]!.type });
    expect(await get('/journal/state')).toMatchObject({ waiting: expect.any(Number) });
    expect(await get('/assurance-policy')).toMatchObject({ version: expect.any(String) });
    expect((await get('/deliveries')).items).toEqual([]);
    expect((await security.call('GET', '/deliveries/00000000-0000-4000-8000-000000000000')).status).toBe(404);
  });
});

test('what is no operation is a problem too, whatever is accepted', async () => {
  const html = { accept: 'text/html' };
  for (const [method, path, status] of [
    ['GET', '/nothing', 404],
    ['GET', '', 404],
    ['DELETE', '/clients', 405],
    ['PATCH', '/change-requests/x', 405],
  ] as const) {
    const reply = await proposer.call(method, path, { headers: html });
    expect([method, path, reply.status]).toEqual([method, path, status]);
    problem(reply);
  }
  expect((await proposer.call('DELETE', '/clients')).headers.allow).toBe('GET, HEAD');
  const big = await proposer.call('POST', '/change-requests', { body: JSON.stringify({ reason: 'x'.repeat(70_000) }) });
  expect(big.status).toBe(413);
  const deep = await proposer.call('POST', '/change-requests', { body: `${'['.repeat(40)}${']'.repeat(40)}` });
  expect(deep.status).toBe(400);
  const form = await proposer.call('POST', '/change-requests', {
    body: 'a=b',
    headers: { 'content-type': 'text/plain' },
  });
  expect(form.status).toBe(415);
  for (const text of ['\\u0000', '\\ud800']) {
    const body = `{"kind":"client","value":{"a":"${text}"},"reason":"x"}`;
    expect((await proposer.call('POST', '/change-requests', { body })).status).toBe(400);
  }
});
